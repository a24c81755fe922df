//! What a framework is good for (`suits`), and how large a cluster of it has to be (`sizing`): what `disco suggest` goes by.

use std::collections::BTreeMap;

use crate::source::Span;
use crate::syntax::tree::Expression;

/// Words of manifests and answers, each with what it means.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal, $title:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = $title] $variant,)+
        }

        impl $name {
            /// All of them, in the order in which they are asked for.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// How each is written, and what it means.
            pub const WORDS: &'static [(&'static str, &'static str)] = &[$(($word, $title),)+];

            /// As manifests and answers write it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// For people.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                }
            }

            /// The one that is written so.
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == word)
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// What is to be done.
    Work {
        Batch = "batch", "batch processing";
        Sql = "sql", "SQL analytics";
        Stream = "stream", "stream processing";
        Transport = "transport", "messages from writers to readers";
        Ml = "ml", "machine learning";
        Arrays = "arrays", "arrays and data frames";
        Simulation = "simulation", "tightly coupled simulation";
        Tasks = "tasks", "many independent tasks";
        Lookup = "lookup", "reads and writes by key";
        Graph = "graph", "graph algorithms";
        Notebook = "notebook", "notebooks";
    }
}

vocabulary! {
    /// What people write.
    Language {
        Java = "java", "Java";
        Scala = "scala", "Scala";
        Python = "python", "Python";
        Sql = "sql", "SQL";
        R = "r", "R";
        Native = "native", "C, C++ or Fortran";
    }
}

vocabulary! {
    /// Code that is there.
    Code {
        Mapreduce = "mapreduce", "MapReduce jobs";
        Hive = "hive", "Hive queries";
        Spark = "spark", "Spark jobs";
        Storm = "storm", "Storm topologies";
        Pandas = "pandas", "pandas code";
        Mpi = "mpi", "MPI programs";
    }
}

vocabulary! {
    /// Where data lives.
    Home {
        Cluster = "cluster", "in the cluster";
        Object = "object", "in an object store";
        Loaded = "loaded", "loaded for each run";
    }
}

vocabulary! {
    /// How often an event counts when something fails.
    Delivery {
        AtMostOnce = "at-most-once", "at most once";
        AtLeastOnce = "at-least-once", "at least once";
        ExactlyOnce = "exactly-once", "exactly once";
    }
}

vocabulary! {
    /// What a cluster may need beside what does the work.
    Part {
        Storage = "storage", "a distributed file system";
        Transport = "transport", "a log of messages";
        Scheduler = "scheduler", "a scheduler of jobs";
        Tables = "tables", "a catalog of tables";
    }
}

/// What a framework, or something that is none, is good for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suits {
    /// How well it does each kind of work, 0 to 3; what is not named it is not considered for.
    pub work: BTreeMap<Work, u8>,
    /// How well each language is supported, 0 to 3.
    pub languages: BTreeMap<Language, u8>,
    /// How much of existing code runs: 3 as it is, 2 with small changes, 1 ported, 0 not at all.
    pub code: BTreeMap<Code, u8>,
    /// How well it works with data that live there, 0 to 3.
    pub home: BTreeMap<Home, u8>,
    /// How well it uses GPUs.
    pub gpu: Option<u8>,
    /// How well people share it.
    pub people: Option<u8>,
    /// How well work survives the loss of a node.
    pub survives: Option<u8>,
    /// How simple it is to run.
    pub simple: Option<u8>,
    /// The soonest answer, milliseconds.
    pub answer_ms: Option<f64>,
    /// Data below which it is the wrong tool, GB.
    pub volume_from_gb: f64,
    /// Data above which it does not work, GB.
    pub volume_to_gb: Option<f64>,
    /// How often an event counts.
    pub delivers: Option<Delivery>,
    /// What it is for others.
    pub fills: Vec<Part>,
    /// What it needs beside itself, where the answers call for it.
    pub needs: Vec<Part>,
    /// Settings where it is only there for others, as HCL.
    pub beside: Vec<(String, String)>,
    /// Whether data lies in it for good.
    pub keeps: bool,
    /// Slaves without which it makes no sense.
    pub minimum_nodes: u32,
    /// What the traits rest on.
    pub sources: Vec<TraitSource>,
}

impl Suits {
    /// The source that a trait rests on: `work.stream`.
    pub fn source(&self, of: &str) -> Option<&TraitSource> {
        self.sources.iter().find(|source| source.about.iter().any(|about| about == of))
    }

