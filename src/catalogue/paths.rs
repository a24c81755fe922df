//! Paths on nodes.

/// Whether a text is an absolute path that stays where it says.
pub(super) fn is_path(text: &str) -> bool {
    text.len() > 1
        && text.starts_with('/')
        && !text.chars().any(char::is_control)
        && text.split('/').all(|part| part != ".." && part != ".")
}
