//! Why a state file is refused.

use thiserror::Error;

/// A file that is not a state, or not one that this DISCO may use. Nothing is ever guessed or repaired: a wrong state
/// makes servers twice or forgets them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateFault {
    /// No bytes, or only blanks or zeros, as some file systems leave after a crash.
    #[error("the state file is empty")]
    Empty,
    /// It begins as a state and stops too early, or is damaged inside.
    #[error("the state file is damaged at line {line}, column {column}: {reason}")]
    Torn {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The parser's words.
        reason: String,
    },
    /// Something else.
    #[error("the file is not a state of DISCO: {what}")]
    Foreign {
        /// What it looks like.
        what: String,
    },
    /// Written by a later DISCO.
    #[error(
        "the state has format version {version}, written by DISCO {product}; this DISCO reads up to version {known}"
    )]
    Newer {
        /// Its format version.
        version: u64,
        /// The version of DISCO that wrote it.
        product: String,
        /// The newest format version known here.
        known: u64,
    },
    /// Of the right format, but with a field that this format does not have or a value that it cannot have.
    #[error("the state file does not fit its format at line {line}, column {column}: {reason}")]
    Misfit {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// Every field is right, but together they cannot be true.
    #[error("the state contradicts itself: {what}")]
    Inconsistent {
        /// What cannot be.
        what: String,
    },
}

impl StateFault {
    /// The way out.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Empty | Self::Torn { .. } => {
                "put the last good state back from `.disco/states/` and run `disco plan`: it finds later changes on the cloud by their lineage tag"
            }
            Self::Foreign { .. } => {
                "point `state` in the `disco` block to another file, or move this one away if this project has no clusters"
            }
            Self::Newer { .. } => "upgrade DISCO: an older version would lose what the newer one has recorded",
            Self::Misfit { .. } | Self::Inconsistent { .. } => {
                "the file was changed by hand or by another program: undo that, or put the last good state back from \
                 `.disco/states/`"
            }
        }
    }
}
