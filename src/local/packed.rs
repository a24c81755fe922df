//! Values kept as the JSON text they are stored and sent as: a fraction of the size of what they say once read, and
//! passed on without being read at all.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value as Json};

/// What can be packed.
pub(crate) trait Content: Serialize + DeserializeOwned + Default {
    /// With what its text begins, where it can only begin so.
    const OPENS: Option<char>;
}

impl Content for Json {
    const OPENS: Option<char> = None;
}

impl Content for Map<String, Json> {
    const OPENS: Option<char> = Some('{');
}

impl Content for BTreeMap<String, Json> {
    const OPENS: Option<char> = Some('{');
}

impl Content for Vec<String> {
    const OPENS: Option<char> = Some('[');
}

/// A value as its JSON text, read when it is asked for.
pub(crate) struct Packed<T> {
    text: Box<RawValue>,
    content: PhantomData<fn() -> T>,
}

impl<T: Content> Packed<T> {
    pub(crate) fn of(value: &T) -> Self {
        Self::from_text(to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// What it says.
    pub(crate) fn read(&self) -> T {
        serde_json::from_str(self.text.get()).unwrap_or_default()
    }

    /// Reads it, has it changed, and packs it again.
    pub(crate) fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.read();
        let answer = change(&mut value);
        *self = Self::of(&value);
        answer
    }
}

impl<T> Packed<T> {
    fn from_text(text: Box<RawValue>) -> Self {
        Self { text, content: PhantomData }
    }

    /// The text itself.
    pub(crate) fn raw(&self) -> &RawValue {
        &self.text
    }

    /// Bytes of its text.
    pub(crate) fn len(&self) -> usize {
        self.text.get().len()
    }
}

impl Packed<Map<String, Json>> {
    /// One value of a map; the others are passed over.
    pub(crate) fn field(&self, name: &str) -> Option<Json> {
        self.fields(&[name]).remove(name)
    }

    /// The values of those names; the others are passed over.
    pub(crate) fn fields(&self, names: &[&str]) -> Map<String, Json> {
        Fields(names).deserialize(&mut serde_json::Deserializer::from_str(self.text.get())).unwrap_or_default()
    }

    /// One value of a map, where it is text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.field(name)? {
            Json::String(text) => Some(text),
            _ => None,
        }
    }
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self::from_text(self.text.clone())
    }
}

impl<T: Content> Default for Packed<T> {
    fn default() -> Self {
        Self::of(&T::default())
    }
}

impl<T> fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.get())
    }
}

impl<T: Content + PartialEq> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text.get() == other.text.get() || self.read() == other.read()
    }
}

impl<T> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de, T: Content> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        match T::OPENS {
            Some(opens) if !text.get().starts_with(opens) => {
                Err(D::Error::custom(format_args!("expected something that begins with {opens}")))
            }
            _ => Ok(Self::from_text(text)),
        }
    }
}

/// Looks for the values of those names.
struct Fields<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = Map<String, Json>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Map<String, Json>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Map::new();
        while let Some(wanted) = map.next_key_seed(OneOf(self.0))? {
            match wanted {
                Some(name) => drop(found.insert(name.to_owned(), map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// Which of the names a key is, if any.
struct OneOf<'a>(&'a [&'a str]);

impl<'de, 'a> DeserializeSeed<'de> for OneOf<'a> {
    type Value = Option<&'a str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for OneOf<'a> {
    type Value = Option<&'a str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().copied().find(|name| *name == key))
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn what_is_packed_is_passed_on_as_it_is_and_read_when_asked_for() {
        let text = r#"{"a":{"b":[1,2.50]},"k\u0065y":"v\n","n":null}"#;
        let mut packed: Packed<Map<String, Json>> = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&packed).unwrap(), text);
        let field: Json = serde_json::from_str(r#"{"b":[1,2.50]}"#).unwrap();
        assert_eq!(packed.field("a"), Some(field), "numbers stay as they are written");
        assert_eq!(packed.text("key").as_deref(), Some("v\n"));
        assert_eq!((packed.field("n"), packed.field("b")), (Some(Json::Null), None));
        packed.change(|map| map.remove("a"));
        assert_eq!(serde_json::to_string(&packed).unwrap(), r#"{"key":"v\n","n":null}"#);
    }

    #[test]
    fn what_cannot_be_such_a_value_is_refused_when_it_comes() {
        assert!(serde_json::from_str::<Packed<Map<String, Json>>>("[1]").is_err());
        assert!(serde_json::from_str::<Packed<Vec<String>>>("{}").is_err());
        assert!(serde_json::from_str::<Packed<Json>>("7").is_ok());
    }
}
