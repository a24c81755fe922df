//! Texts out of other texts.

use std::ops::Range;

use serde_json::{Map, Number, Value as Json};

use super::random::Random;

/// What means something in HCL.
const TOKENS: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\"",
    "\\",
    "\\\"",
    "\\u00e9",
    "\\U0001F418",
    "\\n",
    "${",
    "%{",
    "$${",
    "%%{",
    "${~",
    "~}",
    "%{ if true }",
    "%{ else }",
    "%{ endif }",
    "%{ for x in [1, 2] }",
    "%{ endfor }",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "()",
    "[]",
    "{}",
    "[*]",
    ".*",
    ".",
    "..",
    "...",
    ",",
    ":",
    "::",
    "?",
    "=",
    "==",
    "!=",
    "=>",
    "<=",
    ">=",
    "<",
    ">",
    "&&",
    "||",
    "!",
    "+",
    "-",
    "*",
    "/",
    "%",
    "#",
    "//",
    "/*",
    "*/",
    "<<E\n",
    "<<-E\n",
    "\nE\n",
    "E",
    "~",
    "'",
    "“",
    "`",
    ";",
    "@",
    "&",
    "|",
    "\u{feff}",
    "\u{0}",
    "é",
    "e\u{301}",
    "\u{2028}",
    "\u{a0}",
    "🐘",
    "0",
    "1",
    "-1",
    "007",
    "1e9",
    "1e-9",
    "1e400",
    "0.1",
    "0x1f",
    "99999999999999999999",
    "null",
    "true",
    "false",
    "for",
    "for x in ",
    "for k, v in ",
    " in ",
    " if ",
    "a",
    "each.key",
    "each.value",
    "count.index",
    "var.",
    "local.",
    "local.a",
    "cluster.lab",
    "path.project",
    "module.m",
    "self",
    "try(",
    "can(",
    "length(",
    "sensitive(",
    "jsonencode(",
    "flatten(",
    "merge(",
    "format(\"%5d\", ",
    "range(",
    "cidrsubnet(",
    "templatefile(",
    "a {\n",
    "b \"c\" {\n",
    "locals {\n",
    "variable \"v\" {\n",
    "dynamic \"d\" {\n",
    "for_each = ",
    "x = 1\n",
];

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e18",
    "1e400",
    "0.5",
    "1e-400",
];

/// At most as long: what is larger is slow and says nothing more.
const LONGEST: usize = 6_000;

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A place in a text, mostly where something begins or ends.
fn place(text: &str, random: &mut Random) -> usize {
    let at = floor(text, random.below(text.len() + 1));
    if random.once_in(4) {
        return at;
    }
    let kind = |char: char| (char.is_alphanumeric() || char == '_', char.is_whitespace());
    let mut before = text[..at].chars().next_back().map(kind);
    for (offset, char) in text[at..].char_indices() {
        if before != Some(kind(char)) || !kind(char).0 {
            return at + offset;
        }
        before = Some(kind(char));
    }
    text.len()
}

fn range(text: &str, random: &mut Random) -> Range<usize> {
    let from = place(text, random);
    let near = [4, 20, 80, 400][random.below(4)];
    let to = floor(text, (from + random.below(near)).min(text.len()));
    from..to.max(from)
}

