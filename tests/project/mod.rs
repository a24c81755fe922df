//! Tests of the room `project`.

mod catalogues;
mod secrets;
