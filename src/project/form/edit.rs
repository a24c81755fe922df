//! Changes of a form as changes of the text: only the bytes of what is changed, and lines for what is new.

use std::ops::Range;

use super::read::{Reader, read};
use super::written::expression;
use super::{FieldValue, FormField};
use crate::catalogue::Catalogue;
use crate::language::{BlockSchema, FILE, Label, Often, Presence};
use crate::source::Sources;
use crate::syntax::tree::{Attribute, Block, Body, ExpressionKind};
use crate::syntax::{format, is_name, quoted};

/// Why a field is not changed here.
pub(super) const IS_EXPRESSION: &str = "it is an expression: change it in the text";

/// A change of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormEdit {
    /// A field has another value: that of a plain field; texts one a line.
    Set {
        /// The block that it is in, as the form says.
        path: String,
        /// Its name.
        name: String,
        /// What was typed.
        value: String,
    },
    /// A field is not written any more.
    Unset {
        /// The block that it is in.
        path: String,
        /// Its name.
        name: String,
    },
    /// A block is added, with all that it must have.
    Add {
        /// The block that it goes into.
        path: String,
        /// Its word.
        word: String,
        /// The name after it.
        label: Option<String>,
    },
    /// A block goes, with all that is in it. The numbers of those behind it change.
    Remove {
        /// Which.
        path: String,
    },
    /// A file that a framework writes is another one.
    File {
        /// The framework's block.
        path: String,
        /// The file, as `config` blocks call it.
        file: String,
        /// How.
        change: FileChange,
    },
}

/// How a file differs from what DISCO writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// A key has this value.
    Set {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// A key is not written.
    Remove {
        /// The key.
        key: String,
    },
    /// A key is again what DISCO writes.
    AsWritten {
        /// The key.
        key: String,
    },
    /// The whole file is this, byte for byte.
    Content(String),
    /// It is not given as a whole any more.
    Discarded,
}

/// Why a change makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFault {
    /// The block that it is of.
    pub path: String,
    /// The field that it is of; empty where it is of the block.
    pub name: String,
    /// Why, in words.
    pub says: String,
}

/// A block, by where it stands.
pub(super) struct Here<'b> {
    pub(super) body: &'b Body,
    pub(super) schema: &'static BlockSchema,
    /// The block itself; none for the file.
    pub(super) block: Option<&'b Block>,
}

/// The text after all changes; `None` where its blocks cannot be told from each other. A text that was laid out stays so.
pub(super) fn all(
    sources: &Sources,
    text: &str,
    edits: &[FormEdit],
    catalogue: &Catalogue,
) -> Option<Result<String, FormFault>> {
    let laid_out = format(sources, sources.add("form", text)) == text;
    let mut edited = text.to_owned();
    for edit in edits {
        let (reader, body) = read(sources, &edited, catalogue)?;
        match one(&reader, &edited, &body, edit) {
            Ok(text) => edited = text,
            Err(fault) => return Some(Err(fault)),
        }
    }
    let changes = edited != text;
    Some(Ok(if laid_out && changes { format(sources, sources.add("form", edited)) } else { edited }))
}

