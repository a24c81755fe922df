//! What somebody has answered.

use std::collections::BTreeSet;

use crate::catalogue::{Code, Delivery, Home, Language, Work, vocabulary};

vocabulary! {
    /// How data comes.
    Arrival {
        Lies = "lies", "it is there";
        Stream = "stream", "it comes in all the time";
        Both = "both", "both";
    }
}

vocabulary! {
    /// How soon an answer is needed.
    Soon {
        Milliseconds = "10ms", "10 ms";
        Second = "1s", "1 second";
        Minute = "1min", "1 minute";
        Hours = "hours", "hours";
    }
}

impl Soon {
    /// Milliseconds.
    pub fn milliseconds(self) -> f64 {
        match self {
            Self::Milliseconds => 10.0,
            Self::Second => 1e3,
            Self::Minute => 60e3,
            Self::Hours => 3_600e3,
        }
    }
}

vocabulary! {
    /// How long the cluster lives.
    Life {
        Hours = "hours", "some hours";
        Days = "days", "some days";
        Always = "always", "always";
    }
}

vocabulary! {
    /// What counts twice.
    Matter {
        Fast = "fast", "fast answers";
        Few = "few", "few machines";
        Simple = "simple", "simple to run";
        Known = "known", "a language that people know";
    }
}

/// How much data there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Volume {
    /// Now, GB.
    pub gb: f64,
    /// Growth in a year, as a fraction.
    pub growth: f64,
}

/// Events that come in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// A second, in the mean.
    pub events: f64,
    /// Bytes of each.
    pub bytes: Option<f64>,
    /// Peak over mean.
    pub peak: f64,
    /// Days that they are kept.
    pub days: f64,
}

/// A typical run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TypicalRun {
    /// Data that it goes through, GB.
    pub gb: f64,
    /// How long it may take.
    pub minutes: f64,
    /// One that was measured.
    pub measured: Option<MeasuredRun>,
}

/// A run that was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredRun {
    /// Data that it went through, GB.
    pub gb: f64,
    /// How long it took.
    pub minutes: f64,
    /// On how many cores.
    pub cores: f64,
}

/// What failures may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// How often an event has to count.
    pub events: Option<Delivery>,
    /// Whether work has to survive the loss of a node.
    pub node: Option<bool>,
}

/// What the machines must have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hardware {
    /// Whether there are GPUs that the work needs.
    pub gpu: bool,
    /// The largest flavor that may be used.
    pub largest_flavor: Option<String>,
}

/// All answers. What is empty is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// What is to be done.
    pub work: BTreeSet<Work>,
    /// How data comes.
    pub arrival: Option<Arrival>,
    /// How soon an answer is needed.
    pub answer: Option<Soon>,
    /// How much data there is.
    pub volume: Option<Volume>,
    /// Events that come in.
    pub rate: Option<Rate>,
    /// Where data lives.
    pub home: Option<Home>,
    /// Typical size of a file, MB.
    pub files: Option<f64>,
    /// What people write.
    pub languages: BTreeSet<Language>,
    /// What exists; nothing of all is an answer too.
    pub code: Option<BTreeSet<Code>>,
    /// A typical run.
    pub run: Option<TypicalRun>,
    /// What failures may cost.
    pub loss: Option<Loss>,
    /// How many people work interactively at once.
    pub people: Option<u32>,
    /// What the machines must have.
    pub hardware: Option<Hardware>,
    /// How long the cluster lives.
    pub life: Option<Life>,
    /// What counts twice.
    pub matters: BTreeSet<Matter>,
}

impl Answers {
    /// Whether something is to be done, and nothing but these.
    pub(super) fn only(&self, of: &[Work]) -> bool {
        !self.work.is_empty() && self.work.iter().all(|work| of.contains(work))
    }

    /// Whether some of these is to be done, or nobody has said what is.
    pub(super) fn some(&self, of: &[Work]) -> bool {
        self.work.is_empty() || self.work.iter().any(|work| of.contains(work))
    }

    /// Whether events come in.
    pub(super) fn streams(&self) -> bool {
        self.arrival != Some(Arrival::Lies) && self.work.contains(&Work::Stream)
    }
}
