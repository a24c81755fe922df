//! What a framework is good for: its traits, as words and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::catalogue::{Framework, SizingFormulas, Suits, TraitSource};
use crate::report::table;
use crate::source::Sources;
use crate::suggest::size;

/// What `disco suggest` knows of it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SuitsFile<'a> {
    /// Traits by name, such as `work.stream`: 0 cannot, 1 can, 2 good, 3 made for it.
    levels: BTreeMap<String, u8>,
    /// The soonest answer, milliseconds.
    answer_ms: Option<f64>,
    /// Data below which it is the wrong tool, GB.
    volume_from_gb: f64,
    /// Data above which it does not work, GB.
    volume_to_gb: Option<f64>,
    /// How often an event counts.
    delivers: Option<&'static str>,
    /// What it is for others.
    fills: Vec<&'static str>,
    /// What it needs beside itself, where the answers call for it.
    needs: Vec<&'static str>,
    /// Whether data lies in it for good.
    keeps: bool,
    /// Slaves without which it makes no sense.
    minimum_nodes: u32,
    /// How large a cluster has to be: formulas over the answers, by name.
    sizing: BTreeMap<&'static str, String>,
    sources: Vec<SourceFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SourceFile<'a> {
    url: &'a str,
    /// What the page says, in our words.
    says: &'a str,
    /// Traits and formulas that rest on it.
    about: &'a [String],
}

pub(super) fn suits<'a>(framework: &'a Framework, sources: &Sources) -> SuitsFile<'a> {
    let Framework { suits, sizing, .. } = framework;
    SuitsFile {
        levels: suits.levels().into_iter().collect(),
        answer_ms: suits.answer_ms,
        volume_from_gb: suits.volume_from_gb,
        volume_to_gb: suits.volume_to_gb,
        delivers: suits.delivers.map(crate::catalogue::Delivery::name),
        fills: suits.fills.iter().map(|part| part.name()).collect(),
        needs: suits.needs.iter().map(|part| part.name()).collect(),
        keeps: suits.keeps,
        minimum_nodes: suits.minimum_nodes,
        sizing: formulas(sizing, sources).into_iter().collect(),
        sources: both(suits, sizing)
            .map(|source| SourceFile { url: &source.url, says: &source.says, about: &source.about })
            .collect(),
    }
}

fn formulas(sizing: &SizingFormulas, sources: &Sources) -> Vec<(&'static str, String)> {
    let written = sizing.formulas().map(|(name, formula)| (name, sources.snippet(formula.span)));
    let number = |name, number: Option<f64>| number.map(|number| (name, crate::suggest::number(number)));
    let numbers = [number("memory_per_core", sizing.memory_per_core), number("throughput", sizing.throughput)];
    let large = sizing.large_nodes.then(|| ("large_nodes", "true".to_owned()));
    written.chain(numbers.into_iter().flatten()).chain(large).collect()
}

fn both<'a>(suits: &'a Suits, sizing: &'a SizingFormulas) -> impl Iterator<Item = &'a TraitSource> {
    suits.sources.iter().chain(&sizing.sources)
}

/// The same for people; empty where nothing is said.
pub(super) fn words(framework: &Framework, sources: &Sources) -> String {
    let Framework { suits, sizing, .. } = framework;
    let mut rows: Vec<[String; 2]> = Vec::new();
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for (name, level) in suits.levels() {
        let (group, word) = name.split_once('.').unwrap_or((&name, ""));
        if !order.iter().any(|known| known == group) {
            order.push(group.to_owned());
        }
        let word = if word.is_empty() { level.to_string() } else { format!("{word} {level}") };
        groups.entry(group.to_owned()).or_default().push(word);
    }
    for group in order {
        let words = groups.get(&group).map(|words| words.join(", ")).unwrap_or_default();
        rows.push([group, words]);
    }
    if let Some(milliseconds) = suits.answer_ms {
        rows.push(["answer".to_owned(), format!("{} ms at the soonest", crate::suggest::number(milliseconds))]);
    }
    let volume = match (suits.volume_from_gb > 0.0, suits.volume_to_gb) {
        (true, Some(to)) => format!("from {} to {}", size(suits.volume_from_gb), size(to)),
        (true, None) => format!("from {}", size(suits.volume_from_gb)),
        (false, Some(to)) => format!("up to {}", size(to)),
        (false, None) => String::new(),
    };
    if !volume.is_empty() {
        rows.push(["volume".to_owned(), volume]);
    }
    rows.extend(suits.delivers.map(|delivers| ["delivers".to_owned(), delivers.name().to_owned()]));
    if suits.minimum_nodes > 0 {
        rows.push(["slaves".to_owned(), format!("at least {}", suits.minimum_nodes)]);
    }
    rows.extend(formulas(sizing, sources).into_iter().map(|(name, formula)| [name.to_owned(), formula]));
    let mut text = table(&rows, "  ");
    for source in both(suits, sizing) {
        let _ = writeln!(text, "  {}: {}\n      {}", source.about.join(", "), source.says, source.url);
    }
    text
}