fn one(reader: &Reader<'_>, text: &str, file: &Body, edit: &FormEdit) -> Result<String, FormFault> {
    match edit {
        FormEdit::Set { path, name, value } => {
            let here = here(file, path)?;
            let fault = |says: String| FormFault { path: path.clone(), name: name.clone(), says };
            let field = field(reader, &here, name).ok_or_else(|| fault("there is no such field".to_owned()))?;
            let written = here.body.attributes.iter().find(|written| *written.name.text == *field.name);
            if let FieldValue::Expression(_) = field.value {
                return Err(fault(IS_EXPRESSION.to_owned()));
            }
            if field.value == FieldValue::Plain(value.replace('\r', "").trim_matches('\n').to_owned()) {
                return Ok(text.to_owned());
            }
            let numeric = written.is_some_and(|written| matches!(written.value.kind, ExpressionKind::Number(_)));
            let value = expression(&field.kind, value, numeric).map_err(fault)?;
            Ok(match written {
                Some(written) => spliced(text, written.value.span.range(), &value),
                None => with_attribute(text, &here, name, &value),
            })
        }
        FormEdit::Unset { path, name } => {
            let here = here(file, path)?;
            let field = field(reader, &here, name);
            if let Some(FormField { value: FieldValue::Expression(_), .. }) = &field {
                let says = IS_EXPRESSION.to_owned();
                return Err(FormFault { path: path.clone(), name: name.clone(), says });
            }
            // What is written and has nothing in it stays: a form shows it as it shows nothing.
            if field.is_none_or(|field| matches!(field.value, FieldValue::Plain(text) if text.trim().is_empty())) {
                return Ok(text.to_owned());
            }
            let written = here.body.attributes.iter().find(|written| *written.name.text == **name);
            Ok(written.map_or_else(|| text.to_owned(), |written| without(text, written.span.range())))
        }
        FormEdit::Add { path, word, label } => {
            let here = here(file, path)?;
            let fault = |says: String| FormFault { path: path.clone(), name: String::new(), says };
            let label = label.as_deref().map(str::trim).filter(|label| !label.is_empty());
            let schema =
                here.schema.inner(word, label).ok_or_else(|| fault(format!("no `{word}` may be added here")))?;
            let often =
                here.schema.blocks.iter().find(|inner| std::ptr::eq(inner.schema, schema)).map(|inner| inner.often);
            let same = |block: &&Block| {
                let known = here.schema.inner(&block.kind.text, block.labels.first().map(|label| &*label.text));
                known.is_some_and(|known| std::ptr::eq(known, schema))
            };
            let there: Vec<&Block> = here.body.blocks.iter().filter(same).collect();
            if often != Some(Often::Any) && !there.is_empty() {
                return Err(fault(format!("there is a `{word}` already")));
            }
            let label = match (schema.label, label) {
                (Label::Word(word), _) => Some(word),
                (Label::Required(example), None) => return Err(fault(format!("give it a name, as in {example}"))),
                (Label::None, _) => None,
                (_, label) => label,
            };
            if let Some(label) = label {
                if !is_name(label) {
                    return Err(fault(format!(
                        "`{label}` is no name: it begins with a letter, and has letters, digits, - and _"
                    )));
                }
                if there.iter().any(|block| block.labels.first().is_some_and(|own| &*own.text == label)) {
                    return Err(fault(format!("there is a `{word} \"{label}\"` already")));
                }
            }
            Ok(with_block(text, &here, &skeleton(schema, label)))
        }
        FormEdit::Remove { path } => {
            let here = here(file, path)?;
            let Some(block) = here.block else {
                let says = "a file is removed as a whole".to_owned();
                return Err(FormFault { path: path.clone(), name: String::new(), says });
            };
            Ok(without(text, block.span.range()))
        }
        FormEdit::File { path, file: name, change } => super::file::changed(text, file, path, name, change),
    }
}

/// The block at a path.
pub(super) fn here<'b>(file: &'b Body, path: &str) -> Result<Here<'b>, FormFault> {
    let mut here = Here { body: file, schema: &FILE, block: None };
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let block = part.parse().ok().and_then(|at: usize| here.body.blocks.get(at));
        let next = block.and_then(|block| {
            let schema = here.schema.inner(&block.kind.text, block.labels.first().map(|label| &*label.text))?;
            Some(Here { body: &block.body, schema, block: Some(block) })
        });
        here = next.ok_or_else(|| FormFault {
            path: path.to_owned(),
            name: String::new(),
            says: "there is no such block that the form knows".to_owned(),
        })?;
    }
    Ok(here)
}

fn field(reader: &Reader<'_>, here: &Here<'_>, name: &str) -> Option<FormField> {
    let label = here.block.and_then(|block| block.labels.first()).map(|label| &*label.text);
    reader.fields(here.body, here.schema, label).into_iter().find(|field| field.name == name)
}

pub(super) fn spliced(text: &str, range: Range<usize>, new: &str) -> String {
    [&text[..range.start], new, &text[range.end..]].concat()
}

