//! The command line, as the original reads it.

use clap::{ArgAction, Parser, ValueEnum};

/// Checks HCL files against a specification and prints what they say as JSON.
#[derive(Debug, Parser)]
#[command(name = "hcldec", version, disable_version_flag = true)]
pub(super) struct Options {
    /// File with the specification (required)
    #[arg(short, long, value_name = "FILE")]
    pub(super) spec: Option<String>,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub(super) out: Option<String>,
    /// How complaints are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) diags: Format,
    /// Instead of decoding, list the variables that the input refers to
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set)]
    pub(super) var_refs: bool,
    /// Tell the type of the result beside its value
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set)]
    pub(super) with_type: bool,
    /// Keep properties that are null
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set)]
    pub(super) keep_nulls: bool,
    /// Variables for the input: a JSON object, or a file of attributes
    #[arg(short = 'V', long, value_name = "JSON-OR-FILE")]
    pub(super) vars: Vec<String>,
    /// Show the version
    #[arg(short, long, action = ArgAction::Version)]
    pub(super) version: Option<bool>,
    /// Files to decode; stdin without one. Names that end in `.json` are read as JSON
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<String>,
}

/// How complaints are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Drawn under the lines that are wrong
    Text,
    /// As JSON
    Json,
}
