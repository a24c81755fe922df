//! Expressions so plain that no parser is needed: literals, names with attributes, lists and objects of these. Three out
//! of four expressions are, and hcl-edit takes tens of thousands of instructions for each.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::lower::Parser;
use super::mask::MOST_KEYS;
use super::scan::{Form, MaskKind};
use super::tree::{Expression, ExpressionKind, Name, ObjectItem, ObjectKey, Step, StepKind, Traversal};
use super::word::{is_word_part, is_word_start, word_end};

/// How deep lists and objects may lie in one another here.
const DEEPEST: usize = 8;
/// Numbers of so many digits are exact whatever reads them.
const MOST_DIGITS: usize = 15;

/// What a plain expression is made of.
pub(super) struct Plain {
    kind: PlainKind,
    range: Range<usize>,
}

enum PlainKind {
    Word,
    Number,
    /// The index of a quoted text.
    Text(usize),
    /// `.name`, and where each ends; the root is before the first.
    Attributes(Vec<Range<usize>>),
    List(Vec<Plain>),
    /// Keys, which are words or texts, and values.
    Object(Vec<(Plain, Plain)>),
}

impl Parser<'_> {
    /// What `start..end` is made of, if it is plain.
    pub(super) fn plain(&self, start: usize, end: usize) -> Option<Plain> {
        let plain = self.plain_item(self.skip_blanks(start, end), end, 0)?;
        (self.skip_blanks(plain.range.end, end) == end).then_some(plain)
    }

    fn skip_blanks(&self, from: usize, end: usize) -> usize {
        let blanks = self.text.as_bytes()[from..end].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
        from + blanks.count()
    }

    fn plain_item(&self, start: usize, end: usize, depth: usize) -> Option<Plain> {
        match self.text.as_bytes()[start..end].first()? {
            b'"' => {
                let mask = self.scan.masks.binary_search_by_key(&start, |mask| mask.start).ok()?;
                let mask = self.scan.masks[mask];
                let MaskKind::Text(index) = mask.kind else { return None };
                let quoted = self.scan.texts[index].form == Form::Quoted && mask.end <= end;
                quoted.then_some(Plain { kind: PlainKind::Text(index), range: start..mask.end })
            }
            b'0'..=b'9' => {
                let digits = self.text[start..end].bytes().take_while(u8::is_ascii_digit).count();
                let fine = digits == 1 || (digits <= MOST_DIGITS && !self.text[start..].starts_with('0'));
                let range = start..start + digits;
                let ends = !self.goes_on(range.end, end);
                (fine && ends).then_some(Plain { kind: PlainKind::Number, range })
            }
            b'[' if depth < DEEPEST => self.plain_list(start, end, depth),
            b'{' if depth < DEEPEST => self.plain_object(start, end, depth),
            _ => self.plain_name(start, end),
        }
    }

    /// Whether a word, a number or a name does not end there.
    fn goes_on(&self, at: usize, end: usize) -> bool {
        self.text[at..end].starts_with(|char| is_word_part(char) || char == '.')
    }

    /// A word of ASCII: others may have to be composed first.
    fn plain_word(&self, start: usize, end: usize) -> Option<Range<usize>> {
        let range = start..word_end(&self.text[..end], start);
        let word = &self.text[range.clone()];
        (word.starts_with(is_word_start) && word.is_ascii()).then_some(range)
    }

    fn plain_name(&self, start: usize, end: usize) -> Option<Plain> {
        let root = self.plain_word(start, end)?;
        let (mut at, mut steps) = (root.end, Vec::new());
        while self.text.as_bytes()[at..end].first() == Some(&b'.') {
            let name = self.plain_word(at + 1, end)?;
            steps.push(at..name.end);
            at = name.end;
        }
        let word = &self.text[root];
        let (keyword, range) = (matches!(word, "null" | "true" | "false"), start..at);
        match steps.is_empty() {
            _ if self.goes_on(at, end) || word == "for" || (keyword && !steps.is_empty()) => None,
            true => Some(Plain { kind: PlainKind::Word, range }),
            false => Some(Plain { kind: PlainKind::Attributes(steps), range }),
        }
    }

    fn plain_list(&self, start: usize, end: usize, depth: usize) -> Option<Plain> {
        let bytes = self.text.as_bytes();
        let (mut at, mut items) = (self.skip_blanks(start + 1, end), Vec::new());
        loop {
            if bytes[at..end].first()? == &b']' {
                return Some(Plain { kind: PlainKind::List(items), range: start..at + 1 });
            }
            let item = self.plain_item(at, end, depth + 1)?;
            at = self.skip_blanks(item.range.end, end);
            items.push(item);
            match bytes[at..end].first()? {
                b',' => at = self.skip_blanks(at + 1, end),
                b']' => {}
                _ => return None,
            }
        }
    }

    fn plain_object(&self, start: usize, end: usize, depth: usize) -> Option<Plain> {
        let bytes = self.text.as_bytes();
        let (mut at, mut items) = (self.skip_blanks(start + 1, end), Vec::new());
        loop {
            if bytes[at..end].first()? == &b'}' {
                let range = start..at + 1;
                return (items.len() <= MOST_KEYS).then_some(Plain { kind: PlainKind::Object(items), range });
            }
            let key = self.plain_key(at, end)?;
            at = self.skip_spaces(key.range.end, end);
            let sign = bytes[at..end].first().filter(|byte| matches!(byte, b'=' | b':'))?;
            if bytes[at + 1..end].first().is_some_and(|next| next == sign || matches!(next, b'=' | b'>')) {
                return None;
            }
            let value = self.plain_item(self.skip_spaces(at + 1, end), end, depth + 1)?;
            at = self.skip_spaces(value.range.end, end);
            items.push((key, value));
            match bytes[at..end].first()? {
                b',' | b'\n' => at = self.skip_blanks(at + 1, end),
                b'}' => {}
                _ => return None,
            }
        }
    }

    fn skip_spaces(&self, from: usize, end: usize) -> usize {
        from + self.text.as_bytes()[from..end].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    fn plain_key(&self, start: usize, end: usize) -> Option<Plain> {
        if self.text.as_bytes()[start..end].first() == Some(&b'"') {
            return self.plain_item(start, end, DEEPEST);
        }
        let range = self.plain_word(start, end)?;
        let word = !self.goes_on(range.end, end) && &self.text[range.clone()] != "for";
        word.then_some(Plain { kind: PlainKind::Word, range })
    }

    /// The expression; nothing where a text in it is wrong, which is then reported.
    pub(super) fn plain_expression(&mut self, plain: &Plain, depth: usize) -> Option<Expression> {
        let word = &self.text[plain.range.clone()];
        let span = self.span_of(&plain.range);
        let kind = match &plain.kind {
            PlainKind::Word => match word {
                "null" => ExpressionKind::Null,
                "true" => ExpressionKind::Bool(true),
                "false" => ExpressionKind::Bool(false),
                name => ExpressionKind::Variable(Arc::from(name)),
            },
            PlainKind::Number => ExpressionKind::Number(Arc::from(word)),
            PlainKind::Text(index) => self.text_expression(*index, depth + 1)?,
            PlainKind::Attributes(steps) => {
                let first = steps.first().map_or(plain.range.end, |step| step.start);
                let root = plain.range.start..first;
                let kind = ExpressionKind::Variable(Arc::from(&self.text[root.clone()]));
                let root = Expression { kind, span: self.span_of(&root) };
                let steps = steps.iter().map(|step| {
                    let name = Arc::from(&self.text[step.start + 1..step.end]);
                    Step { kind: StepKind::Attribute(name), span: self.span_of(step) }
                });
                ExpressionKind::Traversal(Box::new(Traversal { root, steps: steps.collect() }))
            }
            PlainKind::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.plain_expression(item, depth + 1)).collect();
                ExpressionKind::Tuple(items.into_iter().collect::<Option<_>>()?)
            }
            PlainKind::Object(items) => ExpressionKind::Object(self.plain_items(items, depth + 1)?),
        };
        Some(Expression { kind, span })
    }

    fn plain_items(&mut self, plain: &[(Plain, Plain)], depth: usize) -> Option<Vec<ObjectItem>> {
        let mut keys = HashMap::new();
        let mut items = Vec::with_capacity(plain.len());
        for (key, value) in plain {
            let key = match key.kind {
                PlainKind::Word => {
                    let text = Arc::from(&self.text[key.range.clone()]);
                    ObjectKey::Name(Name { text, span: self.span_of(&key.range) })
                }
                _ => ObjectKey::Expression(self.plain_expression(key, depth)?),
            };
            self.note_key(&key, &mut keys);
            items.push(ObjectItem { key, value: self.plain_expression(value, depth)? });
        }
        Some(items)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;
    use crate::source::Sources;

    /// An expression, and what is said about it.
    type Read = (Option<Expression>, String);

    /// The expression as it is read here, and by hcl-edit; `None` where it is not plain.
    fn both_ways(text: &str, bracketed: bool) -> Option<(Read, Read)> {
        let (text, start) = (&format!("v = {text}"), "v = ".len());
        let id = Sources::new().add("a.disco.hcl", text.as_str());
        let (mut here, mut there) =
            (Parser::new(text, id, scan::code(text, id)), Parser::new(text, id, scan::code(text, id)));
        let plain = here.plain(start, text.len())?;
        let plain = here.plain_expression(&plain, 0);
        let parsed = match there.parse_masked(start, text.len(), 0, bracketed) {
            Some(Expression { kind: ExpressionKind::Parenthesis(inner), .. }) => Some(*inner),
            other => other,
        };
        Some(((plain, format!("{:?}", here.diagnostics)), (parsed, format!("{:?}", there.diagnostics))))
    }

    #[test]
    fn what_is_plain_is_read_as_hcl_edit_reads_it() {
        let plain = [
            "null",
            "true",
            "false",
            "x",
            "_a-b",
            "nullable",
            "0",
            "7",
            "123456789012345",
            "\"\"",
            "\"a\"",
            "\"é\\n\\u00e9\"",
            "\"$${a} %%{b} ${c.d} %{ if e }f%{ endif }\"",
            "\"${ [g, \"h\"] }\"",
            "\"\\q\"",
            "a.b",
            "a.b-c.null",
            "in",
            "if.x",
            "[]",
            "[ ]",
            "[1]",
            "[1,]",
            "[a.b, \"c\" ,[true, [null]]]",
            "{}",
            "{ }",
            "{ a = 1 }",
            "{a=1,b:2}",
            "{ a = 1, }",
            "{\n  a = b.c\n\n  \"d-e\" = [1]\n  f = { true = \"g\", null = null }, \"${h}\" = i\n}",
            "{ a = 1, \"a\" = 2, b = \"\\q\" }",
            "{ a = 1\n b = 2 }",
            "[\n  1,\n  \"\\q\",\n]",
        ];
        for text in plain {
            let (here, there) = both_ways(text, false).unwrap_or_else(|| panic!("{text} is not plain"));
            assert_eq!(here, there, "{text}");
            for padded in [format!(" {text} "), format!("\n{text}\t")] {
                let (here, there) = both_ways(&padded, true).unwrap_or_else(|| panic!("{padded} is not plain"));
                assert_eq!(here, there, "{padded}");
            }
        }
    }

    #[test]
    fn all_else_is_left_to_hcl_edit() {
        let others = [
            "",
            "-1",
            "01",
            "00",
            "1.5",
            "1e3",
            "1234567890123456",
            "1_0",
            "1x",
            "a b",
            "a .b",
            "a. b",
            "a.0",
            "a.*",
            "a[0]",
            "a.b[*]",
            "true.a",
            "null.b",
            "é",
            "a.é",
            "aé",
            "f()",
            "f(1)",
            "a::b()",
            "!a",
            "a ? b : c",
            "a == b",
            "(a)",
            "[for]",
            "[for x in y : x]",
            "[a b]",
            "[a",
            "[,]",
            "[1,,]",
            "a # b",
            "[1, # one\n2]",
            "<<E\na\nE\n",
            "\"a\".b",
            "\"a\" \"b\"",
            "a...",
            "[[[[[[[[[1]]]]]]]]]",
            "a\r",
        ];
        for text in others {
            assert!(both_ways(text, false).is_none(), "{text} is plain");
        }
    }
}
