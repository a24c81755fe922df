//! Values as words: for a terminal, for JSON. Pure.
