//! The façade from a terminal: one verb a file.