/// Some whole lines of a text.
pub(super) fn window(text: &str, random: &mut Random) -> String {
    if text.len() < LONGEST && !random.once_in(4) {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let from = random.below(lines.len());
    let mut window = String::new();
    for line in lines.iter().skip(from).take(1 + random.below(60)) {
        window.push_str(line);
        if window.len() > LONGEST {
            break;
        }
    }
    window.truncate(floor(&window, LONGEST));
    window
}

/// A text, changed in one place or several; pieces come from `others`, too.
pub(super) fn changed(mut text: String, others: &[String], random: &mut Random) -> String {
    let changes = 1 + [0, 0, 1, 2, 4, 8][random.below(6)];
    for _ in 0..changes {
        change(&mut text, others, random);
        text.truncate(floor(&text, LONGEST * 2));
    }
    text
}

fn change(text: &mut String, others: &[String], random: &mut Random) {
    let here = range(text, random);
    match random.below(12) {
        0 | 1 => text.replace_range(here, ""),
        2 | 3 => {
            let at = here.start;
            text.insert_str(at, random.pick(TOKENS));
        }
        4 => text.replace_range(here, random.pick(TOKENS)),
        5 => {
            let piece = text[here].to_owned();
            let at = place(text, random);
            text.insert_str(at, &piece);
        }
        6 => {
            let other = random.one(others);
            let there = range(other, random);
            text.replace_range(here, &other[there]);
        }
        7 => {
            let (open, close) = *random.one(&[
                ("(", ")"),
                ("[", "]"),
                ("{", "}"),
                ("\"", "\""),
                ("\"${", "}\""),
                ("${", "}"),
                ("/*", "*/"),
                ("[for x in ", " : x]"),
                ("{for k, v in ", " : k => v}"),
                ("try(", ")"),
                ("a {\n", "\n}\n"),
                ("<<E\n", "\nE\n"),
            ]);
            text.insert_str(here.end, close);
            text.insert_str(here.start, open);
        }
        8 => {
            // Many of one kind: what is deep, and what grows faster than it should.
            let token = random.pick(TOKENS);
            let times = [3, 20, 150, 600][random.below(4)];
            text.insert_str(here.start, &token.repeat(times));
        }
        9 => {
            let digits: Vec<usize> = text.match_indices(|char: char| char.is_ascii_digit()).map(|(at, _)| at).collect();
            if let Some(&at) = digits.get(random.below(digits.len())) {
                let end = text[at..].find(|char: char| !char.is_ascii_digit()).map_or(text.len(), |length| at + length);
                text.replace_range(at..end, random.pick(NUMBERS));
            }
        }
        10 => {
            let words: Vec<&str> = text.split(|char: char| !char.is_alphanumeric() && char != '_').collect();
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            if !words.is_empty() {
                let (old, new) = (random.pick(&words).to_owned(), random.pick(&words).to_owned());
                *text = if random.once_in(3) { text.replace(&old, &new) } else { text.replacen(&old, &new, 1) };
            }
        }
        _ => match random.below(4) {
            0 => text.truncate(here.start),
            1 => text.replace_range(..here.start, ""),
            2 => *text = text.replace('\n', "\r\n"),
            _ => *text = text.replacen('\n', "", 1 + random.below(5)),
        },
    }
}

/// A JSON text that nearly says what `value` says.
pub(super) fn changed_json(value: &Json, random: &mut Random) -> Vec<u8> {
    let mut changed = value.clone();
    let whole = value.clone();
    for _ in 0..=[0, 0, 1, 3][random.below(4)] {
        let piece = some_value(&whole, random);
        change_json(&mut changed, piece, random);
    }
    let text = if random.once_in(2) {
        serde_json::to_string(&changed).unwrap()
    } else {
        serde_json::to_string_pretty(&changed).unwrap()
    };
    let mut bytes = text.into_bytes();
    if random.once_in(4) {
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, *random.one(b"{}[]\",:0-e\\\0\xff tn")),
                2 => drop(bytes.drain(at..(at + random.below(40)).min(bytes.len()))),
                _ => bytes[at] ^= 1 << random.below(8),
            }
            if bytes.is_empty() {
                break;
            }
        }
    }
    bytes
}

/// Something that stands somewhere in it, or something odd.
fn some_value(whole: &Json, random: &mut Random) -> Json {
    if random.once_in(2) {
        return match random.below(9) {
            0 => Json::Null,
            1 => Json::Bool(random.once_in(2)),
            2 => Json::String(String::new()),
            3 => Json::String(random.pick(TOKENS).to_owned()),
            4 => Json::String("long ".repeat(200)),
            5 => Json::Array(Vec::new()),
            6 => Json::Object(Map::new()),
            7 => serde_json::from_str(random.pick(NUMBERS)).map_or(Json::Null, |number: Number| Json::Number(number)),
            _ => (0..random.below(200)).fold(Json::Null, |inner, _| Json::Array(vec![inner])),
        };
    }
    let mut at = whole;
    loop {
        let inner: Vec<&Json> = match at {
            Json::Array(items) => items.iter().collect(),
            Json::Object(entries) => entries.values().collect(),
            _ => return at.clone(),
        };
        if inner.is_empty() || random.once_in(5) {
            return at.clone();
        }
        at = random.pick(&inner);
    }
}

fn change_json(value: &mut Json, piece: Json, random: &mut Random) {
    let go_on = !random.once_in(5);
    match value {
        Json::Array(items) if !items.is_empty() && go_on => {
            let at = random.below(items.len());
            change_json(&mut items[at], piece, random);
        }
        Json::Object(entries) if !entries.is_empty() && go_on => {
            let names: Vec<String> = entries.keys().cloned().collect();
            if let Some(inner) = entries.get_mut(random.one(&names)) {
                change_json(inner, piece, random);
            }
        }
        Json::Array(items) => match random.below(3) {
            0 => items.push(piece),
            1 => drop(items.pop()),
            _ => items.extend(items.clone()),
        },
        Json::Object(entries) => {
            let names: Vec<String> = entries.keys().cloned().collect();
            match random.below(4) {
                0 if !names.is_empty() => drop(entries.remove(random.one(&names))),
                1 if !names.is_empty() => {
                    let old = random.one(&names);
                    if let Some(value) = entries.remove(old) {
                        let new = [old.replacen('0', "1", 1), format!("{old}x"), String::new(), old.to_uppercase()];
                        entries.insert(random.one(&new).clone(), value);
                    }
                }
                2 => drop(entries.insert(random.pick(TOKENS).to_owned(), piece)),
                _ => *value = piece,
            }
        }
        Json::String(text) if random.once_in(2) => {
            let mut text = text.clone();
            change(&mut text, &["10.0.0.1".to_owned(), "slaves-0-port".to_owned()], random);
            *value = Json::String(text);
        }
        Json::Number(_) => {
            *value = serde_json::from_str(random.pick(NUMBERS)).map_or(piece, |number: Number| Json::Number(number));
        }
        _ => *value = piece,
    }
}
