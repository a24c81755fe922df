//! Tests of the room `plan`.
