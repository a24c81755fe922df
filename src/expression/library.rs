//! Functions that another language than DISCO's hands in.

use super::Value;

/// The functions of a language that is not DISCO's own. In a scope that has one, calls mean what it says; DISCO's
/// functions, `try` and `can` too, mean nothing there.
pub trait Library {
    /// The value of a call; `None` where there is no function of that name. An error is a sentence for the user.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>>;
}
