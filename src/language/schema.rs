//! What blocks and attributes are, as data: the decoder reads through it, the language reference is written from it.
//!
//! To add an attribute, write one entry in the [`attributes!`] of its block and read it where the block is decoded.
//! The compiler finds an entry that nobody reads.

use std::marker::PhantomData;

use crate::model::Sourced;
use crate::syntax::tree::{self, Body};

/// What may stand in a block.
#[derive(Debug)]
pub struct BlockSchema {
    /// The word that begins it.
    pub word: &'static str,
    /// What to call it in a sentence, such as "a `network` block".
    pub name: &'static str,
    /// The names in quotes after the word.
    pub label: Label,
    /// What it is for, one sentence.
    pub says: &'static str,
    /// Its attributes, those of its own and those that it shares with other blocks.
    pub attributes: &'static [&'static [AttributeSchema]],
    /// The blocks in it.
    pub blocks: &'static [InnerBlock],
}

impl BlockSchema {
    /// Its attributes.
    pub fn attributes(&self) -> impl Iterator<Item = &'static AttributeSchema> {
        self.attributes.iter().copied().flatten()
    }

    /// The block in it that begins with a word and has a label.
    pub fn inner(&self, word: &str, label: Option<&str>) -> Option<&'static BlockSchema> {
        let mut all = self.blocks.iter().map(|inner| inner.schema).filter(|schema| schema.word == word);
        let fits = |schema: &&BlockSchema| match schema.label {
            Label::Word(own) => label.is_none_or(|label| label == own),
            _ => true,
        };
        all.find(fits)
    }

    /// Its head, with an example of a name where it has one: `slaves "name"`.
    pub fn head(&self) -> String {
        match self.label {
            Label::None => self.word.to_owned(),
            Label::Optional(example) | Label::Required(example) => example.to_owned(),
            Label::Word(word) => format!("{} \"{word}\"", self.word),
        }
    }
}

/// A block in a block.
#[derive(Clone, Copy, Debug)]
pub struct InnerBlock {
    /// Which.
    pub schema: &'static BlockSchema,
    /// How often it may stand there.
    pub often: Often,
}

/// How often a block may stand in another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Often {
    /// Exactly once.
    Once,
    /// Once, or not at all.
    AtMostOnce,
    /// As often as one likes.
    Any,
}

