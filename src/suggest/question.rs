//! The questions: what is asked, why, when not, and what may be answered.

use std::collections::BTreeSet;

use super::answers::{Answers, Arrival, Life, Matter, MeasuredRun, Rate, Soon, TypicalRun, Volume};
use crate::catalogue::{Code, Delivery, Home, Language, Work, gigabytes, milliseconds, vocabulary};
use crate::source::{did_you_mean, either};

vocabulary! {
    /// What is asked.
    Question {
        Work = "work", "What is to be done?";
        Arrival = "arrival", "How does the data come?";
        Answer = "answer", "How soon is an answer needed?";
        Volume = "volume", "How much data is there?";
        Rate = "rate", "How many events come in?";
        Home = "home", "Where does the data live?";
        Files = "files", "How large is a typical file?";
        Languages = "languages", "What do the people write?";
        Code = "code", "Which code exists already?";
        Run = "run", "What is a typical run?";
        Loss = "loss", "What may be lost when something fails?";
        People = "people", "How many people work interactively at once?";
        Hardware = "hardware", "What must the machines have?";
        Life = "life", "How long does the cluster live?";
        Matters = "matters", "What matters most?";
    }
}

/// What a field of an answer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One of these words, each with what it means.
    Word(&'static [(&'static str, &'static str)]),
    /// Some of these words.
    Words(&'static [(&'static str, &'static str)]),
    /// `2 TB`
    Size,
    /// `50 %`
    Percent,
    /// `90 min`
    Time,
    /// A number above 0.
    Number,
    /// A whole number.
    Count,
    /// `true` or `false`
    Bool,
    /// A name.
    Name,
}

impl Takes {
    /// How it is written.
    pub fn form(self) -> String {
        match self {
            Self::Word(words) => either(&words.iter().map(|(word, _)| (*word).to_owned()).collect::<Vec<_>>()),
            Self::Words(words) => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                format!("some of {}", words.join(", "))
            }
            Self::Size => "an amount such as 500 GB or 2 TB".to_owned(),
            Self::Percent => "a share such as 50 %".to_owned(),
            Self::Time => "a time such as 30 min or 2 h".to_owned(),
            Self::Number => "a number above 0".to_owned(),
            Self::Count => "a whole number".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Name => "a name".to_owned(),
        }
    }
}

/// A part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in an object; empty where the answer is a single value.
    pub name: &'static str,
    /// What it means.
    pub title: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Whether the answer is none without it.
    pub required: bool,
}

const fn field(name: &'static str, title: &'static str, takes: Takes, required: bool) -> Field {
    Field { name, title, takes, required }
}

/// What may stand for no code.
const NO_CODE: &str = "none";

