//! What is suggested, for programs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::report::document::{FormatVersion, document};
use crate::suggest::{Machine, Question, Reason, Sized, Suggestion, Suggestions};

/// The document of `disco suggest --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct SuggestionsFile<'a> {
    format_version: FormatVersion,
    /// Whether something fits; where not, `suggestions` has what comes nearest.
    found: bool,
    /// How far the first is ahead: `clear` (0.10 or more), `close` (0.03 or more), `tie`.
    lead: &'static str,
    /// How many compositions were looked at.
    looked_at: usize,
    /// The best, with everything about them.
    suggestions: Vec<SuggestionFile<'a>>,
    /// All that is not ruled out, best first.
    ranking: Vec<RankFile<'a>>,
    /// What is ruled out, and why.
    ruled_out: Vec<ReasonFile<'a>>,
    /// Other answers to single questions, each with what would come first.
    counterfactuals: Vec<CounterfactualFile<'a>>,
    /// The open question that would decide between equals.
    decider: Option<DeciderFile<'a>>,
    /// How much each criterion may weigh before something else comes first.
    weights: Vec<WeightFile>,
    /// Questions that are open.
    open: Vec<&'static str>,
    /// Those of them that have an answer which puts something else first.
    decisive: Vec<&'static str>,
    /// Answers that do not count.
    unused: Vec<UnusedFile>,
    /// The answers as a file.
    answers: String,
    /// A definition of the first.
    definition: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SuggestionFile<'a> {
    title: &'a str,
    /// Those that do the work first; none where one machine does.
    frameworks: &'a [String],
    /// Packages of that machine.
    packages: &'a [String],
    /// From 0 to 1.
    score: f64,
    terms: Vec<TermFile>,
    reasons: Vec<ReasonFile<'a>>,
    against: Vec<ReasonFile<'a>>,
    /// What rules it out.
    vetoes: Vec<ReasonFile<'a>>,
    sizing: SizingFile<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TermFile {
    criterion: &'static str,
    /// From 0 to 1.
    value: f64,
    weight: f64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReasonFile<'a> {
    about: &'static str,
    sentence: &'a str,
    /// The page that it rests on.
    source: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RankFile<'a> {
    title: &'a str,
    score: f64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CounterfactualFile<'a> {
    question: &'static str,
    /// The other answer, as a line of a file of answers.
    answer: String,
    /// What would come first; `null` where nothing would fit.
    first: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DeciderFile<'a> {
    question: &'static str,
    answers: Vec<DecisionFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DecisionFile<'a> {
    answer: &'a str,
    first: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WeightFile {
    criterion: &'static str,
    weight: f64,
    from: f64,
    /// `null`: it may weigh anything.
    to: Option<f64>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UnusedFile {
    question: &'static str,
    why: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SizingFile<'a> {
    numbers: Vec<NumberFile<'a>>,
    /// The master first.
    machines: Vec<MachineFile<'a>>,
    notes: &'a [String],
    /// Whether the question is too large rather than the cluster.
    absurd: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NumberFile<'a> {
    /// `cores`, `disk`, `network` or `master_memory`.
    quantity: &'static str,
    unit: &'static str,
    /// The framework that needs it.
    of: &'a str,
    /// `null` where an answer is open.
    value: Option<f64>,
    /// Where nothing was measured, it is from here…
    from: Option<f64>,
    /// … to here.
    to: Option<f64>,
    formula: &'a str,
    inputs: BTreeMap<&'a str, &'a str>,
    /// The page that it rests on.
    source: Option<&'a str>,
    /// What that page says, in our words.
    says: Option<&'a str>,
    /// Questions whose answers are missing.
    open: Vec<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct MachineFile<'a> {
    group: &'static str,
    count: u64,
    flavor: &'a str,
    vcpus: u32,
    memory_mib: u64,
    /// Size of the volume of each; 0 where there is none.
    disk_gb: u64,
    stores: bool,
}

/// Everything about a result, with a definition of the first.
pub fn suggestions_json(result: &Suggestions, definition: Option<&str>) -> Json {
    let names = |questions: &[Question]| questions.iter().map(|question| question.name()).collect::<Vec<_>>();
    document(&SuggestionsFile {
        format_version: FormatVersion::Current,
        found: result.found,
        lead: result.lead.name(),
        looked_at: result.looked_at,
        suggestions: result.suggestions.iter().map(suggestion).collect(),
        ranking: result.ranking.iter().map(|(title, score)| RankFile { title, score: *score }).collect(),
        ruled_out: reasons(&result.ruled_out),
        counterfactuals: result
            .counterfactuals
            .iter()
            .map(|change| CounterfactualFile {
                question: change.question.name(),
                answer: change.question.line(&change.answers).unwrap_or_default(),
                first: change.first.as_deref(),
            })
            .collect(),
        decider: result.decider.as_ref().map(|decider| DeciderFile {
            question: decider.question.name(),
            answers: decider.answers.iter().map(|(answer, first)| DecisionFile { answer, first }).collect(),
        }),
        weights: result
            .weights
            .iter()
            .map(|range| WeightFile {
                criterion: range.criterion.name(),
                weight: range.weight,
                from: range.from,
                to: range.to,
            })
            .collect(),
        open: names(&result.open),
        decisive: names(&result.decisive),
        unused: result.unused.iter().map(|(question, why)| UnusedFile { question: question.name(), why }).collect(),
        answers: result.answers.text(),
        definition,
    })
}

fn suggestion(of: &Suggestion) -> SuggestionFile<'_> {
    let term = |(criterion, value, weight): &(crate::suggest::Criterion, f64, f64)| TermFile {
        criterion: criterion.name(),
        value: *value,
        weight: *weight,
    };
    SuggestionFile {
        title: &of.title,
        frameworks: &of.frameworks,
        packages: &of.packages,
        score: of.score,
        terms: of.terms.iter().map(term).collect(),
        reasons: reasons(&of.explained.reasons),
        against: reasons(&of.explained.against),
        vetoes: reasons(&of.explained.vetoes),
        sizing: SizingFile {
            numbers: of.sizing.numbers.iter().map(sized).collect(),
            machines: of.sizing.master.iter().chain(&of.sizing.groups).map(machine_file).collect(),
            notes: &of.sizing.notes,
            absurd: of.sizing.absurd,
        },
    }
}

fn reasons(all: &[Reason]) -> Vec<ReasonFile<'_>> {
    let mut files = Vec::with_capacity(all.len());
    for one in all {
        files.push(ReasonFile { about: one.about, sentence: &one.sentence, source: one.source.as_deref() });
    }
    files
}

fn sized(number: &Sized) -> NumberFile<'_> {
    let source = number.source.as_ref();
    NumberFile {
        quantity: number.quantity.name(),
        unit: number.quantity.unit(),
        of: &number.of,
        value: number.value,
        from: number.between.map(|(from, _)| from),
        to: number.between.map(|(_, to)| to),
        formula: number.formula.text(),
        inputs: number.inputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        source: source.map(|source| source.url.as_str()),
        says: source.map(|source| source.says.as_str()),
        open: number.open.iter().map(|question| question.name()).collect(),
    }
}

fn machine_file(of: &Machine) -> MachineFile<'_> {
    MachineFile {
        group: of.group,
        count: of.count,
        flavor: &of.flavor,
        vcpus: of.vcpus,
        memory_mib: of.memory_mib,
        disk_gb: of.disk_gb,
        stores: of.stores,
    }
}
