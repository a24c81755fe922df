//! Reading JSON text without losing a digit of its numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Kind, Number, Value};

/// How many arrays and objects may lie within one another.
const DEEPEST: usize = 100;

/// The value that a JSON text writes: arrays are tuples, objects are objects, the last of several equal keys counts.
/// `Err` says what is wrong and at which byte.
pub fn read_json(text: &str) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() { Err(reader.wrong("nothing more")) } else { Ok(value) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self, expected: &str) -> String {
        match self.rest().chars().next() {
            Some(character) => {
                format!("this is not JSON: expected {expected} at byte {}, found {character:?}", self.at)
            }
            None => format!("this is not JSON: expected {expected}, found its end"),
        }
    }

    fn space(&mut self) {
        self.at += self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.at += token.len();
        }
        there
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err(format!("this JSON has more than {DEEPEST} levels"));
        }
        self.space();
        match self.rest().bytes().next() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Value::string(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("true") => Ok(Value::bool(true)),
            _ if self.take("false") => Ok(Value::bool(false)),
            _ if self.take("null") => Ok(Value::null()),
            _ => Err(self.wrong("a value")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut values = Vec::new();
        self.space();
        if self.take("]") {
            return Ok(Value::tuple(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.space();
            if self.take("]") {
                return Ok(Value::tuple(values));
            }
            if !self.take(",") {
                return Err(self.wrong("`,` or `]`"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        self.space();
        if self.take("}") {
            return Ok(Kind::Object(Arc::new(entries)).into());
        }
        loop {
            self.space();
            if !self.rest().starts_with('"') {
                return Err(self.wrong("a key in quotes"));
            }
            let key = self.string()?;
            self.space();
            if !self.take(":") {
                return Err(self.wrong("`:`"));
            }
            entries.insert(key.into(), self.value(depth + 1)?);
            self.space();
            if self.take("}") {
                return Ok(Kind::Object(Arc::new(entries)).into());
            }
            if !self.take(",") {
                return Err(self.wrong("`,` or `}`"));
            }
        }
    }

    /// A text in quotes: its end is found here, its escapes are left to `serde_json`.
    fn string(&mut self) -> Result<String, String> {
        let mut escaped = false;
        let end = self.rest().bytes().enumerate().skip(1).find(|(_, byte)| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        });
        let Some((end, _)) = end else {
            return Err(format!("this is not JSON: the string that begins at byte {} is not closed", self.at));
        };
        let quoted = &self.rest()[..=end];
        match serde_json::from_str(quoted) {
            Ok(text) => {
                self.at += end + 1;
                Ok(text)
            }
            Err(fault) => Err(format!("this is not JSON: in the string at byte {}: {fault}", self.at)),
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let length = self
            .rest()
            .bytes()
            .take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
            .count();
        let literal = &self.rest()[..length];
        let digits = literal.trim_start_matches('-');
        let odd_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
        let odd_point =
            digits.starts_with('.') || digits.ends_with('.') || digits.contains(".e") || digits.contains(".E");
        match Number::parse(literal).filter(|_| !odd_zero && !odd_point) {
            Some(number) => {
                self.at += length;
                Ok(Value::number(number))
            }
            None => Err(self.wrong("a number")),
        }
    }
}
