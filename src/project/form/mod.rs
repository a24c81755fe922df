//! A definition as a form: its blocks with a field for each attribute, and changes of fields as changes of the text.
//!
//! The text is the truth. A field that is a plain literal can be changed, and only its own bytes change; one that is an
//! expression is shown as it is written. What the form does not know stays as it is.

mod edit;
mod file;
mod read;
mod written;

pub use edit::{FileChange, FormEdit, FormFault};

use super::Project;
use super::failure::{Failure, FailureKind};

/// What stands in a file of definitions, or in a block, and what else may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormBody {
    /// Which block it is in: its number among the blocks around it, outermost first, as `0.2`; empty for the file.
    pub path: String,
    /// What the block may have, written or not.
    pub fields: Vec<FormField>,
    /// The blocks that are written.
    pub blocks: Vec<FormBlock>,
    /// The blocks that may be added.
    pub addable: Vec<Addable>,
}

/// A block that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormBlock {
    /// `cluster`
    pub word: String,
    /// The names after it.
    pub labels: Vec<String>,
    /// Its first line, from 1.
    pub line: usize,
    /// What it is for, one sentence; empty where the form does not know it.
    pub says: String,
    /// What stands in it; nothing where the form does not know it.
    pub body: FormBody,
}

/// An attribute, or a setting of a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub says: String,
    /// What holds where it is not written, in words; empty where nothing does.
    pub default: String,
    /// Whether it must be written.
    pub required: bool,
    /// What it holds.
    pub kind: FieldKind,
    /// How it is written.
    pub value: FieldValue,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A text; of what form, if not any.
    Text {
        /// `an address`
        form: String,
    },
    /// A whole number.
    Whole {
        /// The smallest.
        least: Option<i64>,
        /// The largest.
        most: Option<i64>,
        /// What is counted.
        unit: String,
    },
    /// A number.
    Number {
        /// What is counted.
        unit: String,
    },
    /// `true` or `false`
    Bool,
    /// One of some words, each with what it means.
    OneOf {
        /// The words.
        words: Vec<(String, String)>,
    },
    /// Texts, one a line.
    Texts {
        /// What each is.
        form: String,
    },
    /// Something that only an expression can say; what, in words.
    Expression {
        /// `an object`
        form: String,
    },
}

/// How a field is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// It is not.
    No,
    /// As a plain value: texts one a line.
    Plain(String),
    /// As something that the form does not change: its text.
    Expression(String),
}

/// A block that may be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addable {
    /// `slaves`
    pub word: String,
    /// What it is for.
    pub says: String,
    /// What stands in quotes after the word.
    pub label: AddableLabel,
}

/// What stands in quotes after a block's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddableLabel {
    /// Nothing.
    None,
    /// This word.
    Fixed {
        /// The word.
        word: String,
    },
    /// A name.
    Name {
        /// Whether there must be one.
        required: bool,
        /// Names that make sense.
        choices: Vec<String>,
    },
}

impl Project {
    /// A text as a form.
    ///
    /// # Errors
    /// A text in which blocks cannot be told from each other.
    pub fn form_of(&self, text: &str) -> Result<FormBody, Failure> {
        let (catalogue, _) = self.frameworks()?;
        read::form(&self.sources, text, &catalogue).ok_or_else(no_blocks)
    }

    /// The text after these changes, one after the other.
    ///
    /// # Errors
    /// A text in which blocks cannot be told from each other; a change that makes no sense, with the field that it is of.
    pub fn form_edited(&self, text: &str, edits: &[FormEdit]) -> Result<Result<String, FormFault>, Failure> {
        let (catalogue, _) = self.frameworks()?;
        edit::all(&self.sources, text, edits, &catalogue).ok_or_else(no_blocks)
    }
}

fn no_blocks() -> Failure {
    Failure::new(
        FailureKind::Definition,
        "this text cannot be shown as a form: its blocks cannot be told from each other",
    )
    .help("mend it as a text first: what is wrong is shown there")
}
