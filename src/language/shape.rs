//! What a block may hold, and what to say about anything else in it.

use std::collections::BTreeMap;

use crate::source::{Diagnostic, Diagnostics, Span, similar_word};
use crate::syntax::tree::{Attribute, Block, Body, Name};

/// What was wrong is in the diagnostics already; whoever gets this says nothing more about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reported;

/// A part of a definition, or the fact that its mistakes are reported.
pub(crate) type Decoded<T> = Result<T, Reported>;

/// What may stand in a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'a> {
    /// What to call it in a sentence, such as "a `network` block".
    pub(crate) name: &'a str,
    /// Attributes.
    pub(crate) attributes: &'a [&'a str],
    /// Blocks that may come once.
    pub(crate) single: &'a [&'a str],
    /// Blocks that may come several times.
    pub(crate) several: &'a [&'a str],
}

impl<'a> Shape<'a> {
    fn blocks(&self) -> impl Iterator<Item = &'a str> {
        self.single.iter().chain(self.several).copied()
    }

    fn words(&self) -> impl Iterator<Item = &'a str> {
        self.attributes.iter().copied().chain(self.blocks())
    }

    /// Reports what `body` holds but may not, and what it holds twice.
    pub(crate) fn check(&self, body: &Body, diagnostics: &mut Diagnostics) {
        for attribute in &body.attributes {
            if !self.attributes.contains(&&*attribute.name.text) {
                diagnostics.push(self.unknown_attribute(&attribute.name));
            }
        }
        let mut singles: BTreeMap<&str, &Block> = BTreeMap::new();
        for block in &body.blocks {
            let name = &*block.kind.text;
            if self.single.contains(&name) {
                if let Some(first) = singles.get(name) {
                    diagnostics.push(
                        Diagnostic::error(
                            "disco::duplicate_block",
                            format!("{} has one `{name}` block at most", self.name),
                        )
                        .at(block.head, "a second one")
                        .at(first.head, "the first one")
                        .help("bring what both say into one block"),
                    );
                } else {
                    singles.insert(name, block);
                }
            } else if !self.several.contains(&name) {
                diagnostics.push(self.unknown_block(&block.kind));
            }
        }
    }

    fn unknown_attribute(&self, name: &Name) -> Diagnostic {
        if let Some(later) = still_to_come(name) {
            return later;
        }
        let text = &*name.text;
        if self.blocks().any(|block| block == text) {
            return Diagnostic::error("disco::unknown_attribute", format!("`{text}` is a block, not an attribute"))
                .at(name.span, "written with `=`")
                .help(format!("write `{text} {{ … }}`, without `=`"));
        }
        Diagnostic::error("disco::unknown_attribute", format!("{} has no attribute `{text}`", self.name))
            .at(name.span, "not known here")
            .help(self.suggestion(text))
    }

    fn unknown_block(&self, name: &Name) -> Diagnostic {
        if let Some(later) = still_to_come(name) {
            return later;
        }
        let text = &*name.text;
        if self.attributes.contains(&text) {
            return Diagnostic::error("disco::unknown_block", format!("`{text}` is an attribute, not a block"))
                .at(name.span, "written with `{ }`")
                .help(format!("write `{text} = …`"));
        }
        Diagnostic::error("disco::unknown_block", format!("{} has no block `{text}`", self.name))
            .at(name.span, "not known here")
            .help(self.suggestion(text))
    }

    /// The way out for a word that is not known in this block.
    fn suggestion(&self, word: &str) -> String {
        if let Some((_, home)) = HOMES.iter().find(|(name, _)| *name == word) {
            return format!("`{word}` belongs in {home}");
        }
        if let Some(similar) = similar_word(word, self.words()) {
            return format!("did you mean `{similar}`?");
        }
        let list = |words: Vec<&str>| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let attributes = list(self.attributes.to_vec());
        let blocks = list(self.blocks().collect());
        match (attributes.is_empty(), blocks.is_empty()) {
            (true, true) => "leave it out: nothing can be said here".to_owned(),
            (false, true) => format!("attributes known here: {attributes}"),
            (true, false) => format!("blocks known here: {blocks}"),
            (false, false) => format!("attributes known here: {attributes}; blocks: {blocks}"),
        }
    }
}

/// Where words live that people put elsewhere.
const HOMES: &[(&str, &str)] = &[
    ("flavor", "`master` and `slaves`"),
    ("count", "`master` and `slaves`"),
    ("floating_ip", "`master` and `slaves`"),
    ("anti_affinity", "`master` and `slaves`"),
    ("storage", "`slaves`"),
    ("volume", "`master` and `slaves`"),
    ("image", "`cluster`, `master` and `slaves`"),
    ("ssh_keys", "`cluster`"),
    ("key_pair", "`cluster`"),
    ("network", "`cluster`"),
    ("security", "`cluster`"),
    ("master", "`cluster`"),
    ("slaves", "`cluster`"),
    ("framework", "`cluster`"),
    ("lifecycle", "`cluster`"),
    ("cidr", "`network`"),
    ("external_network", "`network`"),
    ("dns_nameservers", "`network`"),
    ("existing", "`network`"),
    ("subnet", "`network`"),
    ("addresses", "`network`"),
    ("allow", "`security`"),
    ("from", "an `allow` block in `security`"),
    ("ports", "an `allow` block in `security`"),
    ("protocol", "an `allow` block in `security`"),
    ("size", "`volume`"),
    ("mount", "`volume`"),
    ("config", "`framework`"),
    ("replication", "`framework`"),
    ("content", "`config`"),
    ("prevent_destroy", "`lifecycle`"),
    ("on_failure", "`lifecycle`"),
    ("timeout", "`lifecycle`"),
    ("state", "`disco`"),
    ("required_version", "`disco`"),
    ("catalogues", "`disco`"),
    ("validation", "`variable`"),
    ("default", "`variable`"),
    ("nullable", "`variable`"),
    ("cluster", "the file itself, outside of any block"),
    ("variable", "the file itself, outside of any block"),
    ("locals", "the file itself, outside of any block"),
    ("output", "the file itself, outside of any block"),
    ("provider", "the file itself, outside of any block"),
];

