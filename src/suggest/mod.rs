//! Answers to a few questions as ranked frameworks and a ready definition. Pure: [`suggest()`] reads nothing, and the same
//! answers give the same result.
//!
//! [`Question`] says what is asked, [`read()`] reads a file of answers. All minimal compositions of frameworks that do the
//! work are looked at, and what does without a cluster. A veto is never outweighed; what is left is ordered by a weighted
//! mean of values on fixed scales, so that one more framework in the catalogue never reorders the others.

mod answers;
mod candidate;
mod definition;
mod machines;
mod question;
mod rank;
mod read;
mod score;
mod sensitivity;
mod sizing;
mod words;
mod write;

pub use answers::{Answers, Arrival, Hardware, Life, Loss, Matter, MeasuredRun, Rate, Soon, TypicalRun, Volume};
pub use definition::Place;
pub use machines::Machine;
pub use question::{Field, Question, Takes, Wrong};
pub use rank::{Lead, WeightRange};
pub use read::read;
pub use score::Criterion;
pub use sensitivity::{Counterfactual, Decider};
pub use sizing::{DISK_OF_A_NODE, Formula, Quantity, Sized, Sizing, hdfs_capacity_gb};
pub use words::{Explained, Reason};
pub use write::{number, size};

use crate::catalogue::{Catalogue, Framework, TraitPart};
use crate::model::CloudFacts;

use candidate::Table;
use rank::Ranked;
use score::rounded;

/// How many suggestions are told.
const TOLD: usize = 5;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// For people: `flink with kafka`.
    pub title: String,
    /// Frameworks, those that do the work first.
    pub frameworks: Vec<String>,
    /// Settings of frameworks: framework, name, value as HCL.
    pub settings: Vec<(String, String, String)>,
    /// Image of the nodes.
    pub image: String,
    /// Packages of one machine, where no cluster is needed.
    pub packages: Vec<String>,
    /// From 0 to 1.
    pub score: f64,
    /// Criteria with values and weights.
    pub terms: Vec<(Criterion, f64, f64)>,
    /// Why.
    pub explained: Explained,
    /// How large it has to be.
    pub sizing: Sizing,
}

impl Suggestion {
    /// Whether it does without a cluster.
    pub fn is_alone(&self) -> bool {
        self.frameworks.is_empty()
    }
}

/// What answers come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestions {
    /// The answers that count.
    pub answers: Answers,
    /// Answers that do not count after the others, and why.
    pub unused: Vec<(Question, &'static str)>,
    /// Questions that are open.
    pub open: Vec<Question>,
    /// Those of them that have an answer which puts something else first.
    pub decisive: Vec<Question>,
    /// How many compositions were looked at.
    pub looked_at: usize,
    /// Everything that was not ruled out, best first: the titles with their scores.
    pub ranking: Vec<(String, f64)>,
    /// The first of these, with everything about them. Where all is ruled out, what comes nearest, with its vetoes.
    pub suggestions: Vec<Suggestion>,
    /// Whether the first is a suggestion: false where all is ruled out.
    pub found: bool,
    /// How far the first is ahead of the second.
    pub lead: Lead,
    /// What is ruled out, and why.
    pub ruled_out: Vec<Reason>,
    /// What another answer would change.
    pub counterfactuals: Vec<Counterfactual>,
    /// What would decide between equals.
    pub decider: Option<Decider>,
    /// How much each criterion may weigh before another one comes first.
    pub weights: Vec<WeightRange>,
}

impl Suggestions {
    /// What is suggested; where all is ruled out, what comes nearest.
    pub fn first(&self) -> Option<&Suggestion> {
        self.suggestions.first()
    }

    /// A definition of a suggestion; not laid out yet.
    pub fn definition(&self, of: &Suggestion, name: &str, place: &Place, facts: &CloudFacts) -> String {
        definition::write(of, &of.explained, &of.sizing, name, place, facts)
    }
}

/// The order in which things come for answers, and how many were looked at: titles and scores of what is not ruled out.
pub fn ranking(answers: &Answers, catalogue: &Catalogue) -> Vec<(String, f64)> {
    let table = Table::new(catalogue);
    told(&table, &rank::ranked(&table, &rank::relevant(answers)))
}

fn told(table: &Table<'_>, all: &[Ranked]) -> Vec<(String, f64)> {
    all.iter().filter(|one| one.vetoes.is_empty()).map(|one| (table.title(&one.candidate), one.score)).collect()
}

