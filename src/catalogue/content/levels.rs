//! Formats whose keys may be on levels: objects within objects, tables, sections.

use super::{Entry, Layout, Writer};
use crate::catalogue::{FileFormat, FileValue};

/// Writes all keys, each on the level that its name says.
pub(super) fn write(writer: &mut Writer, layout: Layout<'_>, keys: &[Entry<'_>]) {
    match layout.format {
        FileFormat::Ini => sections(writer, layout, keys),
        FileFormat::Toml => {
            for (key, value) in keys {
                let path: Vec<String> = split(key, layout).into_iter().map(quoted).collect();
                writer.plain(&format!("{} = ", path.join(".")));
                writer.value(key, &value.text, |text| in_toml(text, value.is_structure));
                writer.plain("\n");
            }
        }
        format => {
            let mut all = Level::default();
            for entry in keys {
                all.add(&split(entry.0, layout), *entry);
            }
            let is_json = format == FileFormat::Json;
            all.write(writer, is_json, 0);
            if is_json {
                writer.plain("\n");
            }
        }
    }
}

/// The levels of a key.
fn split<'k>(key: &'k str, layout: Layout<'_>) -> Vec<&'k str> {
    match layout.nested {
        Some(sign) => key.split(sign).collect(),
        None => vec![key],
    }
}

/// `[section]`s, each once; keys without one come first.
fn sections(writer: &mut Writer, layout: Layout<'_>, keys: &[Entry<'_>]) {
    let parted = |key: &'_ str| match layout.nested.and_then(|sign| key.split_once(sign)) {
        Some((section, name)) => (section.to_owned(), name.to_owned()),
        None => (String::new(), key.to_owned()),
    };
    let mut names: Vec<String> = Vec::new();
    for (key, _) in keys {
        let (section, _) = parted(key);
        if !names.contains(&section) {
            names.push(section);
        }
    }
    names.sort_by_key(|name| !name.is_empty());
    for section in names {
        if !section.is_empty() {
            writer.plain(&format!("[{section}]\n"));
        }
        for (key, value) in keys {
            let (of, name) = parted(key);
            if of == section {
                writer.plain(&format!("{name} = "));
                writer.value(key, &value.text, str::to_owned);
                writer.plain("\n");
            }
        }
    }
}

/// Keys of one level in the order in which each came first.
#[derive(Default)]
struct Level<'e> {
    inner: Vec<(&'e str, Part<'e>)>,
}

enum Part<'e> {
    Level(Level<'e>),
    Value(Entry<'e>),
}

impl<'e> Level<'e> {
    fn add(&mut self, path: &[&'e str], entry: Entry<'e>) {
        let Some((first, rest)) = path.split_first() else { return };
        if rest.is_empty() {
            return self.inner.push((first, Part::Value(entry)));
        }
        let known = self.inner.iter_mut().find_map(|(name, part)| match part {
            Part::Level(level) if name == first => Some(level),
            _ => None,
        });
        if let Some(level) = known {
            return level.add(rest, entry);
        }
        let mut level = Level::default();
        level.add(rest, entry);
        self.inner.push((first, Part::Level(level)));
    }

    fn write(&self, writer: &mut Writer, is_json: bool, depth: usize) {
        if is_json {
            writer.plain(if self.inner.is_empty() { "{" } else { "{\n" });
        }
        let indent = "  ".repeat(if is_json { depth + 1 } else { depth });
        for (index, (name, part)) in self.inner.iter().enumerate() {
            writer.plain(&format!("{indent}{}:", quoted(name)));
            match part {
                Part::Level(level) => {
                    writer.plain(if is_json { " " } else { "\n" });
                    level.write(writer, is_json, depth + 1);
                }
                Part::Value((key, value)) => {
                    writer.plain(" ");
                    writer.value(key, &value.text, |text| scalar(text, value));
                    if !is_json {
                        writer.plain("\n");
                    }
                }
            }
            if is_json {
                writer.plain(if index + 1 < self.inner.len() { ",\n" } else { "\n" });
            }
        }
        if is_json {
            writer.plain(&format!("{}}}", "  ".repeat(depth)));
        }
    }
}

/// Numbers, `true` and `false` as they are, lists and objects as JSON has them, everything else as a text. All of it is YAML
/// too.
fn scalar(text: &str, value: &FileValue) -> String {
    if value.is_structure || is_bare(text) { text.to_owned() } else { quoted(text) }
}

fn is_bare(text: &str) -> bool {
    let number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        whole
            && digits.matches('.').count() <= 1
            && (digits == "0" || digits.starts_with("0.") || !digits.starts_with('0'))
    };
    matches!(text, "true" | "false") || number(text)
}

/// JSON's texts are YAML's and TOML's.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// A value on one line of TOML, which writes objects with `=`.
fn in_toml(text: &str, is_structure: bool) -> String {
    fn inline(value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::Array(items) => {
                format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
            }
            serde_json::Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
            serde_json::Value::Object(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{} = {}", quoted(key), inline(value))).collect();
                format!("{{ {} }}", entries.join(", "))
            }
            other => other.to_string(),
        }
    }
    if is_structure {
        return serde_json::from_str(text).map_or_else(|_| quoted(text), |value| inline(&value));
    }
    if is_bare(text) { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;
    use crate::model::Text;

    fn written(format: FileFormat, keys: &[(&str, &str, bool)]) -> String {
        let values: Vec<FileValue> = keys
            .iter()
            .map(|(_, value, is_structure)| FileValue { text: Text::plain(*value), is_structure: *is_structure })
            .collect();
        let keys: Vec<Entry<'_>> = keys.iter().zip(&values).map(|((key, ..), value)| (*key, value)).collect();
        write(Layout { format, separator: " ", nested: Some(".") }, &Text::plain(""), &keys).revealed()
    }

    const KEYS: [(&str, &str, bool); 4] =
        [("top", "1", false), ("a.b.c", "x: y", false), ("z", "[\"p\",{\"q\":1}]", true), ("a.d", "true", false)];

    #[test]
    fn json_is_json() {
        let text = written(FileFormat::Json, &KEYS);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let expected = serde_json::json!({"top": 1, "a": {"b": {"c": "x: y"}, "d": true}, "z": ["p", {"q": 1}]});
        assert_eq!(read, expected, "{text}");
        assert_eq!(written(FileFormat::Json, &[]), "{}\n");
    }

    #[test]
    fn yaml_has_levels() {
        let expected = "\"top\": 1\n\"a\":\n  \"b\":\n    \"c\": \"x: y\"\n  \"d\": true\n\"z\": [\"p\",{\"q\":1}]\n";
        assert_eq!(written(FileFormat::Yaml, &KEYS), expected);
    }

    #[test]
    fn toml_has_dotted_keys_and_inline_tables() {
        let expected =
            "\"top\" = 1\n\"a\".\"b\".\"c\" = \"x: y\"\n\"z\" = [\"p\", { \"q\" = 1 }]\n\"a\".\"d\" = true\n";
        assert_eq!(written(FileFormat::Toml, &KEYS), expected);
    }

    #[test]
    fn sections_come_once() {
        let keys = [("a.x", "1", false), ("b.y.z", "2", false), ("free", "3", false), ("a.w", "4", false)];
        assert_eq!(written(FileFormat::Ini, &keys), "free = 3\n[a]\nx = 1\nw = 4\n[b]\ny.z = 2\n");
    }
}
