//! DISCO's language measured from outside: the example `hcldec` against the answers of HashiCorp's.
//!
//! A case is a specification (`NAME.hcldec`) with an input (`NAME.hcl` or `NAME.hcl.json`), sometimes with arguments of
//! its own (`NAME.args`), and what HashiCorp's decoder said: `NAME.value.json`, or `NAME.complaints` with a line for
//! each. `compare.py` writes and checks these where that decoder is installed, and compares more than can be kept.

mod cases;
mod command;
mod decoder;
