//! What frameworks ask of one another, written as packages do: `hdfs`, `yarn >= 3.5, < 4`, `zookeeper | etcd`.

use std::cmp::Ordering;
use std::fmt;

use crate::source::Span;

/// Something that another framework is, or provides; any of the alternatives will do.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// The alternatives, best first.
    pub alternatives: Vec<Wanted>,
    /// Where it is written.
    pub origin: Span,
}

/// A framework, or what one provides, in certain versions of that framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// `hadoop`, `hdfs`
    pub name: String,
    /// All of them must hold.
    pub versions: Vec<VersionBound>,
}

/// `>= 3.5`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionBound {
    /// How it compares.
    pub comparison: Comparison,
    /// With what.
    pub version: String,
}

/// How a version compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the signs say it")]
pub enum Comparison {
    AtLeast,
    AtMost,
    Above,
    Below,
    Equal,
}

impl Comparison {
    /// Longer signs first, so that `>=` is not read as `>`.
    const SIGNS: [(&'static str, Self); 5] =
        [(">=", Self::AtLeast), ("<=", Self::AtMost), (">", Self::Above), ("<", Self::Below), ("=", Self::Equal)];

    fn sign(self) -> &'static str {
        Self::SIGNS.iter().find(|(_, known)| *known == self).map_or("", |(sign, _)| sign)
    }
}

impl Relation {
    /// Reads a relation; an error says what is wrong with it.
    pub(super) fn parse(text: &str, origin: Span) -> Result<Self, String> {
        let alternatives = text.split('|').map(|part| Wanted::parse(part.trim())).collect::<Result<_, _>>()?;
        Ok(Self { alternatives, origin })
    }

    /// Names of the alternatives.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().map(|wanted| wanted.name.as_str())
    }
}

impl Wanted {
    fn parse(text: &str) -> Result<Self, String> {
        let end =
            text.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')).unwrap_or(text.len());
        let (name, bounds) = text.split_at(end);
        if name.is_empty() {
            return Err(format!("`{text}` does not begin with a name"));
        }
        let bounds = bounds.trim();
        let versions = match bounds {
            "" => Vec::new(),
            _ => bounds.split(',').map(|bound| VersionBound::parse(bound.trim())).collect::<Result<_, _>>()?,
        };
        Ok(Self { name: name.to_owned(), versions })
    }

    /// Whether that version will do.
    pub fn allows(&self, version: &str) -> bool {
        self.versions.iter().all(|bound| bound.allows(version))
    }
}

impl VersionBound {
    fn parse(text: &str) -> Result<Self, String> {
        let sign = Comparison::SIGNS.iter().find_map(|(sign, known)| Some((*known, text.strip_prefix(sign)?)));
        let Some((comparison, version)) = sign else {
            return Err(format!("`{text}` does not begin with `>=`, `<` …"));
        };
        let version = version.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if !version.starts_with(|c: char| c.is_ascii_digit()) || !version.chars().all(plain) {
            return Err(format!("`{version}` is not a version"));
        }
        Ok(Self { comparison, version: version.to_owned() })
    }

    fn allows(&self, version: &str) -> bool {
        let order = compare_versions(version, &self.version);
        match self.comparison {
            Comparison::AtLeast => order != Ordering::Less,
            Comparison::AtMost => order != Ordering::Greater,
            Comparison::Above => order == Ordering::Greater,
            Comparison::Below => order == Ordering::Less,
            Comparison::Equal => order == Ordering::Equal,
        }
    }
}

/// Part by part, numbers as numbers; what is missing counts as zero, so `3.5` is `3.5.0`.
pub(super) fn compare_versions(left: &str, right: &str) -> Ordering {
    let parts = |text: &str| text.split(['.', '-']).map(str::to_owned).collect::<Vec<_>>();
    let (left, right) = (parts(left), parts(right));
    let part = |parts: &[String], at: usize| parts.get(at).cloned().unwrap_or_else(|| "0".to_owned());
    (0..left.len().max(right.len()))
        .map(|at| {
            let (left, right) = (part(&left, at), part(&right, at));
            match (left.parse::<u64>(), right.parse::<u64>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                // `4.0.0-rc1` comes before `4.0.0`.
                (Ok(_), Err(_)) => Ordering::Greater,
                (Err(_), Ok(_)) => Ordering::Less,
                (Err(_), Err(_)) => left.cmp(&right),
            }
        })
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, wanted) in self.alternatives.iter().enumerate() {
            if at > 0 {
                f.write_str(" | ")?;
            }
            write!(f, "{wanted}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (at, bound) in self.versions.iter().enumerate() {
            write!(f, "{} {} {}", if at > 0 { "," } else { "" }, bound.comparison.sign(), bound.version)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn parsed(text: &str) -> Result<Relation, String> {
        let sources = Sources::new();
        Relation::parse(text, Span::new(sources.add("x", text), 0, text.len()))
    }

    #[test]
    fn relations_are_read_and_written_alike() {
        for text in ["hdfs", "yarn >= 3.5", "hadoop > 3, <= 3.5.0 | s3", "a-b | c2 = 1.0"] {
            assert_eq!(parsed(text).unwrap().to_string(), text);
        }
        assert_eq!(parsed("a>=1,<2|b").unwrap().to_string(), "a >= 1, < 2 | b");
        assert_eq!(parsed(""), Err("`` does not begin with a name".to_owned()));
        assert_eq!(parsed("a | >= 3"), Err("`>= 3` does not begin with a name".to_owned()));
        assert_eq!(parsed("a 3"), Err("`3` does not begin with `>=`, `<` …".to_owned()));
        assert_eq!(parsed("a >= x"), Err("`x` is not a version".to_owned()));
    }

    #[test]
    fn versions_compare_as_numbers() {
        let allows = |text: &str, version: &str| parsed(text).unwrap().alternatives[0].allows(version);
        assert!(allows("a >= 3.5", "3.5.0") && allows("a >= 3.5", "3.10") && !allows("a >= 3.5", "3.4.3"));
        assert!(allows("a = 3.5", "3.5.0") && !allows("a = 3.5", "3.5.1"));
        assert!(allows("a < 4", "3.99") && !allows("a < 4", "4.0") && allows("a < 4", "4.0.0-rc1"));
        assert!(allows("a > 1, <= 2", "2.0") && !allows("a > 1, <= 2", "1.0.0"));
    }
}
