//! YAML to values.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde_saphyr::granit_parser::{Event, Options, Parser, Span, StrInput, Tag};

use super::scalar::{Scalar, resolve};
use crate::expression::convert::to_text;
use crate::expression::value::sorted;
use crate::expression::{Kind, Value};

/// How many values a text may stand for, aliases counted each time.
const MOST: usize = 100_000;

/// How many sequences and mappings may lie within one another.
const DEEPEST: usize = 100;

/// The value of a text that is one document.
pub(super) fn yaml(text: &str) -> Result<Value, String> {
    let mut options = Options::default();
    options.block_scalar_eof_without_line_feed = true;
    let mut reader =
        Reader { parser: Parser::new_from_str_with_options(text, options), anchored: BTreeMap::new(), made: 0 };
    match reader.next()? {
        (Event::DocumentStart(..), _) => {}
        (_, place) => return Err(at("it is empty", place)),
    }
    let first = reader.next()?;
    let value = reader.value(first, 0)?;
    match (reader.next()?, reader.next()?) {
        (_, (Event::StreamEnd, _)) => Ok(value),
        (_, (_, place)) => Err(at("it holds more than one document", place)),
    }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// What aliases stand for, and of how many values it is made.
    anchored: BTreeMap<usize, (Value, usize)>,
    /// How many values there are so far.
    made: usize,
}

fn at(reason: impl AsRef<str>, place: Span) -> String {
    format!("{} (line {}, column {})", reason.as_ref(), place.start.line(), place.start.col() + 1)
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), String> {
        loop {
            return match self.parser.next_event() {
                Some(Ok((Event::StreamStart | Event::Comment(..), _))) => continue,
                Some(Ok(event)) => Ok(event),
                Some(Err(fault)) => {
                    let (line, column) = (fault.marker().line(), fault.marker().col() + 1);
                    Err(format!("{} (line {line}, column {column})", fault.info()))
                }
                None => Ok((Event::StreamEnd, Span::default())),
            };
        }
    }

    /// Counts values; an alias stands for many.
    fn count(&mut self, values: usize, place: Span) -> Result<(), String> {
        self.made = self.made.saturating_add(values);
        if self.made > MOST { Err(at(format!("its aliases stand for more than {MOST} values"), place)) } else { Ok(()) }
    }

    fn value(&mut self, (event, place): (Event<'t>, Span), depth: usize) -> Result<Value, String> {
        let before = self.made;
        self.count(1, place)?;
        if depth > DEEPEST {
            return Err(at(format!("it is nested more than {DEEPEST} levels deep"), place));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref().map(written);
                let value = match resolve(&text, style, tag.as_deref()).map_err(|reason| at(reason, place))? {
                    Scalar::Value(value) => value,
                    Scalar::Merge => Value::string("<<"),
                };
                (value, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                plain(tag.as_deref(), "seq", place)?;
                (self.sequence(depth)?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                plain(tag.as_deref(), "map", place)?;
                (self.mapping(depth)?, anchor)
            }
            Event::Alias(anchor) => {
                let Some((value, values)) = self.anchored.get(&anchor).cloned() else {
                    return Err(at("an alias refers to a value that contains it", place));
                };
                self.count(values, place)?;
                (value, 0)
            }
            _ => return Err(at("a value is missing", place)),
        };
        if anchor > 0 {
            self.anchored.insert(anchor, (value.clone(), self.made - before));
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, String> {
        let mut values = Vec::new();
        loop {
            let next = self.next()?;
            if matches!(next.0, Event::SequenceEnd) {
                return Ok(Value::tuple(values));
            }
            values.push(self.value(next, depth + 1)?);
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, String> {
        let mut entries: BTreeMap<Arc<str>, (Value, bool)> = BTreeMap::new();
        loop {
            let (event, place) = self.next()?;
            let key = match event {
                Event::MappingEnd => {
                    let entries = sorted(entries.into_iter().map(|(key, (value, _))| (key, value)));
                    return Ok(Kind::Object(Arc::new(entries)).into());
                }
                Event::Scalar(text, style, _, tag) => {
                    resolve(&text, style, tag.as_deref().map(written).as_deref()).map_err(|reason| at(reason, place))?
                }
                _ => return Err(at("a key must be a string", place)),
            };
            let next = self.next()?;
            let value = self.value(next, depth + 1)?;
            match key {
                Scalar::Merge => {
                    let Some(merged) = value.entries() else {
                        return Err(at("only a mapping can be merged into a mapping", place));
                    };
                    for (key, value) in merged {
                        entries.insert(Arc::clone(key), (value.clone(), false));
                    }
                }
                Scalar::Value(key) if key.is_null() => return Err(at("a key must not be null", place)),
                Scalar::Value(key) => match entries.entry(to_text(&key)?) {
                    Entry::Occupied(taken) if taken.get().1 => {
                        return Err(at(format!("the key {:?} is in a mapping twice", taken.key()), place));
                    }
                    // what was merged before gives way
                    Entry::Occupied(mut merged) => drop(merged.insert((value, true))),
                    Entry::Vacant(free) => drop(free.insert((value, true))),
                },
            }
        }
    }
}

fn written(tag: &Tag) -> String {
    format!("{}{}", tag.handle(), tag.suffix())
}

/// A sequence or mapping may say that it is one, and nothing else.
fn plain(tag: Option<&Tag>, kind: &str, place: Span) -> Result<(), String> {
    match tag.map(written) {
        Some(tag) if tag != format!("tag:yaml.org,2002:{kind}") => {
            Err(at(format!("the tag `{tag}` is not supported"), place))
        }
        _ => Ok(()),
    }
}
