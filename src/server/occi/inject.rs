//! The value of `icclab.disco.dependencies.inject`: which frameworks a cluster has.
//!
//! It looks like a dictionary of Python, and the original ran it as a program. Here it is read by a grammar of one line, and
//! whatever else it may be is refused:
//!
//! ```text
//! inject  = "{" [ entry { "," entry } [ "," ] ] "}"
//! entry   = word ":" value
//! word    = quote 1*( a-z / A-Z / 0-9 / "-" / "_" ) quote
//! value   = quote quote / quote "default" quote
//! quote   = "'" / DQUOTE, the same on both sides; blanks may stand between any two of these
//! ```

use crate::catalogue::Catalogue;
use crate::source::did_you_mean;

/// Longer than all frameworks together.
const LONGEST: usize = 4_096;

/// The frameworks that a value names, in order and each once. The sentence says what is wrong.
///
/// # Errors
/// What the grammar does not have; a name that is not a framework's.
pub fn frameworks(text: &str, catalogue: &Catalogue) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for word in words(text)? {
        let known = framework(&word, catalogue)?;
        if !found.contains(&known) {
            found.push(known);
        }
    }
    Ok(found)
}

/// The framework that a word names.
///
/// # Errors
/// There is none.
pub fn framework(word: &str, catalogue: &Catalogue) -> Result<String, String> {
    if let Some(framework) = catalogue.framework(word) {
        return Ok(framework.name.clone());
    }
    let help = did_you_mean(word, catalogue.framework_names()).unwrap_or_default();
    Err(format!("framework `{}` does not exist; {help}", super::rendering::escaped(word)))
}

/// The words of a value.
///
/// # Errors
/// What the grammar does not have.
pub fn words(text: &str) -> Result<Vec<String>, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let mut reader = Reader { rest: text, read: 0 };
    let mut found = Vec::new();
    reader.sign('{')?;
    while !reader.take('}') {
        found.push(reader.entry()?);
        if !reader.take(',') {
            reader.sign('}')?;
            break;
        }
    }
    reader.blanks();
    if reader.rest.is_empty() { Ok(found) } else { Err(reader.expected("nothing after `}`")) }
}

struct Reader<'t> {
    rest: &'t str,
    /// How many characters are read.
    read: usize,
}

impl<'t> Reader<'t> {
    fn blanks(&mut self) {
        while self.step(|sign| matches!(sign, ' ' | '\t')).is_some() {}
    }

    /// Reads a character if it is right.
    fn step(&mut self, right: impl Fn(char) -> bool) -> Option<char> {
        let sign = self.rest.chars().next().filter(|sign| right(*sign))?;
        self.rest = &self.rest[sign.len_utf8()..];
        self.read += 1;
        Some(sign)
    }

    fn take(&mut self, wanted: char) -> bool {
        self.blanks();
        self.step(|sign| sign == wanted).is_some()
    }

    fn sign(&mut self, wanted: char) -> Result<(), String> {
        if self.take(wanted) { Ok(()) } else { Err(self.expected(&format!("`{wanted}`"))) }
    }

    /// `'hadoop': ''`
    fn entry(&mut self) -> Result<String, String> {
        let word = self.quoted("the name of a framework in quotes")?;
        if word.is_empty() {
            return Err(self.expected("a name between the quotes before"));
        }
        self.sign(':')?;
        let value = self.quoted("`''` or `'default'`")?;
        if !matches!(value, "" | "default") {
            return Err(format!("the value of `{word}` is `{value}`, expected `''` or `'default'`"));
        }
        Ok(word.to_owned())
    }

    /// A word in quotes, which may be empty.
    fn quoted(&mut self, what: &str) -> Result<&'t str, String> {
        self.blanks();
        let Some(quote) = self.step(|sign| matches!(sign, '\'' | '"')) else { return Err(self.expected(what)) };
        let begin = self.rest;
        while self.step(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_')).is_some() {}
        let word = &begin[..begin.len() - self.rest.len()];
        if self.step(|sign| sign == quote).is_none() {
            return Err(self.expected(&format!("letters, digits, `-`, `_` and then `{quote}`")));
        }
        Ok(word)
    }

    fn expected(&self, what: &str) -> String {
        let found = match self.rest.chars().next() {
            Some(sign) => format!("`{}`", super::rendering::escaped(&sign.to_string())),
            None => "the end".to_owned(),
        };
        format!("expected {what} at character {}, found {found}", self.read + 1)
    }
}
