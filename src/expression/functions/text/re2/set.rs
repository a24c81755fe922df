//! Sets of characters.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Runs of each general category and script.
const KINDS: &str = include_str!("kinds.txt");

const LAST: u32 = 0x10_FFFF;

/// Runs of characters, first and last; sorted and apart from one another once [`Set::tidy`] was called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set(Vec<(u32, u32)>);

impl Set {
    pub(super) fn range(first: char, last: char) -> Self {
        Self(vec![(first.into(), last.into())])
    }

    pub(super) fn of(runs: &[(char, char)]) -> Self {
        Self(runs.iter().map(|(first, last)| (u32::from(*first), u32::from(*last))).collect())
    }

    /// Characters of a category such as `L` or `Lu`, or of a script.
    pub(super) fn kind(name: &str) -> Option<Self> {
        if name == "Any" {
            return Some(Self(vec![(0, LAST)]));
        }
        let mut set = Self::default();
        for (known, runs) in KINDS.lines().filter_map(|line| line.split_once('\t')) {
            // one letter stands for all categories that begin with it, but not for those that are none: LC and Cn
            let within =
                name.len() == 1 && known.len() == 2 && known.starts_with(name) && !matches!(known, "LC" | "Cn");
            if known == name || within {
                set.read(runs);
            }
        }
        (!set.0.is_empty()).then(|| set.tidy())
    }

    fn read(&mut self, runs: &str) {
        let number = |text: &str| u32::from_str_radix(text, 36).unwrap_or(0);
        let mut next = 0;
        for run in runs.split(' ') {
            let (gap, length) = run.split_once('-').unwrap_or((run, "0"));
            let first = next + number(gap);
            let last = first + number(length);
            self.0.push((first, last));
            next = last + 1;
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn tidy(mut self) -> Self {
        self.0.sort_unstable();
        let mut tidy: Vec<(u32, u32)> = Vec::with_capacity(self.0.len());
        for (first, last) in self.0 {
            match tidy.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => tidy.push((first, last)),
            }
        }
        Self(tidy)
    }

    /// All other characters.
    pub(super) fn without(self) -> Self {
        let mut rest = Vec::new();
        let mut next = 0;
        for (first, last) in self.tidy().0 {
            if next < first {
                rest.push((next, first - 1));
            }
            next = last + 1;
        }
        if next <= LAST {
            rest.push((next, LAST));
        }
        Self(rest)
    }

    /// With all characters that differ from one of it only in case.
    pub(super) fn with_cases(mut self) -> Self {
        let mut more = Vec::new();
        for (char, others) in CASES.iter() {
            let code = u32::from(*char);
            if self.0.iter().any(|(first, last)| (*first..=*last).contains(&code)) {
                more.extend(others.iter().map(|other| (u32::from(*other), u32::from(*other))));
            }
        }
        self.0.extend(more);
        self
    }

    /// As a class of a regular expression.
    pub(super) fn written(self) -> String {
        // no character is both within a word and at its edge
        if self.0.is_empty() {
            return "(?:\\b\\B)".to_owned();
        }
        let mut class = "[".to_owned();
        for (first, last) in self.tidy().0 {
            // halves of characters are none
            for (first, last) in [(first, last.min(0xD7FF)), (first.max(0xE000), last)] {
                if first <= last {
                    // writing to a text cannot fail
                    let _ = write!(class, "\\x{{{first:X}}}-\\x{{{last:X}}}");
                }
            }
        }
        class.push(']');
        if class == "[]" { "(?:\\b\\B)".to_owned() } else { class }
    }
}

/// The characters that differ from a character only in case, itself among them; only it if there are none.
pub(super) fn cases(char: char) -> Vec<char> {
    CASES.get(&char).cloned().unwrap_or_else(|| vec![char])
}

static CASES: LazyLock<BTreeMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut same: BTreeMap<char, Vec<char>> = BTreeMap::new();
    // no character beyond these has a capital, and a dotless i is another letter
    for char in ('\0'..='\u{1FFFF}').filter(|char| *char != 'ı') {
        let capital = alone(char.to_uppercase()).unwrap_or(char);
        let small = alone(capital.to_lowercase()).unwrap_or(capital);
        if small != char || capital != char {
            same.entry(small).or_default().push(char);
        }
    }
    let mut cases = BTreeMap::new();
    for (small, mut others) in same {
        if !others.contains(&small) {
            others.push(small);
        }
        for char in others.clone() {
            cases.insert(char, others.clone());
        }
    }
    cases.retain(|_, others: &mut Vec<char>| others.len() > 1);
    cases
});

/// The one character that there is.
fn alone(mut characters: impl Iterator<Item = char>) -> Option<char> {
    characters.next().filter(|_| characters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::{Set, cases};

    #[test]
    fn kinds() {
        let has = |kind: &str, char: char| {
            Set::kind(kind).is_some_and(|set| set.0.iter().any(|(a, b)| (*a..=*b).contains(&u32::from(char))))
        };
        for (kind, within, without) in [
            ("L", 'é', '1'),
            ("Lu", 'É', 'é'),
            ("Nd", '٣', 'a'),
            ("Greek", 'γ', 'g'),
            ("Han", '漢', 'か'),
            ("Zs", ' ', '\n'),
            ("Any", '\n', '\u{d7ff}'),
        ] {
            assert!(has(kind, within) && (kind == "Any" || !has(kind, without)), "{kind}");
        }
        assert_eq!(Set::kind("Nope"), None);
    }

    #[test]
    fn cases_are_those_of_unicode() {
        for (char, expected) in
            [('k', "Kk\u{212a}"), ('s', "Ssſ"), ('ß', "ßẞ"), ('ᾳ', "ᾳᾼ"), ('i', "Ii"), ('ı', "ı"), ('1', "1")]
        {
            let mut found = cases(char);
            found.sort_unstable();
            let mut wanted: Vec<char> = expected.chars().collect();
            wanted.sort_unstable();
            assert_eq!(found, wanted, "{char}");
        }
    }

    #[test]
    fn sets() {
        let mut set = Set::range('b', 'd');
        set.add(Set::range('c', 'f'));
        set.add(Set::range('g', 'g'));
        assert_eq!(set.clone().tidy().0, [(0x62, 0x67)]);
        assert_eq!(set.clone().without().0, [(0, 0x61), (0x68, 0x10_FFFF)]);
        assert_eq!(set.written(), r"[\x{62}-\x{67}]");
        assert_eq!(Set::range('\0', '\u{10ffff}').written(), r"[\x{0}-\x{D7FF}\x{E000}-\x{10FFFF}]");
        assert_eq!(Set::range('\0', '\u{10ffff}').without().written(), r"(?:\b\B)");
    }
}
