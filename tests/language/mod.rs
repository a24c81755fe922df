//! Tests of the room `language`.

mod broken;
mod description;
mod ipv6;
mod project;
mod refused;
mod secrets;
mod service;
mod settings;
mod values;
mod variables;
