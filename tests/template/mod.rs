//! Tests of the room `template`.
