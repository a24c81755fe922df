//! What a cloud has of one kind, by name; several things may bear the same name.

use std::collections::BTreeMap;

/// Things with an id.
pub trait Identified {
    /// The id on the cloud.
    fn id(&self) -> &str;
}

impl Identified for String {
    fn id(&self) -> &str {
        self
    }
}

/// Things by name. A state keeps those in use by the word that refers to them, be it a name or an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered<T>(BTreeMap<String, Vec<T>>);

/// What a word refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'t, T> {
    /// Nothing.
    Nothing,
    /// This.
    One(&'t T),
    /// Several things bear the name.
    Several(&'t [T]),
}

impl<T> Default for Offered<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Identified> Offered<T> {
    /// Adds a thing; one with the same name and id is replaced.
    pub fn add(&mut self, name: impl Into<String>, thing: T) {
        let bearers = self.0.entry(name.into()).or_default();
        match bearers.iter_mut().find(|known| known.id() == thing.id()) {
            Some(known) => *known = thing,
            None => bearers.push(thing),
        }
    }

    /// Adds all things of another one.
    pub fn extend(&mut self, other: Self) {
        for (name, things) in other.0 {
            for thing in things {
                self.add(name.as_str(), thing);
            }
        }
    }

    /// What a word refers to: an id, or else a name, as OpenStack's services look for it.
    pub fn find(&self, word: &str) -> Found<'_, T> {
        let by_id = || self.0.values().flatten().find(|thing| thing.id() == word);
        match self.0.get(word).map(Vec::as_slice) {
            Some([only]) => Found::One(only),
            Some(several @ [_, _, ..]) => Found::Several(several),
            _ => by_id().map_or(Found::Nothing, Found::One),
        }
    }

    /// The one thing that a word refers to, if it is one.
    pub fn get(&self, word: &str) -> Option<&T> {
        match self.find(word) {
            Found::One(thing) => Some(thing),
            Found::Nothing | Found::Several(_) => None,
        }
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Every thing with its name, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().flat_map(|(name, things)| things.iter().map(move |thing| (name.as_str(), thing)))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Identified, N: Into<String>> FromIterator<(N, T)> for Offered<T> {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(things: I) -> Self {
        let mut offered = Self::default();
        for (name, thing) in things {
            offered.add(name, thing);
        }
        offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_name_or_an_id() {
        let offered: Offered<String> = [("one", "1"), ("two", "2"), ("two", "3"), ("two", "2")]
            .map(|(name, id)| (name, id.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(offered.find("one"), Found::One(&"1".to_owned()));
        assert_eq!(offered.find("3"), Found::One(&"3".to_owned()));
        assert_eq!(offered.find("two"), Found::Several(&["2".to_owned(), "3".to_owned()]));
        assert_eq!(offered.find("2"), Found::One(&"2".to_owned()), "an id of theirs is not ambiguous");
        assert_eq!(offered.find("four"), Found::Nothing);
        assert_eq!(offered.names().collect::<Vec<_>>(), ["one", "two"]);
    }
}
