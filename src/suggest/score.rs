//! How good a candidate is: vetoes, and a weighted mean of values on fixed scales.

use super::answers::{Answers, Life, Matter};
use super::candidate::{Candidate, Table};
use crate::catalogue::{Code, Delivery, Work, vocabulary};

vocabulary! {
    /// What candidates are compared by.
    Criterion {
        Code = "code", "existing code";
        Work = "work", "the work";
        Answer = "answer", "speed of an answer";
        Delivery = "delivery", "how often an event counts";
        Languages = "languages", "languages";
        Survives = "survives", "loss of a node";
        Volume = "volume", "amount of data";
        Home = "home", "where data lives";
        Gpu = "gpu", "GPUs";
        People = "people", "people who share it";
        Life = "life", "life of the cluster";
        Simple = "simple", "simple to run";
        Few = "few", "few machines";
    }
}

/// What each framework beyond the first costs.
pub(super) const PENALTY: f64 = 0.03;

/// Room between an engine's floor and the wished answer that is plenty.
const PLENTY: f64 = 100.0;
/// Less data by more than this is far too little.
const FAR: f64 = 10.0;

/// A value of a criterion: 0, ⅓, ⅔ or 1, or the mean of such where several kinds of work are done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) criterion: Criterion,
    pub(super) value: f64,
    pub(super) weight: f64,
}

/// Why something cannot be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Veto {
    /// Nothing that is there does this work.
    Undone(Work),
    /// It answers no sooner, milliseconds.
    Floor(usize, f64),
    /// None of the languages is supported.
    Language(usize),
    /// It uses no GPUs.
    Gpu(usize),
    /// An event may count more or less often.
    Delivers(usize, Delivery),
    /// It does not hold so much, GB.
    Volume(usize, f64),
    /// MPI programs do not run.
    Mpi,
}

/// The weight of a criterion: 1, more for code, twice as much for what matters.
pub(super) fn weight(criterion: Criterion, answers: &Answers) -> f64 {
    let doubled = |matter: Matter| if answers.matters.contains(&matter) { 2.0 } else { 1.0 };
    match criterion {
        Criterion::Code => 1.5,
        Criterion::Answer => doubled(Matter::Fast),
        Criterion::Languages => doubled(Matter::Known),
        Criterion::Simple => doubled(Matter::Simple),
        Criterion::Few => doubled(Matter::Few),
        _ => 1.0,
    }
}

