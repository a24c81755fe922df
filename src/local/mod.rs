//! A Heat in this process: the embedded default.