/// What the definition says in blocks of frameworks: what they are set to where they are only there for others, and how long
/// events are kept.
fn settings(table: &Table<'_>, ranked: &Ranked, answers: &Answers) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for at in &ranked.candidate.members {
        let member = &table.members[*at];
        let Some(framework) = member.framework else { continue };
        // Whoever needs its scheduler needs all of it.
        let schedules = |at: &usize| table.members[*at].suits.needs.contains(&TraitPart::Scheduler);
        let whole = ranked.candidate.workers.contains(at) || ranked.candidate.workers.iter().any(schedules);
        let beside = member.suits.beside.iter().filter(|_| !whole);
        let known = beside.filter(|(name, _)| framework.setting(name).is_some());
        all.extend(known.map(|(name, value)| (member.name.to_owned(), name.clone(), value.clone())));
        let days = answers.rate.map(|rate| rate.days).filter(|days| (days - question::KEPT_DAYS).abs() > 1e-9);
        if let Some(days) = days.filter(|_| framework.setting(RETENTION).is_some()) {
            let hours = sizing::whole(days * 24.0).max(1);
            all.push((member.name.to_owned(), RETENTION.to_owned(), hours.to_string()));
        }
    }
    all
}

fn frameworks<'a>(table: &Table<'a>, ranked: &Ranked) -> Vec<&'a Framework> {
    ranked.candidate.members.iter().filter_map(|at| table.members[*at].framework).collect()
}

/// The setting of how long messages are kept.
const RETENTION: &str = "retention_hours";

/// What frameworks suit these answers, why, what would change that, and how large a cluster has to be.
pub fn suggest(answers: &Answers, catalogue: &Catalogue, facts: &CloudFacts) -> Suggestions {
    let table = Table::new(catalogue);
    let flavors = !facts.flavors.is_empty();
    let given = answers;
    let answers = &rank::relevant(given);
    let all = rank::ranked(&table, answers);
    let sound: Vec<&Ranked> = all.iter().filter(|one| one.vetoes.is_empty()).collect();
    let shown: Vec<&Ranked> =
        if sound.is_empty() { all.iter().take(1).collect() } else { sound.iter().copied().take(TOLD).collect() };
    let suggestion = |ranked: &&Ranked| {
        let alone = table.alternative(&ranked.candidate);
        let name = |member: &usize| table.members[*member].name.to_owned();
        let workers = ranked.candidate.workers.iter();
        let others = ranked.candidate.members.iter().filter(|member| !ranked.candidate.workers.contains(member));
        Suggestion {
            title: table.title(&ranked.candidate),
            settings: settings(&table, ranked, answers),
            image: definition::image(&frameworks(&table, ranked), catalogue, facts),
            frameworks: if alone.is_some() { Vec::new() } else { workers.chain(others).map(name).collect() },
            packages: alone.map(|alone| alone.packages.clone()).unwrap_or_default(),
            score: ranked.score,
            terms: ranked.terms.iter().map(|term| (term.criterion, rounded(term.value), term.weight)).collect(),
            explained: table.explained(ranked, answers),
            sizing: sizing::size_of(&table, &ranked.candidate, answers, catalogue, facts),
        }
    };
    let lead = match sound.as_slice() {
        [first, second, ..] => Lead::of(first.score - second.score),
        _ => Lead::Clear,
    };
    let unused = Question::ALL.iter().filter(|question| question.is_answered(given) && !question.is_answered(answers));
    let open = Question::ALL
        .iter()
        .copied()
        .filter(|question| !question.is_answered(answers) && question.skipped(answers, flavors).is_none());
    let open: Vec<Question> = open.collect();
    let decider = match sound.as_slice() {
        [first, second, ..] if lead == Lead::Tie => sensitivity::decider(&table, answers, [first, second], flavors),
        _ => None,
    };
    Suggestions {
        unused: unused.filter_map(|question| Some((*question, question.skipped(answers, false)?))).collect(),
        decisive: sensitivity::decisive(&table, answers, all.first(), &open),
        open,
        looked_at: all.len(),
        ranking: told(&table, &all),
        suggestions: shown.iter().map(suggestion).collect(),
        found: !sound.is_empty(),
        lead,
        ruled_out: table.ruled_out(&all, answers),
        counterfactuals: sensitivity::counterfactuals(&table, answers, all.first()),
        decider,
        weights: rank::weight_ranges(&all, answers),
        answers: answers.clone(),
    }
}
