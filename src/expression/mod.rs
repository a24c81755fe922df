//! What expressions mean: values, types, conversions, the lazy evaluator and the functions.
//!
//! A [`Scope`] knows what names mean and evaluates [expressions](crate::syntax::tree::Expression) to [`Value`]s.
//! Three things travel with every value: whether it is known only after apply, whether it is secret, and where it was
//! written. What is wrong is collected in the scope; a value that could not be made absorbs everything made from it, so
//! that one mistake makes one message.

mod at_found;
mod compose;
mod constraint;
mod convert;
mod entries;
mod equal;
mod evaluate;
pub mod functions;
mod hint;
mod items;
mod iterate;
mod json;
mod json_text;
mod library;
mod library_call;
mod limit;
mod needs;
mod number;
mod once;
mod operate;
mod reader;
mod scope;
mod shared;
mod spaces;
mod template_file;
mod template_files;
mod traverse;
mod types;
mod unify;
mod value;
mod words;

pub use constraint::parse_type;
pub use convert::{Mismatch, convert};
pub use equal::{equal, order};
pub use json::{from_json, to_json, write_json};
pub use json_text::read_json;
pub use library::Library;
pub use number::Number;
pub use reader::{FileReader, NoFiles};
pub use scope::Scope;
pub(crate) use shared::SharedValues;
pub(crate) use spaces::{Handed, Spaces};
pub use types::{AttributeType, Type, type_of};
pub use unify::unify;
pub use value::{Kind, Value};
pub use words::{found, kind_of};