impl Table<'_> {
    /// What speaks for and against a candidate. A criterion whose question is open is left out.
    pub(super) fn terms(&self, candidate: &Candidate, answers: &Answers) -> Vec<Term> {
        let term = |criterion: &Criterion| {
            let value = self.value(*criterion, candidate, answers)?;
            Some(Term { criterion: *criterion, value, weight: weight(*criterion, answers) })
        };
        Criterion::ALL.iter().filter_map(term).collect()
    }

    fn value(&self, criterion: Criterion, candidate: &Candidate, answers: &Answers) -> Option<f64> {
        let levels =
            |of: &[usize], level: &dyn Fn(usize) -> u8| of.iter().map(|member| level(*member)).min().map(third);
        let suits = |member: usize| self.members[member].suits;
        let engines = engines(candidate);
        match criterion {
            Criterion::Code => {
                let code = answers.code.as_ref().filter(|code| !code.is_empty())?;
                let best =
                    |code: &Code| engines.iter().map(|member| self.runs(*member, *code)).max().unwrap_or_default();
                code.iter().map(best).min().map(third)
            }
            Criterion::Work if answers.work.is_empty() => None,
            Criterion::Work => {
                let level = |work: Work, member: usize| suits(member).work.get(&work).copied().map_or(0.0, third);
                let sum: f64 = candidate.carriers.iter().map(|(work, member)| level(*work, *member)).sum();
                Some(sum / count(answers.work.len()))
            }
            Criterion::Answer => {
                let wish = answers.answer?.milliseconds();
                let floors = hurried(candidate).into_iter().filter_map(|member| suits(member).answer_ms);
                let room = wish / floors.fold(0.0, f64::max).max(1e-3);
                Some(third(if room >= PLENTY { 3 } else { 2 }))
            }
            Criterion::Delivery => {
                let asked = answers.loss?.events?;
                let through = delivering(candidate);
                if through.is_empty() {
                    return None;
                }
                let given = through.into_iter().map(|member| suits(member).delivers).min().flatten();
                Some(if given >= Some(asked) { 1.0 } else { third(1) })
            }
            Criterion::Languages if answers.languages.is_empty() => None,
            Criterion::Languages => levels(&engines, &|member| self.speaks(member, answers)),
            Criterion::Survives => {
                answers.loss?.node.filter(|node| *node)?;
                levels(&engines, &|member| suits(member).survives.unwrap_or(1))
            }
            Criterion::Volume => {
                let gb = answers.volume?.gb;
                let from = engines.iter().map(|member| suits(*member).volume_from_gb).fold(0.0, f64::max);
                Some(if gb >= from {
                    1.0
                } else if gb * FAR >= from {
                    third(1)
                } else {
                    0.0
                })
            }
            Criterion::Home => {
                let home = answers.home?;
                levels(&engines, &|member| suits(member).home.get(&home).copied().unwrap_or(1))
            }
            Criterion::Gpu => {
                answers.hardware.as_ref().filter(|hardware| hardware.gpu)?;
                levels(&accelerated(candidate), &|member| suits(member).gpu.unwrap_or_default())
            }
            Criterion::People => {
                answers.people.filter(|people| *people > 1)?;
                levels(&engines, &|member| suits(member).people.unwrap_or(1))
            }
            Criterion::Life => {
                let keeps = candidate.members.iter().any(|member| suits(*member).keeps);
                Some(third(match (answers.life?, keeps) {
                    (Life::Hours, true) => 1,
                    (Life::Days, true) => 2,
                    _ => 3,
                }))
            }
            Criterion::Simple => levels(&candidate.members, &|member| suits(member).simple.unwrap_or(1)),
            Criterion::Few => {
                if self.alternative(candidate).is_some() {
                    return Some(1.0);
                }
                let nodes = candidate.members.iter().map(|member| suits(*member).minimum_nodes).max();
                Some(third(match nodes.unwrap_or_default() {
                    0..=3 => 2,
                    4..=5 => 1,
                    _ => 0,
                }))
            }
        }
    }

    /// How much of existing code a member runs.
    pub(super) fn runs(&self, member: usize, code: Code) -> u8 {
        self.members[member].suits.code.get(&code).copied().unwrap_or(1)
    }

    /// How well the best of the people's languages is supported.
    pub(super) fn speaks(&self, member: usize, answers: &Answers) -> u8 {
        let languages = &self.members[member].suits.languages;
        answers.languages.iter().filter_map(|one| languages.get(one)).max().copied().unwrap_or_default()
    }

    /// Why a candidate cannot be. An open answer is never a reason.
    pub(super) fn vetoes(&self, candidate: &Candidate, answers: &Answers) -> Vec<Veto> {
        let mut all = Vec::new();
        let suits = |member: usize| self.members[member].suits;
        let done = |work: &Work| candidate.carriers.iter().any(|(carried, _)| carried == work);
        all.extend(answers.work.iter().copied().filter(|work| !done(work)).map(Veto::Undone));
        let engines = engines(candidate);
        if let Some(wish) = answers.answer {
            let floor = |member: usize| suits(member).answer_ms.filter(|floor| *floor > wish.milliseconds());
            let slow = hurried(candidate).into_iter().filter_map(|member| Some(Veto::Floor(member, floor(member)?)));
            all.extend(slow);
        }
        if !answers.languages.is_empty() {
            let strange = engines.iter().copied().filter(|member| self.speaks(*member, answers) == 0);
            all.extend(strange.map(Veto::Language));
        }
        if answers.hardware.as_ref().is_some_and(|hardware| hardware.gpu) {
            let without = accelerated(candidate).into_iter().filter(|one| suits(*one).gpu.unwrap_or_default() == 0);
            all.extend(without.map(Veto::Gpu));
        }
        if let Some(asked) = answers.loss.and_then(|loss| loss.events) {
            let weaker = |member: usize| suits(member).delivers.filter(|given| *given < asked);
            let weak = delivering(candidate).into_iter().filter_map(|one| Some(Veto::Delivers(one, weaker(one)?)));
            all.extend(weak);
        }
        if let Some(volume) = answers.volume {
            let most = |member: usize| suits(member).volume_to_gb.filter(|most| *most < volume.gb);
            all.extend(engines.iter().filter_map(|member| Some(Veto::Volume(*member, most(*member)?))));
        }
        let mpi = answers.code.as_ref().is_some_and(|code| code.contains(&Code::Mpi));
        if mpi && engines.iter().all(|member| self.runs(*member, Code::Mpi) < 2) {
            all.push(Veto::Mpi);
        }
        all
    }

    /// The score of terms, and what its members cost.
    pub(super) fn score(terms: &[Term], candidate: &Candidate) -> f64 {
        let weights: f64 = terms.iter().map(|term| term.weight).sum();
        let sum: f64 = terms.iter().map(|term| term.weight * term.value).sum();
        let mean = if weights > 0.0 { sum / weights } else { 0.0 };
        rounded(mean - penalty(candidate))
    }
}

/// What the frameworks beyond the first cost.
pub(super) fn penalty(candidate: &Candidate) -> f64 {
    PENALTY * count(candidate.members.len().saturating_sub(1))
}

/// What differs by less is the same: sums in another order must not decide.
pub(super) fn rounded(score: f64) -> f64 {
    (score * 1e9).round() / 1e9
}

#[expect(clippy::cast_precision_loss, reason = "a handful")]
fn count(number: usize) -> f64 {
    number as f64
}

fn third(level: u8) -> f64 {
    f64::from(level.min(3)) / 3.0
}

/// Those who compute; where nothing is computed, those who do what is done.
pub(super) fn engines(candidate: &Candidate) -> Vec<usize> {
    let computing = candidate.carrying(|work| !matches!(work, Work::Transport | Work::Lookup | Work::Notebook));
    if computing.is_empty() { candidate.carrying(|_| true) } else { computing }
}

/// Those of whom a soon answer is expected: streams and lookups where there are some, or else whatever answers.
fn hurried(candidate: &Candidate) -> Vec<usize> {
    let live = candidate.carrying(|work| matches!(work, Work::Stream | Work::Lookup));
    if !live.is_empty() {
        return live;
    }
    candidate.carrying(|work| !matches!(work, Work::Transport | Work::Simulation | Work::Tasks | Work::Notebook))
}

/// Those through whom events go.
fn delivering(candidate: &Candidate) -> Vec<usize> {
    candidate.carrying(|work| matches!(work, Work::Stream | Work::Transport))
}

/// Those who would use GPUs.
fn accelerated(candidate: &Candidate) -> Vec<usize> {
    let learning = candidate.carrying(|work| matches!(work, Work::Ml | Work::Arrays | Work::Simulation | Work::Tasks));
    if learning.is_empty() { engines(candidate) } else { learning }
}
