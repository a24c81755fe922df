//! The differing lines of two texts, with a little of what stands around them. Files of keys are read as what they mean:
//! a line a key.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use similar::{DiffOp, group_diff_ops};

use super::super::unified::operations;
use super::cut;
use crate::plan::{KeyedText, PropertyChange, keyed};

/// A line of a difference.
pub(super) struct DiffLine {
    pub(super) sign: char,
    pub(super) text: String,
    /// The key that it is about.
    pub(super) key: Option<String>,
}

impl From<(char, String)> for DiffLine {
    fn from((sign, text): (char, String)) -> Self {
        Self { sign, text, key: None }
    }
}

/// Lines with their sign: `+`, `-`, `~` for a key with another value, blank, or `.` for lines left out. Where there is only
/// so much `room`, longer ones are cut around what differs.
pub(super) fn lines(change: &PropertyChange, room: Option<usize>) -> Vec<DiffLine> {
    if change.secret {
        return vec![('~', "a sensitive value changes".to_owned()).into()];
    }
    let text = |value: &Option<Json>| match value {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    if change.before.is_none() && change.after.is_none() {
        return vec![(' ', "(the old text is known only by its digest)".to_owned()).into()];
    }
    let (before, after) = (text(&change.before), text(&change.after));
    if let Some((old, new)) = keyed(&before).zip(keyed(&after))
        && let Some(lines) = keyed_lines(&old, &new, room)
    {
        return lines;
    }
    text_lines(&before, &after, room).into_iter().map(DiffLine::from).collect()
}

/// A line for each key that differs, in the order of the file as it will be; what goes comes last. `None` where keys do not
/// say it all.
fn keyed_lines(before: &KeyedText, after: &KeyedText, room: Option<usize>) -> Option<Vec<DiffLine>> {
    let by_key = |text: &KeyedText| -> Option<BTreeMap<String, String>> {
        let pairs: BTreeMap<String, String> = text.pairs.iter().cloned().collect();
        (pairs.len() == text.pairs.len()).then_some(pairs)
    };
    let (old, new) = (by_key(before)?, by_key(after)?);
    let order = |text: &KeyedText, other: &BTreeMap<String, String>| -> Vec<String> {
        text.pairs.iter().map(|(key, _)| key.clone()).filter(|key| other.contains_key(key)).collect()
    };
    if before.rest != after.rest || order(before, &new) != order(after, &old) {
        return None;
    }
    let mut lines: Vec<DiffLine> = Vec::new();
    for (key, value) in &after.pairs {
        let told = match old.get(key) {
            Some(known) if known == value => continue,
            Some(known) => changed(key, known, value, room),
            None => vec![('+', whole(key, value, room))],
        };
        let first = lines.len();
        lines.extend(told.into_iter().map(DiffLine::from));
        if let Some(line) = lines.get_mut(first) {
            line.key = Some(key.clone());
        }
    }
    let gone = before.pairs.iter().filter(|(key, _)| !new.contains_key(key));
    lines.extend(gone.map(|(key, value)| ('-', whole(key, value, room)).into()));
    (!lines.is_empty()).then_some(lines)
}

fn whole(key: &str, value: &str, room: Option<usize>) -> String {
    let text = format!("{key} = {}", visible(value));
    room.map_or_else(|| text.clone(), |room| cut::end(&text, room))
}

/// One line, or three where there is no room for both values beside each other.
fn changed(key: &str, before: &str, after: &str, room: Option<usize>) -> Vec<(char, String)> {
    /// Columns that a value needs, so that it says something.
    const LEAST: usize = 24;
    let (before, after) = (visible(before), visible(after));
    let line = |before: &str, after: &str| format!("{key}: {before} → {after}");
    let width = line(&before, &after).chars().count();
    let Some(room) = room.filter(|room| width > *room) else { return vec![('~', line(&before, &after))] };
    let each = room.saturating_sub(key.chars().count() + 5) / 2;
    if each >= LEAST {
        let (before, after) = cut::around(&before, &after, each);
        return vec![('~', line(&before, &after))];
    }
    let (before, after) = cut::around(&before, &after, room.saturating_sub(4));
    vec![('~', format!("{}:", cut::end(key, room))), (' ', format!("    {before}")), (' ', format!("  → {after}"))]
}

fn text_lines(before: &str, after: &str, room: Option<usize>) -> Vec<(char, String)> {
    let mut lines = Vec::new();
    let (old_ends, new_ends) = (ends(before), ends(after));
    let (mut before, mut after) = (before.to_owned(), after.to_owned());
    // Where all lines end in another way, that is one thing to say, not one for each line.
    if let (Some(old), Some(new)) = (old_ends, new_ends)
        && old != new
    {
        lines.push(('~', format!("line ends: {old} → {new}")));
        (before, after) = (plain(&before), plain(&after));
    }
    // That the last line has no end is worth a word only where the other one's has.
    let ending = before.ends_with('\n') != after.ends_with('\n');
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    for (number, group) in group_diff_ops(operations(&old, &new), 2).iter().enumerate() {
        if number > 0 {
            lines.push(('.', "..".to_owned()));
        }
        for operation in group {
            let old = old.get(operation.old_range()).unwrap_or_default();
            let new = new.get(operation.new_range()).unwrap_or_default();
            lines.extend(operation_lines(operation, (old, new), ending, room));
        }
    }
    lines
}

fn operation_lines(
    operation: &DiffOp,
    (old, new): (&[&str], &[&str]),
    ending: bool,
    room: Option<usize>,
) -> Vec<(char, String)> {
    let short = |text: String| room.map_or_else(|| text.clone(), |room| cut::end(&text, room));
    if matches!(operation, DiffOp::Equal { .. }) {
        return new.iter().map(|line| (' ', short(same(line)))).collect();
    }
    let mut removed: Vec<String> = old.iter().map(|line| different(line, ending)).collect();
    let mut added: Vec<String> = new.iter().map(|line| different(line, ending)).collect();
    for (old, new) in removed.iter_mut().zip(&mut added) {
        if let Some(room) = room {
            (*old, *new) = cut::around(old, new, room);
        }
    }
    let removed = removed.into_iter().map(|line| ('-', short(line)));
    removed.chain(added.into_iter().map(|line| ('+', short(line)))).collect()
}

/// How all lines of a text end; `None` where there is no line, or where they end in different ways.
fn ends(text: &str) -> Option<&'static str> {
    let pairs = text.matches("\r\n").count();
    let (feeds, returns) = (text.matches('\n').count() - pairs, text.matches('\r').count() - pairs);
    match (pairs, feeds, returns) {
        (0, 1.., 0) => Some("LF"),
        (1.., 0, 0) => Some("CRLF"),
        (0, 0, 1..) => Some("CR"),
        _ => None,
    }
}

fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A line that is on both sides.
fn same(line: &str) -> String {
    let text = line.trim_end_matches(['\n', '\r']);
    if text.chars().any(|letter| letter.is_control() && letter != '\t') { quoted(text) } else { text.to_owned() }
}

/// A line that is on one side only: its end may be all that differs.
fn different(line: &str, ending: bool) -> String {
    let text = line.strip_suffix('\n');
    match text.or_else(|| Some(line).filter(|_| !ending)) {
        Some(text) if is_plain(text) => text.to_owned(),
        Some(text) => quoted(text),
        None if line.ends_with('\r') => quoted(line),
        None if is_plain(line) => format!("{line}  (no line end)"),
        None => format!("{}  (no line end)", quoted(line)),
    }
}

/// A value in a line of its own: in quotes where one could not see what it is.
fn visible(value: &str) -> String {
    if !value.is_empty() && !value.starts_with(char::is_whitespace) && is_plain(value) && !value.starts_with('"') {
        value.to_owned()
    } else {
        quoted(value)
    }
}

fn is_plain(text: &str) -> bool {
    !text.ends_with(char::is_whitespace) && !text.chars().any(|letter| letter.is_control() && letter != '\t')
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: &str, after: &str) -> PropertyChange {
        let text = |text: &str| Some(Json::String(text.to_owned()));
        PropertyChange { name: "f".to_owned(), before: text(before), after: text(after), secret: false, forces: false }
    }

    fn drawn(before: &str, after: &str, room: Option<usize>) -> Vec<String> {
        let found = lines(&change(before, after), room);
        found.iter().map(|line| format!("{}{}", line.sign, line.text)).collect()
    }

    fn site(pairs: &[(&str, &str)]) -> String {
        let property = |(key, value): &(&str, &str)| {
            format!("<property>\n<name>{key}</name>\n<value>{value}</value></property>\n")
        };
        let properties: String = pairs.iter().map(property).collect();
        format!("<?xml version=\"1.0\"?>\n<configuration>\n<!-- by DISCO -->\n{properties}</configuration>\n")
    }

    #[test]
    fn xml_is_compared_key_by_key() {
        let (old, new) = (site(&[("a", "x &amp; y"), ("b", "2")]), site(&[("a", "x &amp; y"), ("b", "3")]));
        assert_eq!(drawn(&old, &new, None), ["~b: 2 → 3"]);
        assert_eq!(drawn(&old, &site(&[("a", "x &amp; y"), ("c", "2")]), None), ["+c = 2", "-b = 2"]);
    }

    #[test]
    fn whatever_differs_in_a_value_is_shown() {
        let old = site(&[("lines", "one\ntwo A\nthree"), ("blank", "value"), ("other", "a")]);
        let new = site(&[("lines", "one\ntwo B\nthree"), ("blank", "value "), ("other", "b")]);
        let all = [
            "~lines: \"one\\ntwo A\\nthree\" → \"one\\ntwo B\\nthree\"",
            "~blank: value → \"value \"",
            "~other: a → b",
        ];
        assert_eq!(drawn(&old, &new, None), all);
        assert_eq!(drawn(&site(&[("a", "x")]), &site(&[("a", "")]), None), ["~a: x → \"\""]);
    }

    #[test]
    fn what_keys_do_not_say_is_shown_as_text() {
        let old = site(&[("a", "1"), ("b", "2")]);
        assert!(drawn(&old, &site(&[("b", "2"), ("a", "1")]), None).iter().any(|line| line.starts_with('+')));
        let other = site(&[("a", "3"), ("b", "2")]).replace("by DISCO", "by hand");
        assert!(drawn(&old, &other, None).contains(&"+<!-- by hand -->".to_owned()));
        let (once, twice) = (site(&[("a", "1"), ("a", "2")]), site(&[("a", "1"), ("a", "3")]));
        assert!(!drawn(&once, &twice, None).is_empty());
    }

    #[test]
    fn other_texts_are_compared_line_by_line() {
        let found = drawn("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nD\ne\nf\nG\n", None);
        assert_eq!(found, [" b", " c", "-d", "+D", " e", " f", "-g", "+G"]);
    }

    #[test]
    fn ends_of_lines_are_told() {
        assert_eq!(drawn("a\nb\n", "a\r\nb\r\n", None), ["~line ends: LF → CRLF"]);
        assert_eq!(drawn("a\nb\n", "a\r\nc\r\n", None), ["~line ends: LF → CRLF", " a", "-b", "+c"]);
        assert_eq!(drawn("a\nb\n", "a\r\nb\n", None), ["-a", "+\"a\\r\"", " b"]);
        assert_eq!(drawn("a\n", "a", None), ["-a", "+a  (no line end)"]);
        assert_eq!(drawn("a\n", "a \n", None), ["-a", "+\"a \""]);
    }

    #[test]
    fn long_values_are_cut_around_what_differs() {
        let long = |end: &str| format!("{}{end}", "org.example.security.provider,".repeat(5));
        let (old, new) = (site(&[("key", &long("A"))]), site(&[("key", &long("B"))]));
        assert_eq!(drawn(&old, &new, None), [format!("~key: {} → {}", long("A"), long("B"))]);
        let cut = drawn(&old, &new, Some(60));
        assert!(cut[0].contains("A → …") && cut[0].ends_with('B'), "{cut:?}");
        let cut = drawn(&old, &new, Some(40));
        assert!(cut.len() == 3 && cut[1].ends_with('A') && cut[2].ends_with('B'), "{cut:?}");
        assert!(cut.iter().all(|line| line.chars().count() <= 41), "{cut:?}");
        let text = drawn(&(long("A") + "\n"), &(long("B") + "\n"), Some(40));
        assert!(text[0].ends_with('A') && text[1].ends_with('B'), "{text:?}");
    }
}
