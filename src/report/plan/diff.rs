//! The differing lines of two texts, with a little of what stands around them. Hadoop's XML is read as what it means:
//! a line a key.

use serde_json::Value as Json;
use similar::{ChangeTag, TextDiff};

use crate::plan::PropertyChange;

/// Lines with their sign: `+`, `-`, `~` for a key with another value, blank, or `.` for lines left out.
pub(super) fn lines(change: &PropertyChange) -> Vec<(char, String)> {
    if change.secret {
        return vec![('~', "(sensitive value)".to_owned())];
    }
    let text = |value: &Option<Json>| match value {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    if change.before.is_none() && change.after.is_none() {
        return vec![(' ', "(the old text is known only by its digest)".to_owned())];
    }
    let (before, after) = (text(&change.before), text(&change.after));
    let keys = keys(&before).zip(keys(&after)).filter(|(before, after)| before != after);
    if let Some((old, new)) = keys {
        let lines = keyed_lines(&old, &new);
        // What no key says (a key that stands twice, another order) is shown as the text it is.
        if !lines.is_empty() {
            return lines;
        }
    }
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let mut lines = Vec::new();
    for (number, group) in diff.grouped_ops(2).iter().enumerate() {
        if number > 0 {
            lines.push(('.', "..".to_owned()));
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines.push((sign, change.value().trim_end_matches(['\n', '\r']).to_owned()));
        }
    }
    lines
}

/// A line for each key that differs, in the order of the file as it will be; what goes comes last.
fn keyed_lines(before: &str, after: &str) -> Vec<(char, String)> {
    let pairs = |text: &str| -> Vec<(String, String)> {
        let split = |line: &str| line.split_once(" = ").map(|(key, value)| (key.to_owned(), value.to_owned()));
        text.lines().filter_map(split).collect()
    };
    let (before, after) = (pairs(before), pairs(after));
    let value_in = |pairs: &[(String, String)], key: &str| {
        pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone())
    };
    let mut lines = Vec::new();
    for (key, value) in &after {
        match value_in(&before, key) {
            Some(old) if old == *value => {}
            Some(old) => lines.push(('~', format!("{key}: {old} → {value}"))),
            None => lines.push(('+', format!("{key} = {value}"))),
        }
    }
    let gone = before.iter().filter(|(key, _)| value_in(&after, key).is_none());
    lines.extend(gone.map(|(key, value)| ('-', format!("{key} = {value}"))));
    lines
}

/// `dfs.replication = 3` for each property of a Hadoop configuration file; `None` for other texts. Whatever is not a
/// plain property would be lost, so a text with anything else but comments in it is shown as it is.
fn keys(text: &str) -> Option<String> {
    let (_, body) = text.split_once("<configuration>")?;
    let (body, _) = body.rsplit_once("</configuration>")?;
    let mut lines = String::new();
    let mut rest = body.trim();
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->")?.1.trim_start();
            continue;
        }
        let (property, after) = rest.strip_prefix("<property>")?.split_once("</property>")?;
        let inner = |tag: &str| {
            let (_, value) = property.split_once(&format!("<{tag}>"))?;
            Some(value.split_once(&format!("</{tag}>"))?.0)
        };
        let name = inner("name")?;
        let value = inner("value").unwrap_or_default();
        let value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        lines.push_str(name.trim());
        lines.push_str(" = ");
        lines.push_str(value.trim());
        if inner("final").is_some_and(|value| value.trim() == "true") {
            lines.push_str("  (final)");
        }
        lines.push('\n');
        rest = after.trim_start();
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: &str, after: &str) -> PropertyChange {
        let text = |text: &str| Some(Json::String(text.to_owned()));
        PropertyChange { name: "f".to_owned(), before: text(before), after: text(after), secret: false, forces: false }
    }

    fn site(replication: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<configuration>\n<!-- by DISCO -->\n<property><name>a</name><value>x &amp; y</value></property>\n\
             <property>\n<name>dfs.replication</name>\n<value>{replication}</value></property>\n</configuration>\n"
        )
    }

    #[test]
    fn xml_is_compared_key_by_key() {
        let found = lines(&change(&site("2"), &site("3")));
        assert_eq!(found, [('~', "dfs.replication: 2 → 3".to_owned())]);
        let other = site("2").replace("dfs.replication", "dfs.blocksize");
        let found = lines(&change(&site("2"), &other));
        assert_eq!(found, [('+', "dfs.blocksize = 2".to_owned()), ('-', "dfs.replication = 2".to_owned())]);
    }

    #[test]
    fn a_key_that_stands_twice_is_not_overlooked() {
        let twice = |value: &str| {
            let property = |value: &str| format!("<property><name>a</name><value>{value}</value></property>\n");
            format!("<configuration>\n{}{}</configuration>\n", property("1"), property(value))
        };
        assert!(!lines(&change(&twice("2"), &twice("3"))).is_empty());
    }

    #[test]
    fn other_texts_are_compared_line_by_line() {
        let found = lines(&change("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nD\ne\nf\nG\n"));
        let text: Vec<String> = found.iter().map(|(sign, text)| format!("{sign}{text}")).collect();
        assert_eq!(text, [" b", " c", "-d", "+D", " e", " f", "-g", "+G"]);
    }

    #[test]
    fn xml_of_another_kind_is_text() {
        assert_eq!(keys("<configuration><xi:include/></configuration>"), None);
        assert_eq!(keys("plain"), None);
    }
}
