//! `Source -> tree`: HCL's native syntax, parsed by hcl-edit and lowered into a tree of our own.
//!
//! Nothing outside this room names the parser. See [`tree`] for what the rest of the house works on.

pub mod tree;
