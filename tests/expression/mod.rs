//! Tests of the room `expression`.
