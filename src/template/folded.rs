//! A JSON object that lies folded until somebody looks into it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value as Json};

/// A JSON object, kept as its text, which takes a tenth of the memory of a tree and is what Heat is sent. Whoever looks
/// into it (it dereferences to its map) unfolds it, and it stays unfolded.
#[derive(Clone, Default)]
pub struct Folded {
    /// `None`: there is nothing in it.
    text: Option<Box<RawValue>>,
    /// Whether the text is the one that [`From`] makes: no blanks, keys sorted.
    canonical: bool,
    map: OnceLock<Box<Map<String, Json>>>,
}

impl Folded {
    /// What serialises as an object, keys sorted. Anything else comes out empty.
    pub fn of(value: &impl Serialize) -> Self {
        let text = to_raw_value(value).ok().filter(|text| text.get().starts_with('{'));
        Self { text, canonical: true, map: OnceLock::new() }
    }

    /// The text as it lies here, which others may have written.
    fn raw(&self) -> &str {
        self.text.as_ref().map_or("{}", |text| text.get())
    }

    /// The text: JSON without blanks, keys sorted.
    pub fn text(&self) -> Cow<'_, str> {
        if self.canonical || self.text.is_none() {
            Cow::Borrowed(self.raw())
        } else {
            Cow::Owned(Json::Object(self.to_map()).to_string())
        }
    }

    /// Whether there is nothing in it. This does not unfold it.
    pub fn lies_empty(&self) -> bool {
        self.raw() == "{}"
    }

    /// Whether a key of that name may be somewhere in it. This does not unfold it.
    pub fn says(&self, key: &str) -> bool {
        self.raw().contains(&format!("\"{key}\""))
    }

    /// A copy of the map. This does not unfold it.
    pub fn to_map(&self) -> Map<String, Json> {
        self.map.get().map_or_else(|| read(self.raw()), |map| (**map).clone())
    }

    /// The text as something else; `None` where it is no such thing. This does not unfold it.
    pub fn read<'t, T: Deserialize<'t>>(&'t self) -> Option<T> {
        serde_json::from_str(self.raw()).ok()
    }

    /// Whether its text is the one that a value has when it is written. This neither unfolds it nor writes anything: other
    /// texts may say the same.
    pub fn is_text_of(&self, value: &impl Serialize) -> bool {
        let mut rest = Rest(self.raw().as_bytes());
        serde_json::to_writer(&mut rest, value).is_ok() && rest.0.is_empty()
    }

    /// Gives an entry another value, or a new one.
    pub fn insert(&mut self, name: impl Into<String>, value: Json) {
        let mut map = self.to_map();
        map.insert(name.into(), value);
        *self = Self::from(map);
    }

    /// Calls `each` with name and text of every entry, sorted by name. This does not unfold it.
    pub fn for_each_text(&self, mut each: impl FnMut(&str, &str)) {
        let entries: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(self.raw()).unwrap_or_default();
        for (name, value) in entries {
            let text = value.get();
            let read = if self.canonical { None } else { serde_json::from_str::<Json>(text).ok() };
            match read {
                Some(value) => each(&name, &value.to_string()),
                None => each(&name, text),
            }
        }
    }
}

/// What is left of a text; writing takes away what is written, and fails where that is something else.
struct Rest<'t>(&'t [u8]);

impl io::Write for Rest<'_> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(written).ok_or(io::ErrorKind::InvalidData)?;
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Texts are JSON objects by construction.
fn read(text: &str) -> Map<String, Json> {
    serde_json::from_str(text).unwrap_or_default()
}

impl Deref for Folded {
    type Target = Map<String, Json>;

    fn deref(&self) -> &Map<String, Json> {
        self.map.get_or_init(|| Box::new(read(self.raw())))
    }
}

impl From<Map<String, Json>> for Folded {
    fn from(map: Map<String, Json>) -> Self {
        Self::of(&map)
    }
}

impl PartialEq for Folded {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw() || self.text() == other.text()
    }
}

impl fmt::Debug for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw())
    }
}

impl Serialize for Folded {
    /// For JSON alone, which takes the text as it is.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.text {
            Some(text) if self.canonical => text.serialize(serializer),
            Some(_) => self.to_map().serialize(serializer),
            None => Map::new().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Folded {
    /// From JSON text alone; other formats have no text to keep.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        if !text.get().starts_with('{') {
            return Err(D::Error::custom("not an object"));
        }
        Ok(Self { text: Some(text), canonical: false, map: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn folded(value: &Json) -> Folded {
        value.as_object().cloned().unwrap().into()
    }

    #[test]
    fn what_is_folded_comes_out_again() {
        let value = json!({"b": {"get_resource": "x"}, "a": ["é\n", 1, null]});
        let folded = folded(&value);
        assert_eq!(folded.text(), r#"{"a":["é\n",1,null],"b":{"get_resource":"x"}}"#);
        assert_eq!(folded["b"], json!({"get_resource": "x"}));
        assert_eq!(Json::Object(folded.to_map()), value);
        assert!(Folded::default().is_empty());
        assert_eq!(Folded::default().text(), "{}");
    }

    #[test]
    fn texts_of_others_count_as_what_they_say() {
        let foreign: Folded = serde_json::from_str("{ \"b\" : {\"y\":1, \"x\":2},\n\"a\": \"\\u00e9\" }").unwrap();
        assert_eq!(foreign, folded(&json!({"a": "é", "b": {"x": 2, "y": 1}})));
        let mut entries = Vec::new();
        foreign.for_each_text(|name, text| entries.push(format!("{name}={text}")));
        assert_eq!(entries, ["a=\"é\"", "b={\"x\":2,\"y\":1}"]);
        assert!(serde_json::from_str::<Folded>("[1]").is_err());
    }

    #[test]
    fn a_text_is_compared_with_what_would_be_written() {
        let value = json!({"a": ["é\n", 1], "b": {"c": null}});
        let text: Folded = serde_json::from_str(&value.to_string()).unwrap();
        assert!(text.is_text_of(&value) && text.is_text_of(&text));
        for other in [json!({"a": ["é\n", 1]}), json!({"a": ["é\n", 1], "b": {"c": null}, "d": 1}), json!(null)] {
            assert!(!text.is_text_of(&other), "{other}");
        }
        let other_words: Folded = serde_json::from_str(&text.text().replace(':', ": ")).unwrap();
        assert!(!other_words.is_text_of(&value));
        assert_eq!(serde_json::to_string(&other_words).unwrap(), value.to_string());
    }

    #[test]
    fn an_entry_is_changed() {
        let mut folded = folded(&json!({"a": 1}));
        assert_eq!(folded["a"], json!(1));
        folded.insert("a", json!(2));
        assert_eq!(folded["a"], json!(2));
        assert_eq!(folded.text(), r#"{"a":2}"#);
    }
}
