//! How large a cluster has to be: every number with its formula, its inputs and its source.

use std::collections::BTreeMap;

use super::answers::{Answers, Life};
use super::candidate::{Candidate, Table};
use super::machines::{Machine, Needs, machines, master};
use super::question::Question;
use super::score::engines;
use super::write::{number, size};
use crate::catalogue::{Catalogue, Home, TraitSource, Work};
use crate::expression::{NoFiles, Number, Scope, Value};
use crate::model::{CloudFacts, QuotaKind};
use crate::source::{Sources, Span};
use crate::syntax::references;
use crate::syntax::tree::Expression;

/// Copies of a block that HDFS and Kafka keep by default where there are three nodes, as there always are here.
const REPLICATION: f64 = 3.0;
/// Slaves of a cluster that has some: with fewer, one machine does.
const LEAST_NODES: u64 = 3;
/// Disk of a node, GB.
pub const DISK_OF_A_NODE: f64 = 2000.0;
/// Network of a node that is used, MB/s: 60 % of 10 Gbit/s.
const NETWORK_OF_A_NODE: f64 = 750.0;
/// Memory for a core where nobody says how much, GiB.
const USUAL_MEMORY: f64 = 2.0;
/// Without a measurement the real number is between these parts of what is computed: a factor of three.
const UNSURE: (f64, f64) = (2.0 / 3.0, 2.0);

/// What is sized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Cores of all slaves.
    Cores,
    /// Disks of all slaves, GB.
    Disk,
    /// Network of all slaves, MB/s.
    Network,
    /// Memory of the master, MiB.
    MasterMemory,
}

impl Quantity {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cores => "cores",
            Self::Disk => "disk",
            Self::Network => "network",
            Self::MasterMemory => "master_memory",
        }
    }

    /// Its unit.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Cores => "cores",
            Self::Disk => "GB",
            Self::Network => "MB/s",
            Self::MasterMemory => "MiB on the master",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Cores, Self::Disk, Self::Network, Self::MasterMemory].into_iter().find(|one| one.name() == name)
    }
}

/// A formula of a manifest, or one that holds for all.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// This text of a manifest.
    Written(Span, String),
    /// In words.
    Words(&'static str),
}

impl Formula {
    /// As text.
    pub fn text(&self) -> &str {
        match self {
            Self::Written(_, text) => text,
            Self::Words(text) => text,
        }
    }
}

/// A number and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Sized {
    /// What.
    pub quantity: Quantity,
    /// The framework that needs it.
    pub of: String,
    /// How much; nothing where an answer is open.
    pub value: Option<f64>,
    /// From and to, where nothing was measured.
    pub between: Option<(f64, f64)>,
    /// How it is computed.
    pub formula: Formula,
    /// Names and values of what goes into it.
    pub inputs: Vec<(String, String)>,
    /// What it rests on.
    pub source: Option<TraitSource>,
    /// Questions whose answers are missing.
    pub open: Vec<Question>,
}

/// How large a cluster has to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sizing {
    /// The numbers.
    pub numbers: Vec<Sized>,
    /// Slaves, in groups of equals; none where one machine does.
    pub groups: Vec<Machine>,
    /// The master.
    pub master: Option<Machine>,
    /// What is odd about it.
    pub notes: Vec<String>,
    /// Whether the question is too large rather than the cluster.
    pub absurd: bool,
}

impl Sizing {
    /// Cores of all slaves that are there.
    pub fn cores(&self) -> u64 {
        self.groups.iter().map(|group| group.count * u64::from(group.vcpus)).sum()
    }

