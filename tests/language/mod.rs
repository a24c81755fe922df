//! Tests of the room `language`.

mod broken;
mod project;
mod settings;
mod values;
mod variables;
