//! Tests of the room `language`.

mod broken;
mod project;
mod secrets;
mod settings;
mod values;
mod variables;
