//! A command as a value: decided by pure functions, run in one place.

use std::fmt;

/// A program and its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    pub program: String,
    pub arguments: Vec<String>,
    /// Variables beside those of this process.
    pub environment: Vec<(String, String)>,
}

impl Command {
    pub(crate) fn new<'a>(program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let arguments = arguments.into_iter().map(str::to_owned).collect();
        Self { program: program.to_owned(), arguments, ..Self::default() }
    }

    /// Adds words.
    pub(crate) fn and<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments.extend(words.into_iter().map(str::to_owned));
        self
    }

    /// Adds an option with its value, as two words.
    pub(crate) fn option(self, name: &str, value: impl fmt::Display) -> Self {
        self.and([name, &value.to_string()])
    }

    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// As it would be typed.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.environment {
            write!(f, "{name}={} ", Word(value))?;
        }
        f.write_str(&self.program)?;
        for word in &self.arguments {
            write!(f, " {}", Word(word))?;
        }
        Ok(())
    }
}

/// A word, in quotes where a shell would split or change it.
struct Word<'a>(&'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |sign: char| sign.is_ascii_alphanumeric() || "-_./:=,+@%".contains(sign);
        if !self.0.is_empty() && self.0.chars().all(plain) {
            return f.write_str(self.0);
        }
        write!(f, "'{}'", self.0.replace('\'', r"'\''"))
    }
}
