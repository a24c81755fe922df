//! Patterns in RE2's syntax, which is Terraform's, written in the small syntax of the crate `regex-lite`.
//!
//! What RE2 has beyond it: kinds of characters (`\pL`, `\p{Greek}`), letters of either case in all scripts, `\Q…\E`,
//! octal escapes, groups of any name, also twice; `{` and `]` alone, `[a&&b]` and `[[a]` mean what they say. What it
//! does not have: a repetition of a repetition, more than a thousand of one. Neither has look-around or
//! back-references: time grows with the text only.

mod class;
mod set;

use set::{Set, cases};

/// Most repetitions that a pattern may ask for.
const MOST: u32 = 1000;

/// A pattern for the crate `regex-lite`, with the name, if any, of each of its groups: they have none in the pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) pattern: String,
    pub(super) names: Vec<Option<String>>,
}

/// Why a text is no pattern, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }
}

pub(super) fn translate(pattern: &str) -> Result<Translated, Wrong> {
    let mut translation = Translation {
        rest: pattern,
        done: String::new(),
        names: Vec::new(),
        open: Vec::new(),
        cases: false,
        last: Last::Nothing,
    };
    while translation.step()? {}
    if !translation.open.is_empty() {
        return Err(Wrong::new("a group is not closed").help("write `)` at its end, or `\\\\(` for a parenthesis"));
    }
    Ok(Translated { pattern: translation.done, names: translation.names })
}

/// What a repetition would repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Atom,
    Repetition,
}

struct Translation<'p> {
    rest: &'p str,
    done: String,
    names: Vec<Option<String>>,
    /// Of each open group, whether case mattered before it.
    open: Vec<bool>,
    /// Whether case does not matter: `(?i)`.
    cases: bool,
    last: Last,
}

impl<'p> Translation<'p> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    /// Whether that comes next; it is then read.
    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What comes before a token, both of which are then read.
    fn until(&mut self, token: &str) -> Option<&'p str> {
        let (before, rest) = self.rest.split_once(token)?;
        self.rest = rest;
        Some(before)
    }

    fn atom(&mut self, written: &str) {
        self.done.push_str(written);
        self.last = Last::Atom;
    }

    /// A character that stands for itself, and for others where case does not matter.
    fn literal(&mut self, char: char) {
        match cases(char).as_slice() {
            all @ [_, _, ..] if self.cases => {
                let runs: Vec<(char, char)> = all.iter().map(|char| (*char, *char)).collect();
                self.atom(&Set::of(&runs).written());
            }
            _ => self.atom(&literal(char)),
        }
    }

    /// Characters in a class, without regard to case where it does not matter; or all but them.
    fn chosen(&self, set: Set, without: bool) -> Set {
        let set = if self.cases { set.with_cases() } else { set };
        if without { set.without() } else { set }
    }

    /// Whether there was something left.
    fn step(&mut self) -> Result<bool, Wrong> {
        let before = self.rest;
        let Some(next) = self.next() else { return Ok(false) };
        match next {
            '(' => self.group()?,
            ')' if self.open.is_empty() => {
                return Err(Wrong::new("a `)` closes nothing").help("`\\\\)` stands for a parenthesis"));
            }
            ')' => {
                self.cases = self.open.pop().unwrap_or_default();
                self.atom(")");
            }
            '|' => {
                self.done.push('|');
                self.last = Last::Nothing;
            }
            '[' => {
                let class = self.class()?;
                self.atom(&class.written());
            }
            '.' | '^' | '$' => self.atom(next.encode_utf8(&mut [0; 4])),
            '*' | '+' | '?' => self.repetition(next.encode_utf8(&mut [0; 4]))?,
            '{' => match self.count()? {
                Some(count) => self.repetition(&count)?,
                None => self.literal('{'),
            },
            '\\' => self.escape()?,
            other => self.literal(other),
        }
        debug_assert!(self.rest.len() < before.len(), "each step reads something");
        Ok(true)
    }

    fn group(&mut self) -> Result<(), Wrong> {
        self.last = Last::Nothing;
        if !self.take("?") {
            self.names.push(None);
            self.done.push('(');
            self.open.push(self.cases);
            return Ok(());
        }
        if ["=", "!", "<=", "<!"].iter().any(|around| self.rest.starts_with(around)) {
            let wrong = Wrong::new("patterns cannot look ahead or behind");
            return Err(wrong.help("capture what is wanted in a group: (…)"));
        }
        if self.take("P<") || self.take("<") {
            let name = self.until(">").unwrap_or_default();
            if name.is_empty() || !name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') {
                return Err(Wrong::new("a group's name is letters, digits and `_`: (?P<name>…)"));
            }
            self.names.push(Some(name.to_owned()));
            self.done.push('(');
            self.open.push(self.cases);
            return Ok(());
        }
        let end = self.rest.find([':', ')']).unwrap_or(self.rest.len());
        let flags = &self.rest[..end];
        let (on, off) = flags.split_once('-').unwrap_or((flags, "i"));
        if end == self.rest.len() || off.is_empty() || !on.chars().chain(off.chars()).all(|flag| "imsU".contains(flag))
        {
            let wrong = Wrong::new(format!(
                "group `(?{}` does not exist",
                self.rest.chars().take(end.min(8) + 1).collect::<String>()
            ));
            return Err(wrong.help("use (…), (?:…), (?P<name>…), or (?i), (?m), (?s), (?U) for flags"));
        }
        let written = |wanted: &dyn Fn(char) -> bool| "msU".chars().filter(|flag| wanted(*flag)).collect::<String>();
        let off = if flags.contains('-') { off } else { "" };
        if self.rest[end..].starts_with(':') {
            self.open.push(self.cases);
        }
        self.cases = !off.contains('i') && (on.contains('i') || self.cases);
        let off = written(&|flag| off.contains(flag));
        let on = written(&|flag| on.contains(flag) && !off.contains(flag));
        let close = &self.rest[end..=end];
        let minus = if off.is_empty() { "" } else { "-" };
        // `(?i)` and its like may have nothing left to set
        let empty = on.is_empty() && off.is_empty() && close == ")";
        self.done.extend([if empty { "(?:" } else { "(?" }, &on, minus, &off, close]);
        self.rest = &self.rest[end + 1..];
        Ok(())
    }

    fn repetition(&mut self, operator: &str) -> Result<(), Wrong> {
        match self.last {
            Last::Nothing => {
                let wrong = Wrong::new(format!("there is nothing before `{operator}` to repeat"));
                return Err(wrong.help("write a backslash before it for the character itself: \"\\\\*\""));
            }
            Last::Repetition => {
                let wrong = Wrong::new(format!("`{operator}` repeats a repetition"));
                return Err(wrong.help("put what is to be repeated into a group: (?:…)"));
            }
            Last::Atom => {}
        }
        self.done.push_str(operator);
        if self.take("?") {
            self.done.push('?');
        }
        self.last = Last::Repetition;
        Ok(())
    }

    /// After `{`: the rest of `{2}`, `{2,}` or `{2,3}`, with the `{`; nothing if it is none of them.
    fn count(&mut self) -> Result<Option<String>, Wrong> {
        let Some((inside, rest)) = self.rest.split_once('}') else { return Ok(None) };
        let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
        let plain = |number: &str| {
            !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
                && (number.len() == 1 || !number.starts_with('0'))
        };
        if !plain(least) || !(most.is_empty() || plain(most)) {
            return Ok(None);
        }
        let number = |text: &str| text.parse().unwrap_or(u32::MAX);
        let (lowest, highest) = (number(least), if most.is_empty() { number(least) } else { number(most) });
        if lowest > highest || highest > MOST {
            return Err(Wrong::new(format!("`{{{inside}}}` is not a number of repetitions"))
                .help("write the smaller number first; up to 1000 are allowed"));
        }
        self.rest = rest;
        Ok(Some(format!("{{{inside}}}")))
    }

    /// After a backslash.
    fn escape(&mut self) -> Result<(), Wrong> {
        if self.take("Q") {
            let text = self.until("\\E").unwrap_or_else(|| std::mem::take(&mut self.rest));
            text.chars().for_each(|char| self.literal(char));
            return Ok(());
        }
        if let Some(set) = self.set()? {
            self.atom(&set.written());
            return Ok(());
        }
        for place in ["\\A", "\\z", "\\b", "\\B"] {
            if self.take(&place[1..]) {
                self.atom(place);
                return Ok(());
            }
        }
        let char = self.character()?;
        self.literal(char);
        Ok(())
    }
}