    /// Slaves.
    pub fn slaves(&self) -> u64 {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// Disk of all slaves, GB.
    pub fn disk_gb(&self) -> u64 {
        self.groups.iter().map(|group| group.count * group.disk_gb).sum()
    }

    /// What is needed of a quantity, as far as that is known.
    pub fn needed(&self, quantity: Quantity) -> f64 {
        self.numbers.iter().filter(|one| one.quantity == quantity).filter_map(|one| one.value).sum()
    }
}

/// What HDFS holds before reserves: the disks of its nodes, divided by the copies of each block.
pub fn hdfs_capacity_gb(nodes: u64, disk_gb: u64, replication: u64) -> u64 {
    nodes * disk_gb / replication.max(1)
}

/// Sizes a candidate.
pub(super) fn size_of(
    table: &Table<'_>,
    candidate: &Candidate,
    answers: &Answers,
    catalogue: &Catalogue,
    facts: &CloudFacts,
) -> Sizing {
    let nowhere = Sources::new();
    let inputs = Inputs::of(answers, catalogue.sources().unwrap_or(&nowhere));
    let mut numbers: Vec<Sized> = Vec::new();
    for member in candidate.members.iter().map(|at| &table.members[*at]) {
        for (name, formula) in member.sizing.formulas() {
            let Some(quantity) = Quantity::named(name) else { continue };
            let concerned = quantity != Quantity::Cores || answers.streams() || answers.rate.is_some();
            let works = quantity != Quantity::Cores || carries(table, candidate, member.name, &[Work::Stream]);
            if concerned && works {
                numbers.push(inputs.sized(quantity, member.name, formula, member.sizing.source(name).cloned()));
            }
        }
    }
    numbers.extend(run(table, candidate, answers));
    let mut sizing = Sizing { numbers, ..Sizing::default() };
    let (mut needs, alone) = (needs(table, candidate, &sizing), table.alternative(candidate).is_some());
    if alone {
        // What keeps data on one machine keeps it once.
        needs.disk_gb = answers.volume.map_or(0.0, |volume| volume.gb * (1.0 + volume.growth) * 1.2);
    }
    let largest = answers.hardware.as_ref().and_then(|hardware| hardware.largest_flavor.as_deref());
    if answers.hardware.as_ref().is_some_and(|hardware| hardware.gpu) {
        let note = "flavors do not say whether they have GPUs: put one that has some in place of what is written here";
        sizing.notes.push(note.to_owned());
    }
    let (first, rest) = master(&needs, alone, facts, largest);
    sizing.master = Some(first);
    sizing.notes.extend(rest);
    if !alone {
        let apart = answers.home == Some(Home::Cluster) && matches!(answers.life, Some(Life::Days | Life::Always));
        let (groups, notes, absurd) = machines(&needs, apart && separable(table, candidate), facts, largest);
        sizing.groups = groups;
        sizing.absurd = absurd;
        sizing.notes.extend(notes);
        if absurd {
            sizing.notes.push(question(&sizing, answers, &needs));
        }
    }
    let lacking = quotas(&sizing, facts);
    sizing.notes.extend(lacking);
    sizing
}

/// What the project's quotas do not leave.
fn quotas(sizing: &Sizing, facts: &CloudFacts) -> Vec<String> {
    let master = sizing.master.as_ref().map_or(0, |master| u64::from(master.vcpus));
    let needed = [(QuotaKind::Instances, sizing.slaves() + 1), (QuotaKind::Cores, sizing.cores() + master)];
    let lacking = needed.into_iter().filter_map(|(kind, needed)| {
        let quota = facts.quotas.of.get(&kind)?;
        let left = quota.limit?.saturating_sub(quota.used.unwrap_or_default());
        (needed > left)
            .then(|| format!("{needed} {} are needed, and the quota of the project leaves {left}", kind.name()))
    });
    lacking.collect()
}

/// Whether slaves that only compute make sense: what stores does so on nodes that say so.
fn separable(table: &Table<'_>, candidate: &Candidate) -> bool {
    let keeps = candidate.members.iter().map(|at| &table.members[*at]).filter(|member| member.suits.keeps);
    let mut stores = keeps.filter_map(|member| member.framework).map(|framework| {
        framework
            .services
            .iter()
            .all(|service| !service.stores_data || !service.on.contains(&crate::catalogue::Placement::Slaves))
    });
    stores.all(|apart| apart)
}

fn carries(table: &Table<'_>, candidate: &Candidate, name: &str, of: &[Work]) -> bool {
    candidate.carriers.iter().any(|(work, member)| of.contains(work) && table.members[*member].name == name)
}

/// Everything that the slaves and the master have to have together.
fn needs(table: &Table<'_>, candidate: &Candidate, sizing: &Sizing) -> Needs {
    let members = || candidate.members.iter().map(|at| &table.members[*at]);
    let nodes = members().map(|member| u64::from(member.suits.minimum_nodes)).max().unwrap_or_default();
    let keeps = members().any(|member| member.suits.keeps && member.framework.is_some());
    let memory = engines(candidate).into_iter().chain(candidate.workers.iter().copied());
    let memory = memory.filter_map(|at| table.members[at].sizing.memory_per_core).fold(USUAL_MEMORY, f64::max);
    Needs {
        cores: sizing.needed(Quantity::Cores),
        memory_per_core_gib: memory,
        disk_gb: sizing.needed(Quantity::Disk),
        stores: keeps,
        nodes: if nodes > 0 { nodes.max(LEAST_NODES) } else { 0 },
        network_nodes: whole(sizing.needed(Quantity::Network) / NETWORK_OF_A_NODE),
        large: engines(candidate).iter().any(|at| table.members[*at].sizing.large_nodes),
        frameworks: members().filter_map(|member| member.framework).cloned().collect(),
        master_memory_mib: sizing.needed(Quantity::MasterMemory),
    }
}

/// What a typical run asks of whoever carries it out.
fn run(table: &Table<'_>, candidate: &Candidate, answers: &Answers) -> Option<Sized> {
    let run = answers.run?;
    let runs = |work: Work| matches!(work, Work::Batch | Work::Sql | Work::Ml | Work::Arrays | Work::Tasks);
    let carriers = candidate.carrying(runs);
    let of = |at: usize| table.members[at].name.to_owned();
    let inputs = |more: Vec<(&str, String)>| {
        let given = [("run.gb", number(run.gb)), ("run.minutes", number(run.minutes))];
        given.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect()
    };
    let sized = |at: usize, value: f64, between, formula, inputs| Sized {
        quantity: Quantity::Cores,
        of: of(at),
        value: Some(value),
        between,
        formula: Formula::Words(formula),
        inputs,
        source: None,
        open: Vec::new(),
    };
    if let Some(measured) = run.measured.filter(|one| one.gb > 0.0 && one.minutes > 0.0) {
        let value = measured.minutes * measured.cores * (run.gb / measured.gb) / run.minutes;
        let more = vec![
            ("measured.minutes", number(measured.minutes)),
            ("measured.cores", number(measured.cores)),
            ("measured.gb", number(measured.gb)),
        ];
        let formula = "measured.minutes * measured.cores * run.gb / measured.gb / run.minutes";
        return Some(sized(*carriers.first()?, value, None, formula, inputs(more)));
    }
    let rate = |at: &usize| Some((*at, table.members[*at].sizing.throughput?));
    let (at, rate) = carriers.iter().filter_map(rate).min_by(|one, other| one.1.total_cmp(&other.1))?;
    let value = run.gb * 1e3 / (rate * run.minutes * 60.0);
    let between = Some((value * UNSURE.0, value * UNSURE.1));
    let formula = "run.gb * 1000 / (throughput * run.minutes * 60)";
    Some(sized(at, value, between, formula, inputs(vec![("throughput", format!("{} MB/s a core", number(rate)))])))
}

/// The smallest whole number that is not less.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within its limits")]
pub(super) fn whole(number: f64) -> u64 {
    number.clamp(0.0, 1e15).ceil() as u64
}

/// What of the answers asks for so much.
fn question(sizing: &Sizing, answers: &Answers, needs: &Needs) -> String {
    let slaves = sizing.slaves();
    let each = size(DISK_OF_A_NODE);
    match (answers.rate, answers.volume) {
        (Some(rate), _) if sizing.needed(Quantity::Disk) > 0.0 && rate.bytes.is_some() && !has_storage(sizing) => {
            let mb = rate.events * rate.bytes.unwrap_or_default() / 1e6;
            format!(
                "{slaves} slaves of {each}: keeping {} MB/s for {} days is the question, not the cluster",
                number(mb),
                number(rate.days)
            )
        }
        (_, Some(volume)) if needs.disk_gb / DISK_OF_A_NODE > needs.cores / 16.0 => {
            format!("{slaves} slaves of {each}: keeping {} is the question, not the cluster", size(volume.gb))
        }
        _ => format!("{slaves} slaves: the time that the work may take is the question, not the cluster"),
    }
}

/// Whether something but messages is stored.
fn has_storage(sizing: &Sizing) -> bool {
    let disk = |name: &str| {
        let of = sizing
            .numbers
            .iter()
            .filter(|one| one.quantity == Quantity::Disk && (one.of == "kafka") == (name == "kafka"));
        of.filter_map(|one| one.value).sum::<f64>()
    };
    disk("others") > disk("kafka")
}

/// The names that formulas use, as far as the answers give them.
struct Inputs<'s> {
    values: BTreeMap<(&'static str, &'static str), f64>,
    sources: &'s Sources,
}

