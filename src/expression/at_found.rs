//! Where complaints about values are drawn.

use super::Value;
use crate::source::{Diagnostic, Span};

/// Places of values in complaints.
pub(super) trait AtFound {
    /// At `place`; and where the value came from, if that is elsewhere.
    fn at_found(self, place: Span, value: &Value, text: &str) -> Diagnostic;
}

impl AtFound for Diagnostic {
    fn at_found(self, place: Span, value: &Value, text: &str) -> Diagnostic {
        let here = self.at(place, text);
        match value.origin() {
            Some(origin)
                if origin != place
                    && (origin.source != place.source || origin.end <= place.start || origin.start >= place.end) =>
            {
                here.at(origin, "the value comes from here")
            }
            _ => here,
        }
    }
}
