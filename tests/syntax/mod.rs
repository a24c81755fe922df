//! Tests of the room `syntax`.