    /// Every trait that has a level, by name.
    pub fn levels(&self) -> Vec<(String, u8)> {
        let mut all = Vec::new();
        all.extend(self.work.iter().map(|(work, level)| (format!("work.{}", work.name()), *level)));
        all.extend(self.languages.iter().map(|(language, level)| (format!("languages.{}", language.name()), *level)));
        all.extend(self.code.iter().map(|(code, level)| (format!("code.{}", code.name()), *level)));
        all.extend(self.home.iter().map(|(home, level)| (format!("home.{}", home.name()), *level)));
        let single = [("gpu", self.gpu), ("people", self.people), ("survives", self.survives), ("simple", self.simple)];
        all.extend(single.into_iter().filter_map(|(name, level)| Some((name.to_owned(), level?))));
        all
    }
}

/// A page, and what it says of traits.
#[derive(Clone, Debug, PartialEq)]
pub struct TraitSource {
    /// The page.
    pub url: String,
    /// What it says, in our words.
    pub says: String,
    /// Names of the traits or formulas that rest on it.
    pub about: Vec<String>,
    /// Where it is written.
    pub origin: Span,
}

/// How large a cluster has to be: formulas over the answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SizingFormulas {
    /// Cores of all slaves.
    pub cores: Option<Expression>,
    /// Disks of all slaves, GB.
    pub disk: Option<Expression>,
    /// Memory of the master beside the usual, MiB.
    pub master_memory: Option<Expression>,
    /// Network of all slaves, MB/s.
    pub network: Option<Expression>,
    /// Memory for a core, GiB.
    pub memory_per_core: Option<f64>,
    /// Data that a core goes through, MB/s.
    pub throughput: Option<f64>,
    /// Whether few large nodes are better than many small ones.
    pub large_nodes: bool,
    /// What the formulas rest on.
    pub sources: Vec<TraitSource>,
}

impl SizingFormulas {
    /// The formulas, by name.
    pub fn formulas(&self) -> impl Iterator<Item = (&'static str, &Expression)> {
        let all = [
            ("cores", &self.cores),
            ("disk", &self.disk),
            ("master_memory", &self.master_memory),
            ("network", &self.network),
        ];
        all.into_iter().filter_map(|(name, formula)| Some((name, formula.as_ref()?)))
    }

    /// The source that a formula rests on.
    pub fn source(&self, of: &str) -> Option<&TraitSource> {
        self.sources.iter().find(|source| source.about.iter().any(|about| about == of))
    }
}

/// What formulas of `sizing` may name: root and entry.
pub const SIZING_NAMES: [(&str, &str); 11] = [
    ("data", "gb"),
    ("data", "growth"),
    ("data", "files"),
    ("data", "replication"),
    ("rate", "events"),
    ("rate", "peak"),
    ("rate", "mb"),
    ("rate", "days"),
    ("run", "gb"),
    ("run", "minutes"),
    ("people", "count"),
];

/// Something that does the work without a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// Name.
    pub name: String,
    /// For people: `a database on one machine`.
    pub title: String,
    /// Packages of the distribution that make one of a machine.
    pub packages: Vec<String>,
    /// What it is good for.
    pub suits: Suits,
    /// How large the machine has to be.
    pub sizing: SizingFormulas,
}

/// An amount of data as people write it, in GB: `500 MB`, `2 TB`, `0`.
pub fn gigabytes(text: &str) -> Option<f64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "B" => 1e-9,
        "kB" | "KB" => 1e-6,
        "MB" => 1e-3,
        "GB" => 1.0,
        "TB" => 1e3,
        "PB" => 1e6,
        "" if number == 0.0 => 1.0,
        _ => return None,
    };
    Some(number * factor)
}

/// A time as people write it, in milliseconds: `10ms`, `1 s`, `90 min`, `2 h`, `7 days`.
pub fn milliseconds(text: &str) -> Option<f64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "ms" => 1.0,
        "s" => 1e3,
        "m" | "min" => 60e3,
        "h" | "hour" | "hours" => 3_600e3,
        "d" | "day" | "days" => 86_400e3,
        _ => return None,
    };
    Some(number * factor)
}

/// A number that is not negative, and what stands behind it.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    (number.is_finite() && number < 1e12).then(|| (number, text[end..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_times_are_read() {
        assert_eq!(gigabytes("2 TB"), Some(2000.0));
        assert_eq!(gigabytes("1.5GB"), Some(1.5));
        assert_eq!(gigabytes("0"), Some(0.0));
        assert_eq!(gigabytes("5"), None);
        assert_eq!(gigabytes("-5 GB"), None);
        assert_eq!(milliseconds("10ms"), Some(10.0));
        assert_eq!(milliseconds("2 h"), Some(7_200_000.0));
        assert_eq!(milliseconds("soon"), None);
    }
}