/// The name in quotes after a block's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// None.
    None,
    /// One, which may be left out; an example of the block's head.
    Optional(&'static str),
    /// One; an example of the block's head.
    Required(&'static str),
    /// This one word.
    Word(&'static str),
}

/// What an attribute is.
#[derive(Clone, Copy, Debug)]
pub struct AttributeSchema {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What holds where it is not written.
    pub presence: Presence,
    /// What it is for, one sentence.
    pub says: &'static str,
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string; of what form, if not any.
    String(&'static str),
    /// `true` or `false`.
    Bool,
    /// A whole number from `least` to `most`; `unit` is what is counted.
    Whole {
        /// The smallest.
        least: i64,
        /// The largest.
        most: i64,
        /// `nodes`, `GiB`
        unit: &'static str,
    },
    /// One of some words, each with what it means.
    OneOf(&'static [(&'static str, &'static str)]),
    /// A list of strings; of what form, if not any.
    Strings(&'static str),
    /// Something that is not a plain value of one type; in words.
    Other(&'static str),
}

/// Whether an attribute must be written, and what holds where it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must be written; an example of a value.
    Required(&'static str),
    /// It must be written in some cases; an example of a value, and which cases.
    RequiredIf(&'static str, &'static str),
    /// The value, or where it comes from; empty if nothing holds.
    Optional(&'static str),
}

/// An attribute whose value becomes a `T`.
pub(crate) struct Attribute<T> {
    /// What it is.
    pub(crate) schema: AttributeSchema,
    of: PhantomData<fn() -> T>,
}

/// An attribute that is kept as an expression.
pub(crate) enum Unread {}

/// Words that stand for values.
pub(crate) trait Choice: Sized + 'static {
    /// The words, each with what it means.
    const WORDS: &'static [(&'static str, &'static str)];

    /// The value of a word.
    fn of(word: &str) -> Option<Self>;
}

impl<T> Attribute<T> {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { schema: AttributeSchema { name, kind, presence: Presence::Optional(""), says: "" }, of: PhantomData }
    }

    /// It must be written; with an example of a value.
    pub(crate) const fn required(self, example: &'static str) -> Self {
        self.present(Presence::Required(example))
    }

    /// It must be written in these cases.
    pub(crate) const fn required_if(self, case: &'static str, example: &'static str) -> Self {
        self.present(Presence::RequiredIf(example, case))
    }

    /// What holds where it is not written.
    pub(crate) const fn default(self, value: &'static str) -> Self {
        self.present(Presence::Optional(value))
    }

    const fn present(self, presence: Presence) -> Self {
        Self { schema: AttributeSchema { presence, ..self.schema }, of: PhantomData }
    }

    /// What it is for, one sentence.
    pub(crate) const fn says(self, says: &'static str) -> Self {
        Self { schema: AttributeSchema { says, ..self.schema }, of: PhantomData }
    }

    /// Where it is written.
    pub(crate) fn written<'b>(&self, body: &'b Body) -> Option<&'b tree::Attribute> {
        attribute(body, self.schema.name)
    }
}

/// A string; of what form, if not any.
pub(crate) const fn string(name: &'static str, form: &'static str) -> Attribute<String> {
    Attribute::new(name, Kind::String(form))
}

/// `true` or `false`.
pub(crate) const fn boolean(name: &'static str) -> Attribute<bool> {
    Attribute::new(name, Kind::Bool)
}

/// A whole number from `least` to `most`.
pub(crate) const fn whole(name: &'static str, least: i64, most: i64, unit: &'static str) -> Attribute<i64> {
    Attribute::new(name, Kind::Whole { least, most, unit })
}

/// One of some words.
pub(crate) const fn one_of<T: Choice>(name: &'static str) -> Attribute<T> {
    Attribute::new(name, Kind::OneOf(T::WORDS))
}

/// A list of strings; of what form, if not any.
pub(crate) const fn strings(name: &'static str, form: &'static str) -> Attribute<Vec<Sourced<String>>> {
    Attribute::new(name, Kind::Strings(form))
}

/// Anything else; what, in words.
pub(crate) const fn other(name: &'static str, what: &'static str) -> Attribute<Unread> {
    Attribute::new(name, Kind::Other(what))
}

/// Declares the attributes of a block: a struct with a field for each, through which the decoder reads, its value
/// `ALL`, and the `LIST` of them for the block's [`BlockSchema`].
macro_rules! attributes {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $of:ty = $entry:expr,)* }) => {
        $(#[$doc])*
        pub(crate) struct $name {
            $(pub(crate) $field: $crate::language::schema::Attribute<$of>,)*
        }

        impl $name {
            /// All of them, to read through.
            pub(crate) const ALL: Self = Self { $($field: $entry,)* };
            /// All of them, as data.
            pub(crate) const LIST: &'static [$crate::language::schema::AttributeSchema] = &[$(($entry).schema,)*];
        }
    };
}
pub(crate) use attributes;

/// The first attribute of that name.
pub(crate) fn attribute<'b>(body: &'b Body, name: &str) -> Option<&'b tree::Attribute> {
    body.attributes.iter().find(|attribute| &*attribute.name.text == name)
}

/// The first block of that kind.
pub(crate) fn block<'b>(body: &'b Body, kind: &str) -> Option<&'b tree::Block> {
    blocks(body, kind).next()
}

/// All blocks of that kind.
pub(crate) fn blocks<'b>(body: &'b Body, kind: &str) -> impl Iterator<Item = &'b tree::Block> {
    body.blocks.iter().filter(move |block| &*block.kind.text == kind)
}
