//! Candidates in the order of their scores, and how sure that order is.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::answers::Answers;
use super::candidate::{Candidate, Table};
use super::question::Question;
use super::score::{Criterion, Term, Veto, penalty, weight};

/// A candidate with everything that was found of it.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) candidate: Candidate,
    pub(super) terms: Vec<Term>,
    pub(super) vetoes: Vec<Veto>,
    pub(super) score: f64,
}

/// From this lead on the first is clearly the first.
const CLEAR: f64 = 0.10;
/// From this lead on it is the first; below the best two are equals.
const CLOSE: f64 = 0.03;

/// How far the first is ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// The best two are equals.
    Tie,
    /// A little.
    Close,
    /// Clearly, or there is no other.
    Clear,
}

impl Lead {
    /// What a difference of scores means.
    pub fn of(margin: f64) -> Self {
        if margin >= CLEAR {
            Self::Clear
        } else if margin >= CLOSE {
            Self::Close
        } else {
            Self::Tie
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tie => "tie",
            Self::Close => "close",
            Self::Clear => "clear",
        }
    }
}

/// The answers without those to questions that are not asked after the others. What somebody says of the machines counts
/// in any case.
pub(super) fn relevant(answers: &Answers) -> Answers {
    let mut all = answers.clone();
    for question in Question::ALL.iter().filter(|question| **question != Question::Hardware) {
        if question.skipped(&all, false).is_some() {
            question.forget(&mut all);
        }
    }
    all
}

/// All candidates: first those without vetoes, each by their scores; of equals the smaller, then the alphabet.
pub(super) fn ranked(table: &Table<'_>, answers: &Answers) -> Vec<Ranked> {
    let rank = |candidate: Candidate| {
        let terms = table.terms(&candidate, answers);
        let score = Table::score(&terms, &candidate);
        Ranked { vetoes: table.vetoes(&candidate, answers), candidate, terms, score }
    };
    let mut all: Vec<Ranked> = table.candidates(answers).into_iter().map(rank).collect();
    all.sort_by(|one, other| order(table, one, other));
    all
}

fn order(table: &Table<'_>, one: &Ranked, other: &Ranked) -> Ordering {
    let names = |of: &Ranked| -> Vec<&str> {
        of.candidate.workers.iter().chain(&of.candidate.members).map(|member| table.members[*member].name).collect()
    };
    // What does not do the work at all comes last.
    let undone = |of: &Ranked| of.vetoes.iter().filter(|veto| matches!(veto, Veto::Undone(_))).count();
    undone(one)
        .cmp(&undone(other))
        .then_with(|| one.vetoes.len().cmp(&other.vetoes.len()))
        .then_with(|| other.score.total_cmp(&one.score))
        .then_with(|| one.candidate.members.len().cmp(&other.candidate.members.len()))
        .then_with(|| names(one).cmp(&names(other)))
}

/// The weights of a criterion with which the first stays the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightRange {
    /// The criterion.
    pub criterion: Criterion,
    /// What it weighs.
    pub weight: f64,
    /// From here.
    pub from: f64,
    /// Up to here; nothing where it may weigh anything.
    pub to: Option<f64>,
}

/// For every criterion that counts: how much it may weigh, all others as they are, before another one comes first.
///
/// With `w` the weight, `A` the weighted sum of the other values and `W` their weights, a score is `(A + w·v)/(W + w) − p`. So
/// the first stays ahead of another one as long as `(ΔA − Δp·W) + w·(Δv − Δp)` is not negative: a line.
pub(super) fn weight_ranges(all: &[Ranked], answers: &Answers) -> Vec<WeightRange> {
    let Some((first, others)) = all.split_first().filter(|(first, _)| first.vetoes.is_empty()) else {
        return Vec::new();
    };
    let values = |of: &Ranked| -> BTreeMap<Criterion, f64> {
        of.terms.iter().map(|term| (term.criterion, term.value)).collect()
    };
    let mine = values(first);
    // Where no work is chosen candidates are not compared by the same criteria.
    let comparable = |other: &&Ranked| other.vetoes.is_empty() && other.terms.len() == first.terms.len();
    let others: Vec<(BTreeMap<Criterion, f64>, f64)> =
        others.iter().filter(comparable).map(|other| (values(other), penalty(&other.candidate))).collect();
    let range = |term: &Term| {
        let rest: f64 = first.terms.iter().filter(|one| one.criterion != term.criterion).map(|one| one.weight).sum();
        let (mut from, mut to) = (0.0_f64, f64::INFINITY);
        for (theirs, cost) in &others {
            let behind = penalty(&first.candidate) - cost;
            let ahead = |criterion: Criterion| {
                mine.get(&criterion).copied().unwrap_or_default() - theirs.get(&criterion).copied().unwrap_or_default()
            };
            let others = first.terms.iter().filter(|one| one.criterion != term.criterion);
            let sum: f64 = others.map(|one| one.weight * ahead(one.criterion)).sum();
            let (at_nothing, slope) = (sum - behind * rest, ahead(term.criterion) - behind);
            if slope > 1e-12 {
                from = from.max(-at_nothing / slope);
            } else if slope < -1e-12 {
                to = to.min(-at_nothing / slope);
            }
        }
        WeightRange {
            criterion: term.criterion,
            weight: weight(term.criterion, answers),
            from: from.max(0.0),
            to: Some(to).filter(|to| to.is_finite()),
        }
    };
    first.terms.iter().map(range).collect()
}
