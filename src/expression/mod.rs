//! What expressions mean: values, types, conversions, the lazy evaluator and the functions.

mod value;

pub use value::{AttributeType, Kind, Number, Type, Value};
