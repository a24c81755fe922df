//! Codes of complaints that are the decoder's, not the language's.

pub(super) const JSON: &str = "hcldec::json";
pub(super) const DUPLICATE: &str = "hcldec::duplicate";
pub(super) const FILE: &str = "hcldec::file";
pub(super) const LABELS: &str = "hcldec::labels";
pub(super) const MISSING: &str = "hcldec::missing";
pub(super) const SPEC: &str = "hcldec::specification";
pub(super) const UNEXPECTED: &str = "hcldec::unexpected";
pub(super) const VALUE: &str = "hcldec::value";