/// What the language will have one day; said plainly instead of "unknown".
const STILL_TO_COME: &[(&str, &str)] = &[
    ("module", "write its clusters out in this project"),
    ("moved", "renaming without replacing is not possible yet: keep the old name"),
    ("removed", "a cluster whose block is gone is destroyed; `prevent_destroy` keeps that from happening"),
    ("import", "only what DISCO made can be managed yet"),
    ("check", "use a `validation` block of a variable"),
    ("precondition", "use a `validation` block of a variable"),
    ("postcondition", "use a `validation` block of a variable"),
    ("dynamic", "write the blocks out"),
    ("for_each", "write one block for each"),
    ("enabled", "remove the block, or set `count = 0` on a group of slaves"),
];

/// The message about a word that a later version will know.
fn still_to_come(name: &Name) -> Option<Diagnostic> {
    let (word, instead) = STILL_TO_COME.iter().find(|(word, _)| *word == &*name.text)?;
    Some(
        Diagnostic::error("disco::not_in_this_version", format!("`{word}` is not in this version of DISCO"))
            .at(name.span, "will come with a later one")
            .help(*instead),
    )
}

/// The first attribute of that name.
pub(crate) fn attribute<'a>(body: &'a Body, name: &str) -> Option<&'a Attribute> {
    body.attributes.iter().find(|attribute| &*attribute.name.text == name)
}

/// The first block of that kind.
pub(crate) fn block<'a>(body: &'a Body, kind: &str) -> Option<&'a Block> {
    blocks(body, kind).next()
}

/// All blocks of that kind.
pub(crate) fn blocks<'a>(body: &'a Body, kind: &str) -> impl Iterator<Item = &'a Block> {
    body.blocks.iter().filter(move |block| &*block.kind.text == kind)
}

/// Reports labels that are missing or too many; the labels there are up to `most`.
pub(crate) fn labels<'a>(
    block: &'a Block,
    least: usize,
    most: usize,
    example: &str,
    diagnostics: &mut Diagnostics,
) -> Decoded<&'a [Name]> {
    let kind = &block.kind.text;
    if block.labels.len() < least {
        diagnostics.push(
            Diagnostic::error("disco::missing_label", format!("this `{kind}` block has no name"))
                .at(block.kind.span, "a name in quotes is missing after this word")
                .help(format!("write `{example} {{ … }}`")),
        );
        return Err(Reported);
    }
    if let Some(extra) = block.labels.get(most) {
        let rule = if most == 0 { "takes no name" } else { "takes one name" };
        diagnostics.push(
            Diagnostic::error("disco::extra_label", format!("a `{kind}` block {rule}"))
                .at(extra.span, "too much")
                .help(format!("write `{example} {{ … }}`")),
        );
    }
    Ok(&block.labels[..block.labels.len().min(most)])
}

/// Reports a name that is not `[a-z][a-z0-9-]*`.
pub(crate) fn plain_name(name: &Name, what: &str, diagnostics: &mut Diagnostics) -> Decoded<String> {
    let text = &*name.text;
    let mut letters = text.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_lowercase());
    if starts && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-') {
        return Ok(text.to_owned());
    }
    let mut repaired: String = text
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_lowercase() || letter.is_ascii_digit() { letter } else { '-' })
        .skip_while(|letter| !letter.is_ascii_lowercase())
        .collect();
    repaired.truncate(repaired.trim_end_matches('-').len());
    let rule = "small letters a–z, digits and dashes, beginning with a letter";
    if !text.starts_with(char::is_alphabetic) {
        repaired.clear();
    }
    let help = if repaired.is_empty() { rule.to_owned() } else { format!("{rule}: `{repaired}`, for instance") };
    diagnostics.push(
        Diagnostic::error("disco::invalid_name", format!("`{}` cannot be the name of {what}", beginning(text)))
            .at(name.span, "not a name that a machine can have")
            .help(help),
    );
    Err(Reported)
}

/// So much of a word that was meant to be a name as a message may quote: a heredoc that is not closed may have
/// swallowed the rest of the file.
fn beginning(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(60).collect();
    if short.len() < text.trim_end().len() { format!("{short}…") } else { short }
}

/// Reports a name that expressions could not refer to.
pub(crate) fn identifier(name: &Name, what: &str, diagnostics: &mut Diagnostics) -> Decoded<String> {
    let text = &*name.text;
    let mut letters = text.chars();
    let starts = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if starts && letters.all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-') {
        return Ok(text.to_owned());
    }
    diagnostics.push(
        Diagnostic::error("disco::invalid_name", format!("`{}` cannot be the name of {what}", beginning(text)))
            .at(name.span, "expressions could not refer to it")
            .help("letters, digits, `_` and `-`, beginning with a letter or `_`"),
    );
    Err(Reported)
}

/// The message about a name that is given twice.
pub(crate) fn duplicate(what: &str, name: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::error("disco::duplicate_name", format!("there are two {what}s named `{name}`"))
        .at(again, "the second one")
        .at(first, "the first one")
        .help("give one of them another name, or remove it")
}