impl Question {
    /// Why it is asked.
    pub fn why(self) -> &'static str {
        match self {
            Self::Work => "decides which parts are needed at all",
            Self::Arrival => "streams need other engines than files",
            Self::Answer => "every engine has a floor",
            Self::Volume => "below a size a cluster is the wrong tool; sizes storage",
            Self::Rate => "sizes transport and streams",
            Self::Home => "HDFS or not; may slaves go away",
            Self::Files => "many small files fill the NameNode",
            Self::Languages => "a hard wish",
            Self::Code => "porting costs more than machines",
            Self::Run => "gives the number of cores",
            Self::Loss => "guarantees and replication",
            Self::People => "notebooks, queues, memory of the master",
            Self::Hardware => "rules out what cannot use it",
            Self::Life => "home of the data; may the cluster go away",
            Self::Matters => "counts twice",
        }
    }

    /// The parts of its answer.
    pub fn fields(self) -> &'static [Field] {
        const WORK: &[Field] = &[field("", "kinds of work", Takes::Words(Work::WORDS), true)];
        const ARRIVAL: &[Field] = &[field("", "how it comes", Takes::Word(Arrival::WORDS), true)];
        const ANSWER: &[Field] = &[field("", "the soonest", Takes::Word(Soon::WORDS), true)];
        const VOLUME: &[Field] =
            &[field("now", "data now", Takes::Size, true), field("growth", "growth in a year", Takes::Percent, false)];
        const RATE: &[Field] = &[
            field("events", "events a second", Takes::Number, true),
            field("bytes", "bytes of each", Takes::Number, false),
            field("peak", "peak over mean", Takes::Number, false),
            field("days", "days that they are kept", Takes::Number, false),
        ];
        const HOME: &[Field] = &[field("", "where", Takes::Word(Home::WORDS), true)];
        const FILES: &[Field] = &[field("", "size of a file", Takes::Size, true)];
        const LANGUAGES: &[Field] = &[field("", "languages", Takes::Words(Language::WORDS), true)];
        const CODE: &[Field] = &[field("", "code, or none", Takes::Words(Code::WORDS), true)];
        const RUN: &[Field] = &[
            field("data", "data of a run", Takes::Size, true),
            field("within", "time that it may take", Takes::Time, true),
            field("measured_data", "data of a run that was measured", Takes::Size, false),
            field("measured_time", "how long that took", Takes::Time, false),
            field("measured_cores", "on how many cores", Takes::Number, false),
        ];
        const LOSS: &[Field] = &[
            field("events", "how often an event counts", Takes::Word(Delivery::WORDS), false),
            field("node", "whether work must survive the loss of a node", Takes::Bool, false),
        ];
        const PEOPLE: &[Field] = &[field("", "people", Takes::Count, true)];
        const HARDWARE: &[Field] = &[
            field("gpu", "whether GPUs are to be used", Takes::Bool, false),
            field("largest_flavor", "largest flavor", Takes::Name, false),
        ];
        const LIFE: &[Field] = &[field("", "how long", Takes::Word(Life::WORDS), true)];
        const MATTERS: &[Field] = &[field("", "at most two", Takes::Words(Matter::WORDS), true)];
        match self {
            Self::Work => WORK,
            Self::Arrival => ARRIVAL,
            Self::Answer => ANSWER,
            Self::Volume => VOLUME,
            Self::Rate => RATE,
            Self::Home => HOME,
            Self::Files => FILES,
            Self::Languages => LANGUAGES,
            Self::Code => CODE,
            Self::Run => RUN,
            Self::Loss => LOSS,
            Self::People => PEOPLE,
            Self::Hardware => HARDWARE,
            Self::Life => LIFE,
            Self::Matters => MATTERS,
        }
    }

    /// Why it is not asked after these answers; nothing where it is. `flavors`: whether the cloud's are known.
    pub fn skipped(self, answers: &Answers, flavors: bool) -> Option<&'static str> {
        let apart = [Work::Simulation, Work::Tasks];
        let (skip, why) = match self {
            Self::Arrival => (answers.only(&apart), "the work is only `simulation` or `tasks`"),
            Self::Answer => {
                (answers.only(&[Work::Transport, Work::Simulation]), "the work is only `transport` or `simulation`")
            }
            Self::Rate => (answers.arrival == Some(Arrival::Lies) || answers.only(&apart), "no events come in"),
            Self::Home => {
                (answers.only(&[Work::Simulation, Work::Transport]), "the work is only `simulation` or `transport`")
            }
            Self::Files => (answers.home != Some(Home::Cluster), "the data does not live in the cluster"),
            Self::Run => {
                let runs = [Work::Batch, Work::Sql, Work::Ml, Work::Arrays, Work::Tasks];
                (!answers.some(&runs), "nothing of the work is a run")
            }
            Self::Hardware => (flavors && !answers.some(&[Work::Ml]), "the flavors are known, and nothing learns"),
            _ => (false, ""),
        };
        skip.then_some(why)
    }

    /// Whether the answer is there.
    pub fn is_answered(self, answers: &Answers) -> bool {
        match self {
            Self::Work => !answers.work.is_empty(),
            Self::Arrival => answers.arrival.is_some(),
            Self::Answer => answers.answer.is_some(),
            Self::Volume => answers.volume.is_some(),
            Self::Rate => answers.rate.is_some(),
            Self::Home => answers.home.is_some(),
            Self::Files => answers.files.is_some(),
            Self::Languages => !answers.languages.is_empty(),
            Self::Code => answers.code.is_some(),
            Self::Run => answers.run.is_some(),
            Self::Loss => answers.loss.is_some(),
            Self::People => answers.people.is_some(),
            Self::Hardware => answers.hardware.is_some(),
            Self::Life => answers.life.is_some(),
            Self::Matters => !answers.matters.is_empty(),
        }
    }

    /// Takes one part of an answer, as it is typed.
    ///
    /// # Errors
    /// What is wrong with it, and the way out.
    pub fn take(self, field: &Field, typed: &str, answers: &mut Answers) -> Result<(), Wrong> {
        let typed = typed.trim();
        match (self, field.name) {
            (Self::Work, _) => answers.work = words(field, typed, Work::named)?,
            (Self::Arrival, _) => answers.arrival = Some(word(field, typed, Arrival::named)?),
            (Self::Answer, _) => answers.answer = Some(word(field, typed, Soon::named)?),
            (Self::Volume, name) => {
                let volume = answers.volume.get_or_insert(Volume { gb: 0.0, growth: 0.0 });
                if name == "now" {
                    volume.gb = read(field, typed, gigabytes)?;
                } else {
                    volume.growth = read(field, typed, percent)?;
                }
            }
            (Self::Rate, name) => {
                let number = read(field, typed, positive)?;
                let usual = Rate { events: 0.0, bytes: None, peak: 1.0, days: KEPT_DAYS };
                let rate = answers.rate.get_or_insert(usual);
                match name {
                    "events" => rate.events = number,
                    "bytes" => rate.bytes = Some(number),
                    "peak" => rate.peak = number.max(1.0),
                    _ => rate.days = number,
                }
            }
            (Self::Home, _) => answers.home = Some(word(field, typed, Home::named)?),
            (Self::Files, _) => {
                let megabytes = |text: &str| gigabytes(text).map(|gb| gb * 1e3).filter(|size| *size > 0.0);
                answers.files = Some(read(field, typed, megabytes)?);
            }
            (Self::Languages, _) => answers.languages = words(field, typed, Language::named)?,
            (Self::Code, _) => {
                let code = if typed == NO_CODE { BTreeSet::new() } else { words(field, typed, Code::named)? };
                answers.code = Some(code);
            }
            (Self::Run, name) => self::run(field, typed, name, answers)?,
            (Self::Loss, name) => {
                let loss = answers.loss.get_or_insert_default();
                if name == "events" {
                    loss.events = Some(word(field, typed, Delivery::named)?);
                } else {
                    loss.node = Some(read(field, typed, truth)?);
                }
            }
            (Self::People, _) => answers.people = Some(read(field, typed, |text| text.parse().ok())?),
            (Self::Hardware, name) => {
                let hardware = answers.hardware.get_or_insert_default();
                if name == "gpu" {
                    hardware.gpu = read(field, typed, truth)?;
                } else {
                    hardware.largest_flavor = Some(typed.to_owned()).filter(|name| !name.is_empty());
                }
            }
            (Self::Life, _) => answers.life = Some(word(field, typed, Life::named)?),
            (Self::Matters, _) => {
                let matters = words(field, typed, Matter::named)?;
                if matters.len() > MOST_MATTERS {
                    return Err(Wrong { expected: "at most two of them".to_owned(), help: None });
                }
                answers.matters = matters;
            }
        }
        Ok(())
    }

    /// Forgets the answer.
    pub fn forget(self, answers: &mut Answers) {
        match self {
            Self::Work => answers.work.clear(),
            Self::Arrival => answers.arrival = None,
            Self::Answer => answers.answer = None,
            Self::Volume => answers.volume = None,
            Self::Rate => answers.rate = None,
            Self::Home => answers.home = None,
            Self::Files => answers.files = None,
            Self::Languages => answers.languages.clear(),
            Self::Code => answers.code = None,
            Self::Run => answers.run = None,
            Self::Loss => answers.loss = None,
            Self::People => answers.people = None,
            Self::Hardware => answers.hardware = None,
            Self::Life => answers.life = None,
            Self::Matters => answers.matters.clear(),
        }
    }
}

