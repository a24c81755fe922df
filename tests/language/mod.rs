//! Tests of the room `language`.

mod broken;
mod description;
mod project;
mod secrets;
mod settings;
mod values;
mod variables;