/// Spaces before the first word of the line that a place is in.
pub(super) fn indent(text: &str, at: usize) -> &str {
    let line = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// How the lines of a text end.
pub(super) fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// A block of one line, on several: `head {`, what was in it, `}`.
fn opened(text: &str, here: &Here<'_>) -> Option<(String, usize)> {
    let block = here.block?;
    let inner = here.body.span.range();
    if text[inner.clone()].contains('\n') {
        return None;
    }
    let (end, outer) = (line_end(text), indent(text, block.span.range().start));
    let content = text[inner.clone()].trim();
    let line = if content.is_empty() { String::new() } else { format!("{end}{outer}  {content}") };
    let at = inner.start + line.len();
    Some((spliced(text, inner, &format!("{line}{end}{outer}")), at))
}

/// The text with one more attribute in a block: after the last one.
pub(super) fn with_attribute(text: &str, here: &Here<'_>, name: &str, value: &str) -> String {
    let end = line_end(text);
    let outer = here.block.map_or("", |block| indent(text, block.span.range().start));
    let inner = if here.block.is_some() { format!("{outer}  ") } else { String::new() };
    if let Some((text, at)) = opened(text, here) {
        return spliced(&text, at..at, &format!("{end}{inner}{name} = {value}"));
    }
    let last: Option<&Attribute> = here.body.attributes.iter().max_by_key(|written| written.span.range().end);
    let Some(last) = last else {
        // Behind what stands on the line of the brace: a comment, perhaps.
        let at = line_stop(text, here.body.span.range().start);
        return spliced(text, at..at, &format!("{end}{inner}{name} = {value}"));
    };
    let at = line_stop(text, last.span.range().end);
    let own = indent(text, last.span.range().start);
    spliced(text, at..at, &format!("{end}{own}{name} = {value}"))
}

/// Where the line ends that a place is in, before its line end.
pub(super) fn line_stop(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
    at + line.trim_end_matches('\r').len()
}

/// The text with one more block in a block, or in the file: behind the last thing in it, and a line apart.
pub(super) fn with_block(text: &str, here: &Here<'_>, lines: &[String]) -> String {
    let end = line_end(text);
    let inner = here.block.map_or_else(String::new, |block| format!("{}  ", indent(text, block.span.range().start)));
    let start = here.body.span.range().start;
    let (text, stop) = opened(text, here).unwrap_or_else(|| {
        (text.to_owned(), if here.block.is_some() { here.body.span.range().end } else { text.len() })
    });
    let at = start + text[start..stop].trim_end().len();
    let before = match (at == start, here.block) {
        (true, None) => String::new(),
        (true, Some(_)) => end.to_owned(),
        (false, _) => format!("{end}{end}"),
    };
    let written: Vec<String> =
        lines.iter().map(|line| if line.is_empty() { String::new() } else { format!("{inner}{line}") }).collect();
    let written = format!("{before}{}", written.join(end));
    if here.block.is_some() {
        spliced(&text, at..at, &written)
    } else {
        spliced(&text, at..text.len(), &(written + end))
    }
}

/// The text without what stands there, and without its lines where nothing else is on them.
pub(super) fn without(text: &str, range: Range<usize>) -> String {
    let begin = text[..range.start].rfind('\n').map_or(0, |end| end + 1);
    let stop = text[range.end..].find('\n').map_or(text.len(), |end| range.end + end + 1);
    let alone = text[begin..range.start].trim().is_empty() && text[range.end..stop].trim().is_empty();
    if !alone {
        return spliced(text, range, "");
    }
    // An empty line that stood between it and something else goes with it.
    let (before, rest) = (&text[..begin], &text[stop..]);
    let empty_before =
        before.strip_suffix('\n').map(|before| before.trim_end_matches('\r')).filter(|before| before.ends_with('\n'));
    let empty_behind = rest.find('\n').filter(|end| rest[..*end].trim().is_empty()).map(|end| end + 1);
    let is_last = rest.trim_start().is_empty() || rest.trim_start().starts_with('}');
    let (begin, stop) = match (empty_before, empty_behind) {
        (Some(before), _) if is_last => (before.len(), stop),
        (Some(_), Some(line)) => (begin, stop + line),
        (None, Some(line)) if before.is_empty() || before.trim_end().ends_with('{') => (begin, stop + line),
        _ => (begin, stop),
    };
    spliced(text, begin..stop, "")
}

/// The lines of a new block, with all that it must have.
fn skeleton(schema: &BlockSchema, label: Option<&str>) -> Vec<String> {
    let head = match label {
        Some(label) => format!("{} {}", schema.word, quoted(label)),
        None => schema.word.to_owned(),
    };
    let attributes = schema.attributes().filter_map(|attribute| match attribute.presence {
        Presence::Required(example) => Some(format!("{} = {example}", attribute.name)),
        _ => None,
    });
    let mut inner: Vec<String> = attributes.collect();
    for block in schema.blocks.iter().filter(|block| block.often == Often::Once) {
        if !inner.is_empty() {
            inner.push(String::new());
        }
        inner.extend(skeleton(block.schema, None));
    }
    if inner.is_empty() {
        return vec![format!("{head} {{}}")];
    }
    let lines = inner.into_iter().map(|line| if line.is_empty() { line } else { format!("  {line}") });
    std::iter::once(format!("{head} {{")).chain(lines).chain(["}".to_owned()]).collect()
}
