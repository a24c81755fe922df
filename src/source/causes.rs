//! What caused an error, and what caused that.

use std::error::Error;

/// An error and its causes as words, outermost first.
pub fn causes(error: &dyn Error) -> Vec<String> {
    let mut words = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        words.push(cause.to_string());
        next = cause.source();
    }
    words
}