/// A character of a regular expression that means nothing but itself.
pub(in super::super) fn literal(char: char) -> String {
    if char.is_ascii() && !char.is_ascii_alphanumeric() {
        format!("\\x{:02X}", u32::from(char))
    } else {
        char.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn what_differs_is_translated() {
        for (pattern, translated) in [
            (r"a.b*?|^c$", r"a.b*?|^c$"),
            (r"\d\D", r"[\x{30}-\x{39}][\x{0}-\x{2F}\x{3A}-\x{D7FF}\x{E000}-\x{10FFFF}]"),
            (r"\Qa.b\E+", r"a\x2Eb+"),
            ("x{2,3}{", r"x{2,3}\x7B"),
            ("x{,3}", r"x\x7B\x2C3\x7D"),
            ("[]a&&b-]", r"[\x{26}-\x{26}\x{2D}-\x{2D}\x{5D}-\x{5D}\x{61}-\x{62}]"),
            (r"(?P<1a>x)(?<b>y)(z)", "(x)(y)(z)"),
            (r"(?i)k(?-i:k)é", r"(?:)[\x{4B}-\x{4B}\x{6B}-\x{6B}\x{212A}-\x{212A}](?:k)[\x{C9}-\x{C9}\x{E9}-\x{E9}]"),
            (r"((?i)a)a", r"((?:)[\x{41}-\x{41}\x{61}-\x{61}])a"),
            (r"(?is-m:1)(?U)\101\x41\x{e9}", r"(?s-m:1)(?U)AAé"),
            (r"\b\B\A\z", r"\b\B\A\z"),
        ] {
            let found = translate(pattern).map(|translated| translated.pattern);
            assert_eq!(found.as_deref(), Ok(translated), "{pattern}");
        }
        let names = translate("(?P<1a>x)(?<b>y)(z)").map(|translated| translated.names);
        assert_eq!(names, Ok(vec![Some("1a".to_owned()), Some("b".to_owned()), None]));
    }
}
