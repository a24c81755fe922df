//! What would change the result: every answered question with each of its other answers, and all computed again.

use std::collections::BTreeSet;

use super::answers::{Answers, Arrival, Hardware, Life, Loss, Matter, Rate, Soon, TypicalRun, Volume};
use super::candidate::Table;
use super::question::{KEPT_DAYS, MOST_MATTERS, Question};
use super::rank::{Lead, Ranked, ranked, relevant};
use crate::catalogue::{Code, Delivery, Home, Language, Work};

/// Amounts of data that stand for all, GB.
const VOLUMES: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 10e3, 100e3, 1e6];
/// Events a second that stand for all.
const RATES: [f64; 4] = [100.0, 10e3, 100e3, 1e6];
/// Sizes of files that stand for all, MB.
const FILES: [f64; 3] = [0.1, 10.0, 1e3];
/// People who stand for all.
const PEOPLE: [u32; 3] = [1, 10, 100];

/// Another answer to a question, and what would come first with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterfactual {
    /// The question.
    pub question: Question,
    /// The answers with the other one.
    pub answers: Answers,
    /// What would come first; nothing where all would be ruled out.
    pub first: Option<String>,
}

/// An open question that would decide between equals.
#[derive(Clone, Debug, PartialEq)]
pub struct Decider {
    /// The question.
    pub question: Question,
    /// Answers as lines of a file, each with what would come first.
    pub answers: Vec<(String, String)>,
}

/// Everything that differs from the first in one answer and puts another one first.
pub(super) fn counterfactuals(table: &Table<'_>, answers: &Answers, first: Option<&Ranked>) -> Vec<Counterfactual> {
    let title =
        |ranked: Option<&Ranked>| ranked.filter(|one| one.vetoes.is_empty()).map(|one| table.title(&one.candidate));
    let now = title(first);
    let mut all = Vec::new();
    for question in Question::ALL.iter().copied().filter(|question| question.is_answered(answers)) {
        for changed in others(question, answers) {
            let then = title(ranked(table, &relevant(&changed)).first());
            if then != now {
                all.push(Counterfactual { question, answers: changed, first: then });
            }
        }
    }
    all
}

/// The open questions that have an answer which puts another one first.
pub(super) fn decisive(
    table: &Table<'_>,
    answers: &Answers,
    first: Option<&Ranked>,
    open: &[Question],
) -> Vec<Question> {
    let now = first.map(|one| table.title(&one.candidate));
    let changes = |question: &Question| {
        others(*question, answers).iter().any(|changed| {
            let all = ranked(table, &relevant(changed));
            all.first().map(|one| table.title(&one.candidate)) != now
        })
    };
    open.iter().copied().filter(changes).collect()
}

/// The open question that separates the best two most often.
pub(super) fn decider(table: &Table<'_>, answers: &Answers, best: [&Ranked; 2], flavors: bool) -> Option<Decider> {
    let titles = best.map(|one| table.title(&one.candidate));
    let asked = |question: &&Question| !question.is_answered(answers) && question.skipped(answers, flavors).is_none();
    let separating = |question: &Question| {
        let mut found: Vec<(String, String)> = Vec::new();
        for changed in others(*question, answers) {
            let all = ranked(table, &relevant(&changed));
            let sound: Vec<&Ranked> = all.iter().filter(|one| one.vetoes.is_empty()).take(2).collect();
            let lead = match sound.as_slice() {
                [one, other] => Lead::of(one.score - other.score),
                [_] => Lead::Clear,
                _ => continue,
            };
            let title = table.title(&sound[0].candidate);
            if lead > Lead::Tie && titles.contains(&title) {
                found.push((question.line(&changed).unwrap_or_default(), title));
            }
        }
        let firsts: BTreeSet<&String> = found.iter().map(|(_, first)| first).collect();
        (firsts.len() > 1).then_some(Decider { question: *question, answers: found })
    };
    let all: Vec<Decider> = Question::ALL.iter().filter(asked).filter_map(separating).collect();
    all.into_iter()
        .max_by(|one, other| one.answers.len().cmp(&other.answers.len()).then(other.question.cmp(&one.question)))
}

/// The answers with each other answer to a question. One of several words is added or taken away.
pub(super) fn others(question: Question, answers: &Answers) -> Vec<Answers> {
    let mut all: Vec<Answers> = Vec::new();
    let mut with = |change: &dyn Fn(&mut Answers)| {
        let mut changed = answers.clone();
        change(&mut changed);
        let open = question.is_answered(answers) && !question.is_answered(&changed);
        if changed != *answers && !open {
            all.push(changed);
        }
    };
    match question {
        Question::Work => Work::ALL.iter().for_each(|one| with(&|of| toggle(&mut of.work, *one))),
        Question::Arrival => Arrival::ALL.iter().for_each(|one| with(&|of| of.arrival = Some(*one))),
        Question::Answer => Soon::ALL.iter().for_each(|one| with(&|of| of.answer = Some(*one))),
        Question::Volume => {
            let growth = answers.volume.map_or(0.0, |volume| volume.growth);
            for gb in VOLUMES {
                with(&|of| of.volume = Some(Volume { gb, growth }));
            }
        }
        Question::Rate => {
            let rate = answers.rate.unwrap_or(Rate { events: 0.0, bytes: None, peak: 1.0, days: KEPT_DAYS });
            for events in RATES {
                with(&|of| of.rate = Some(Rate { events, ..rate }));
            }
        }
        Question::Home => Home::ALL.iter().for_each(|one| with(&|of| of.home = Some(*one))),
        Question::Files => FILES.iter().for_each(|one| with(&|of| of.files = Some(*one))),
        Question::Languages => Language::ALL.iter().for_each(|one| with(&|of| toggle(&mut of.languages, *one))),
        Question::Code => {
            with(&|of| of.code = Some(BTreeSet::new()));
            for one in Code::ALL {
                with(&|of| toggle(of.code.get_or_insert_default(), *one));
            }
        }
        Question::Run => {
            let run = answers.run.unwrap_or(TypicalRun { gb: 100.0, minutes: 60.0, measured: None });
            for factor in [0.1, 10.0] {
                with(&|of| of.run = Some(TypicalRun { gb: run.gb * factor, ..run }));
            }
        }
        Question::Loss => {
            let loss = answers.loss.unwrap_or_default();
            let events = Delivery::ALL.iter().map(|one| Loss { events: Some(*one), ..loss });
            let node = [true, false].map(|node| Loss { node: Some(node), ..loss });
            events.chain(node).for_each(|one| with(&|of| of.loss = Some(one)));
        }
        Question::People => PEOPLE.iter().for_each(|one| with(&|of| of.people = Some(*one))),
        Question::Hardware => {
            let largest_flavor = answers.hardware.as_ref().and_then(|hardware| hardware.largest_flavor.clone());
            for gpu in [true, false] {
                with(&|of| of.hardware = Some(Hardware { gpu, largest_flavor: largest_flavor.clone() }));
            }
        }
        Question::Life => Life::ALL.iter().for_each(|one| with(&|of| of.life = Some(*one))),
        Question::Matters => Matter::ALL.iter().for_each(|one| {
            with(&|of| {
                if of.matters.contains(one) || of.matters.len() < MOST_MATTERS {
                    toggle(&mut of.matters, *one);
                }
            });
        }),
    }
    all
}

fn toggle<T: Ord>(set: &mut BTreeSet<T>, word: T) {
    if !set.remove(&word) {
        set.insert(word);
    }
}
