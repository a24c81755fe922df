//! Answers as the lines of a file, and amounts as people write them.

use super::answers::Answers;
use super::question::{KEPT_DAYS, Question};
use crate::syntax::quoted;

impl Question {
    /// The answer as a line of a file of answers; nothing where it is open.
    pub fn line(self, answers: &Answers) -> Option<String> {
        self.written(answers).map(|written| format!("{} = {written}", self.name()))
    }

    /// The answer as HCL.
    fn written(self, answers: &Answers) -> Option<String> {
        if !self.is_answered(answers) {
            return None;
        }
        match self {
            Self::Work => Some(list(answers.work.iter().map(|one| one.name()))),
            Self::Arrival => answers.arrival.map(|one| quoted(one.name())),
            Self::Answer => answers.answer.map(|one| quoted(one.name())),
            Self::Volume => answers.volume.map(|volume| {
                let growth = format!("growth = {}", quoted(&percent(volume.growth)));
                object(&[Some(format!("now = {}", quoted(&size(volume.gb)))), (volume.growth > 0.0).then_some(growth)])
            }),
            Self::Rate => answers.rate.map(|rate| {
                object(&[
                    Some(format!("events = {}", number(rate.events))),
                    rate.bytes.map(|bytes| format!("bytes = {}", number(bytes))),
                    (rate.peak > 1.0).then(|| format!("peak = {}", number(rate.peak))),
                    (rate.days.to_bits() != KEPT_DAYS.to_bits()).then(|| format!("days = {}", number(rate.days))),
                ])
            }),
            Self::Home => answers.home.map(|one| quoted(one.name())),
            Self::Files => answers.files.map(|megabytes| quoted(&size(megabytes / 1e3))),
            Self::Languages => Some(list(answers.languages.iter().map(|one| one.name()))),
            Self::Code => answers.code.as_ref().map(|code| list(code.iter().map(|one| one.name()))),
            Self::Run => answers.run.map(|run| {
                let measured = run.measured;
                object(&[
                    Some(format!("data = {}", quoted(&size(run.gb)))),
                    Some(format!("within = {}", quoted(&minutes(run.minutes)))),
                    measured.map(|run| format!("measured_data = {}", quoted(&size(run.gb)))),
                    measured.map(|run| format!("measured_time = {}", quoted(&minutes(run.minutes)))),
                    measured.map(|run| format!("measured_cores = {}", number(run.cores))),
                ])
            }),
            Self::Loss => answers.loss.map(|loss| {
                object(&[
                    loss.events.map(|events| format!("events = {}", quoted(events.name()))),
                    loss.node.map(|node| format!("node = {node}")),
                ])
            }),
            Self::People => answers.people.map(|people| people.to_string()),
            Self::Hardware => answers.hardware.as_ref().map(|hardware| {
                let largest = hardware.largest_flavor.as_ref();
                object(&[
                    Some(format!("gpu = {}", hardware.gpu)),
                    largest.map(|name| format!("largest_flavor = {}", quoted(name))),
                ])
            }),
            Self::Life => answers.life.map(|one| quoted(one.name())),
            Self::Matters => Some(list(answers.matters.iter().map(|one| one.name()))),
        }
    }
}

impl Answers {
    /// All answers as a file.
    pub fn text(&self) -> String {
        let lines = Question::ALL.iter().filter_map(|question| question.line(self));
        lines.map(|line| line + "\n").collect()
    }
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", words.map(quoted).collect::<Vec<_>>().join(", "))
}

fn object(entries: &[Option<String>]) -> String {
    let entries: Vec<&str> = entries.iter().flatten().map(String::as_str).collect();
    if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
}

/// A number with as many digits as it needs.
pub fn number(number: f64) -> String {
    let rounded = (number * 1e6).round() / 1e6;
    format!("{rounded}")
}

/// An amount of data: `500 GB`, `2 TB`.
pub fn size(gb: f64) -> String {
    let units = [(1e6, "PB"), (1e3, "TB"), (1.0, "GB"), (1e-3, "MB"), (1e-6, "kB")];
    let (factor, unit) = units.into_iter().find(|(factor, _)| gb >= *factor).unwrap_or((1e-9, "B"));
    if gb <= 0.0 { "0".to_owned() } else { format!("{} {unit}", number(gb / factor)) }
}

fn percent(fraction: f64) -> String {
    format!("{} %", number(fraction * 100.0))
}

/// A time: `90 min`, `2 h`.
pub(super) fn minutes(minutes: f64) -> String {
    if minutes >= 60.0 && (minutes / 60.0).fract() == 0.0 {
        format!("{} h", number(minutes / 60.0))
    } else if minutes >= 1.0 {
        format!("{} min", number(minutes))
    } else {
        format!("{} ms", number(minutes * 60e3))
    }
}

/// A time in the shortest unit that keeps it a small number.
pub(super) fn time(milliseconds: f64) -> String {
    let units = [(3_600e3, "h"), (60e3, "min"), (1e3, "s")];
    match units.into_iter().find(|(factor, _)| milliseconds >= *factor) {
        Some((factor, unit)) => format!("{} {unit}", number(milliseconds / factor)),
        None => format!("{} ms", number(milliseconds)),
    }
}