/// How many things may matter most.
pub(super) const MOST_MATTERS: usize = 2;

/// Days that events are kept where nobody says how long: what Kafka does by itself.
pub(super) const KEPT_DAYS: f64 = 7.0;

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What would be right.
    pub expected: String,
    /// The way out.
    pub help: Option<String>,
}

fn run(field: &Field, typed: &str, name: &str, answers: &mut Answers) -> Result<(), Wrong> {
    let minutes = |text: &str| milliseconds(text).map(|time| time / 60e3).filter(|minutes| *minutes > 0.0);
    let above = |text: &str| gigabytes(text).filter(|gb| *gb > 0.0);
    let run = answers.run.get_or_insert(TypicalRun { gb: 0.0, minutes: 0.0, measured: None });
    let none = MeasuredRun { gb: 0.0, minutes: 0.0, cores: 0.0 };
    match name {
        "data" => run.gb = read(field, typed, above)?,
        "within" => run.minutes = read(field, typed, minutes)?,
        "measured_data" => run.measured.get_or_insert(none).gb = read(field, typed, above)?,
        "measured_time" => run.measured.get_or_insert(none).minutes = read(field, typed, minutes)?,
        _ => run.measured.get_or_insert(none).cores = read(field, typed, positive)?,
    }
    Ok(())
}

fn word<T>(field: &Field, typed: &str, named: fn(&str) -> Option<T>) -> Result<T, Wrong> {
    named(typed).ok_or_else(|| wrong(field, typed))
}

fn words<T: Ord>(field: &Field, typed: &str, named: fn(&str) -> Option<T>) -> Result<BTreeSet<T>, Wrong> {
    let typed = typed.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty());
    let all = typed.map(|typed| word(field, typed, named)).collect::<Result<BTreeSet<T>, Wrong>>()?;
    if all.is_empty() { Err(wrong(field, "")) } else { Ok(all) }
}

fn read<T>(field: &Field, typed: &str, reader: impl Fn(&str) -> Option<T>) -> Result<T, Wrong> {
    reader(typed).ok_or_else(|| wrong(field, typed))
}

fn wrong(field: &Field, typed: &str) -> Wrong {
    let help = match field.takes {
        Takes::Word(words) | Takes::Words(words) => did_you_mean(typed, words.iter().map(|(word, _)| *word)),
        _ => None,
    };
    Wrong { expected: field.takes.form(), help }
}

fn positive(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| *number > 0.0 && *number < 1e12)
}

fn percent(text: &str) -> Option<f64> {
    let number = text.strip_suffix('%')?.trim().parse::<f64>().ok()?;
    (0.0..1e6).contains(&number).then_some(number / 100.0)
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" | "y" => Some(true),
        "false" | "no" | "n" => Some(false),
        _ => None,
    }
}
