//! Values to YAML, as Terraform lays it out: blocks, texts in double quotes, texts of several lines as they are.

use std::fmt::Write as _;

use crate::expression::functions::Fault;
use crate::expression::limit::LONGEST;
use crate::expression::{Kind, Value};

/// How much deeper each level stands.
const STEP: usize = 2;

/// Where lines are folded, at the next space.
const WIDTH: usize = 80;

/// The longest key that stands before its `:` in one line, in bytes.
const LONGEST_KEY: usize = 128;

pub(super) fn yaml(value: &Value) -> Result<String, Fault> {
    let mut writer = Writer { text: String::new(), column: 0, spaced: true, fresh: true };
    writer.node(value, None, false)?;
    let open = value.elements().is_none() && value.entries().is_none() && value.as_str().is_none();
    writer.line(0);
    if open {
        // a bare word could go on: say that it does not
        writer.text.push_str("...\n");
    }
    Ok(writer.text)
}

/// A text in the making, and where its end stands.
struct Writer {
    text: String,
    column: usize,
    /// Whether a space, or nothing, stands before.
    spaced: bool,
    /// Whether nothing but indentation and `-` stands in the line.
    fresh: bool,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    /// Goes on in a line that begins so far from its start.
    fn line(&mut self, indentation: usize) {
        if !self.fresh || self.column > indentation || (self.column == indentation && !self.spaced) {
            self.text.push('\n');
            self.column = 0;
        }
        while self.column < indentation {
            self.put(" ");
        }
        (self.spaced, self.fresh) = (true, true);
    }

    /// A sign after a space; one that leaves the line fresh may be followed by a block.
    fn sign(&mut self, sign: &str, fresh: bool) {
        if !self.spaced {
            self.put(" ");
        }
        self.put(sign);
        self.spaced = false;
        self.fresh &= fresh;
    }

    /// A value within what stands so far from the start of its lines, if it is within anything.
    fn node(&mut self, value: &Value, within: Option<usize>, of_key: bool) -> Result<(), Fault> {
        if self.text.len() > LONGEST {
            return Err(Fault::text_too_long());
        }
        let deeper = within.map_or(0, |indentation| indentation + STEP);
        match (value.entries(), value.elements()) {
            (Some(entries), _) if !entries.is_empty() => {
                for (key, value) in entries {
                    self.line(deeper);
                    if key.len() <= LONGEST_KEY && !key.contains(is_break) {
                        self.quoted(key, None);
                        self.put(":");
                        self.fresh = false;
                    } else {
                        self.sign("?", true);
                        self.string(key, deeper + STEP);
                        self.line(deeper);
                        self.sign(":", true);
                    }
                    self.node(value, Some(deeper), true)?;
                }
            }
            (_, Some(elements)) if !elements.is_empty() => {
                // the dashes stand right below their key
                let deeper = if of_key && !self.fresh { within.unwrap_or(0) } else { deeper };
                for element in elements {
                    self.line(deeper);
                    self.sign("-", true);
                    self.node(element, Some(deeper), false)?;
                }
            }
            (Some(_), _) => self.sign("{}", false),
            (_, Some(_)) => self.sign("[]", false),
            _ => match value.kind() {
                Kind::String(string) => self.string(string, within.map_or(STEP, |indentation| indentation + STEP)),
                Kind::Number(number) => self.sign(&number.to_string(), false),
                Kind::Bool(truth) => self.sign(if *truth { "true" } else { "false" }, false),
                _ => self.sign("null", false),
            },
        }
        Ok(())
    }

    fn string(&mut self, string: &str, indentation: usize) {
        if string.contains('\n') && may_be_literal(string) {
            self.literal(string, indentation);
        } else {
            self.quoted(string, Some(indentation));
        }
    }

    /// Lines as they are, below a `|`.
    fn literal(&mut self, string: &str, indentation: usize) {
        self.sign("|", false);
        if string.starts_with(|first| first == ' ' || is_break(first)) {
            self.put(&STEP.to_string());
        }
        let mut from_end = string.chars().rev();
        match (from_end.next(), from_end.next()) {
            (Some(last), _) if !is_break(last) => self.put("-"),
            (_, Some(before)) if !is_break(before) => {}
            _ => self.put("+"),
        }
        self.text.push('\n');
        self.column = 0;
        (self.spaced, self.fresh) = (true, true);
        for line in string.split_inclusive(is_break) {
            let content = line.trim_end_matches(is_break);
            if !content.is_empty() {
                self.line(indentation);
                self.put(content);
                self.fresh = false;
            }
            if content.len() < line.len() {
                self.text.push_str(&line[content.len()..]);
                self.column = 0;
                self.fresh = true;
            }
        }
    }

    /// In double quotes; long ones are folded where they may be.
    fn quoted(&mut self, string: &str, indentation: Option<usize>) {
        self.sign("\"", false);
        // a reader takes such a mark for one of the file's, so nothing is left as it is then
        let marked = string.starts_with('\u{feff}');
        let mut after_space = false;
        let mut rest = string.chars();
        while let Some(char) = rest.next() {
            let next = rest.clone().next();
            if char == ' ' && !marked {
                let may_fold =
                    !after_space && self.column > WIDTH && rest.as_str().len() + 1 < string.len() && next.is_some();
                match indentation.filter(|_| may_fold) {
                    Some(indentation) => {
                        self.line(indentation);
                        self.put(if next == Some(' ') { "\\" } else { "" });
                    }
                    None => self.put(" "),
                }
                after_space = true;
                continue;
            }
            after_space = false;
            if marked || char == '"' || char == '\\' || is_break(char) || !is_printable(char) {
                self.escaped(char);
            } else {
                self.put(char.encode_utf8(&mut [0; 4]));
            }
        }
        self.put("\"");
        (self.spaced, self.fresh) = (false, false);
    }

    fn escaped(&mut self, char: char) {
        let mut escape = String::from("\\");
        let code = u32::from(char);
        match char {
            '\0' => escape.push('0'),
            '\u{7}' => escape.push('a'),
            '\u{8}' => escape.push('b'),
            '\t' => escape.push('t'),
            '\n' => escape.push('n'),
            '\u{b}' => escape.push('v'),
            '\u{c}' => escape.push('f'),
            '\r' => escape.push('r'),
            '\u{1b}' => escape.push('e'),
            '"' | '\\' => escape.push(char),
            '\u{85}' => escape.push('N'),
            '\u{a0}' => escape.push('_'),
            '\u{2028}' => escape.push('L'),
            '\u{2029}' => escape.push('P'),
            // writing to a text cannot fail
            _ if code <= 0xFF => drop(write!(escape, "x{code:02X}")),
            _ if code <= 0xFFFF => drop(write!(escape, "u{code:04X}")),
            _ => drop(write!(escape, "U{code:08X}")),
        }
        self.put(&escape);
    }
}

fn is_break(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether YAML 1.1 lets it stand unescaped.
fn is_printable(char: char) -> bool {
    matches!(char, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && char != '\u{feff}'
}

/// Whether nothing in a text of several lines needs an escape or would get lost.
fn may_be_literal(string: &str) -> bool {
    string.chars().all(is_printable) && !string.split(is_break).any(|line| line.ends_with(' '))
}
