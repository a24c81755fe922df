//! Tests of the room `apply`.