impl<'s> Inputs<'s> {
    fn of(answers: &Answers, sources: &'s Sources) -> Self {
        let mut values = BTreeMap::from([(("data", "replication"), REPLICATION)]);
        if let Some(volume) = answers.volume {
            values.extend([(("data", "gb"), volume.gb), (("data", "growth"), volume.growth)]);
            if let Some(megabytes) = answers.files {
                values.insert(("data", "files"), volume.gb * (1.0 + volume.growth) * 1e3 / megabytes);
            }
        }
        if let Some(rate) = answers.rate {
            let given =
                [(("rate", "events"), rate.events), (("rate", "peak"), rate.peak), (("rate", "days"), rate.days)];
            values.extend(given);
            values.extend(rate.bytes.map(|bytes| (("rate", "mb"), rate.events * bytes / 1e6)));
        }
        if let Some(run) = answers.run {
            values.extend([(("run", "gb"), run.gb), (("run", "minutes"), run.minutes)]);
        }
        values.extend(answers.people.map(|people| (("people", "count"), f64::from(people))));
        Self { values, sources }
    }

    /// The value of a formula with all that it is made of.
    fn sized(&self, quantity: Quantity, of: &str, formula: &Expression, source: Option<TraitSource>) -> Sized {
        let (mut inputs, mut open) = (BTreeMap::new(), Vec::new());
        for reference in references(formula) {
            let Some((entry, _)) = reference.entry() else { continue };
            let known =
                crate::catalogue::SIZING_NAMES.iter().find(|(root, name)| *root == &*reference.root && *name == entry);
            let Some(name) = known else { continue };
            match self.values.get(name) {
                Some(value) => drop(inputs.insert(format!("{}.{}", name.0, name.1), number(*value))),
                None => open.push(asked(*name)),
            }
        }
        open.sort_unstable();
        open.dedup();
        let value = if open.is_empty() { self.value(formula) } else { None };
        let text = self.sources.snippet(formula.span);
        Sized {
            quantity,
            of: of.to_owned(),
            value,
            between: None,
            formula: Formula::Written(formula.span, text),
            inputs: inputs.into_iter().collect(),
            source,
            open,
        }
    }

    fn value(&self, formula: &Expression) -> Option<f64> {
        let scope = Scope::new(self.sources, &NoFiles);
        for root in ["data", "rate", "run", "people"] {
            scope.define_root(root);
        }
        for ((root, name), value) in &self.values {
            scope.define_entry(root, name, Value::number(Number::from_f64(*value)?));
        }
        let value = scope.evaluate(formula);
        value.as_number().map(Number::to_f64).filter(|value| value.is_finite()).map(|value| value.max(0.0))
    }
}

/// The question whose answer gives a name its value.
fn asked(name: (&str, &str)) -> Question {
    match name {
        ("data", "files") => Question::Files,
        ("data", _) => Question::Volume,
        ("rate", _) => Question::Rate,
        ("run", _) => Question::Run,
        _ => Question::People,
    }
}
