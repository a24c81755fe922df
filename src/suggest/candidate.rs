//! What can be suggested: all minimal compositions of frameworks that do the work, and what does without a cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::Answers;
use crate::catalogue::{Alternative, Catalogue, Framework, Home, Relation, SizingFormulas, Suits, TraitPart, Work};

/// A set of frameworks, by their places in the table.
pub(super) type Set = u128;

/// How many frameworks are looked at: those that come first in the alphabet.
const MOST: usize = Set::BITS as usize;

/// Something that does work, with its traits.
pub(super) struct Member<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// How it is called in sentences.
    pub(super) title: &'a str,
    pub(super) framework: Option<&'a Framework>,
    pub(super) suits: &'a Suits,
    pub(super) sizing: &'a SizingFormulas,
}

/// The frameworks of a catalogue and how they depend on each other, looked up once.
pub(super) struct Table<'a> {
    /// Frameworks first, then what does without a cluster.
    pub(super) members: Vec<Member<'a>>,
    frameworks: usize,
    alternatives: &'a [Alternative],
    /// For each framework what it requires: any one of each set.
    requires: Vec<Vec<Set>>,
    /// For each framework those that it cannot be with.
    conflicts: Vec<Set>,
    /// Ports that two frameworks both use.
    ports: BTreeMap<(usize, usize), u16>,
}

/// What is weighed against others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    /// Those who were chosen for the work.
    pub(super) workers: Vec<usize>,
    /// They and all that they cannot be without: places in the table, in the order of the alphabet.
    pub(super) members: Vec<usize>,
    /// Who does each kind of work, as far as somebody does.
    pub(super) carriers: Vec<(Work, usize)>,
}

impl Candidate {
    /// Those who do some kinds of work; each once.
    pub(super) fn carrying(&self, of: impl Fn(Work) -> bool) -> Vec<usize> {
        let all: BTreeSet<usize> =
            self.carriers.iter().filter(|(work, _)| of(*work)).map(|(_, member)| *member).collect();
        all.into_iter().collect()
    }
}

impl<'a> Table<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        let frameworks: Vec<&Framework> = catalogue.frameworks().take(MOST).collect();
        let set = |wanted: &Relation, other_than: usize| -> Set {
            let fits = |framework: &Framework| {
                let wanted = wanted.alternatives.iter().filter(|wanted| framework.may_offer(&wanted.name));
                wanted.into_iter().any(|wanted| wanted.allows(framework.default_version()))
            };
            let there = frameworks.iter().enumerate().filter(|(at, one)| *at != other_than && fits(one));
            there.fold(0, |set, (at, _)| set | 1 << at)
        };
        let mut conflicts: Vec<Set> = frameworks
            .iter()
            .enumerate()
            .map(|(at, one)| one.conflicts.iter().fold(0, |all, relation| all | set(relation, at)))
            .collect();
        let mut ports = BTreeMap::new();
        for (at, one) in frameworks.iter().enumerate() {
            for (other, with) in frameworks.iter().enumerate() {
                if at != other && !compatible(one, with) {
                    conflicts[at] |= 1 << other;
                }
                if let Some(port) = one.shared_port(with).filter(|_| at < other) {
                    conflicts[at] |= 1 << other;
                    ports.insert((at, other), port);
                }
            }
        }
        let requires = frameworks.iter().enumerate().map(|(at, one)| {
            let always = one.requires.iter().filter(|required| required.when.is_none());
            always.map(|required| set(&required.relation, at)).collect()
        });
        let alternatives = catalogue.alternatives();
        let of_framework = |one: &&'a Framework| Member {
            name: &one.name,
            title: &one.name,
            framework: Some(one),
            suits: &one.suits,
            sizing: &one.sizing,
        };
        let of_alternative = |one: &'a Alternative| Member {
            name: &one.name,
            title: &one.title,
            framework: None,
            suits: &one.suits,
            sizing: &one.sizing,
        };
        Self {
            requires: requires.collect(),
            conflicts,
            ports,
            members: frameworks.iter().map(of_framework).chain(alternatives.iter().map(of_alternative)).collect(),
            frameworks: frameworks.len(),
            alternatives,
        }
    }

    /// What does without a cluster: the title and the packages of one machine.
    pub(super) fn alternative(&self, candidate: &Candidate) -> Option<&'a Alternative> {
        let only = candidate.members.first().filter(|_| candidate.members.len() == 1)?;
        self.alternatives.get(only.checked_sub(self.frameworks)?)
    }

    /// How well somebody does a kind of work.
    fn level(&self, member: usize, work: Work) -> u8 {
        self.members[member].suits.work.get(&work).copied().unwrap_or_default()
    }

    /// All candidates, in an order that does not depend on how good they are.
    pub(super) fn candidates(&self, answers: &Answers) -> Vec<Candidate> {
        self.candidates_and_refused(answers).0
    }

    /// The same, and the pairs of frameworks that would be together and cannot be.
    pub(super) fn candidates_and_refused(&self, answers: &Answers) -> (Vec<Candidate>, BTreeSet<(usize, usize)>) {
        let mut open: BTreeSet<Set> = BTreeSet::from([0]);
        for work in &answers.work {
            let able: Vec<Set> = (0..self.frameworks)
                .filter(|member| self.level(*member, *work) > 0)
                .map(|member| 1 << member)
                .collect();
            let all = able.iter().fold(0, |all, one| all | one);
            if all != 0 {
                open = minimal(open.iter().flat_map(|set| {
                    let done = set & all != 0;
                    able.iter().map(move |one| if done { *set } else { set | one })
                }));
            }
        }
        if answers.work.is_empty() {
            let works = |member: &usize| self.members[*member].suits.work.values().any(|level| *level > 0);
            open = (0..self.frameworks).filter(works).map(|member| 1 << member).collect();
        }
        open.remove(&0);
        let (mut all, mut refused) = (Vec::new(), BTreeSet::new());
        for workers in open {
            let whole = minimal(self.completed(workers, answers, &mut refused));
            all.extend(whole.into_iter().map(|set| self.candidate(self.places(workers), self.places(set), answers)));
        }
        let without = self.frameworks..self.members.len();
        all.extend(without.map(|member| self.candidate(vec![member], vec![member], answers)));
        (all, refused)
    }

    /// The port that keeps two frameworks from being together.
    pub(super) fn shared_port(&self, pair: (usize, usize)) -> Option<u16> {
        self.ports.get(&pair).copied()
    }

    fn places(&self, set: Set) -> Vec<usize> {
        (0..self.frameworks).filter(|at| set & (1 << at) != 0).collect()
    }

    fn candidate(&self, workers: Vec<usize>, members: Vec<usize>, answers: &Answers) -> Candidate {
        let carrier = |work: Work| {
            let best = workers.iter().copied().filter(|member| self.level(*member, work) > 0);
            best.max_by_key(|member| (self.level(*member, work), usize::MAX - member)).map(|member| (work, member))
        };
        let asked = Work::ALL.iter().filter(|work| answers.work.is_empty() || answers.work.contains(work));
        let carriers = asked.filter_map(|work| carrier(*work)).collect();
        Candidate { workers, members, carriers }
    }

    /// The workers with everything that they cannot be without, in all ways in which that can be.
    fn completed(&self, workers: Set, answers: &Answers, refused: &mut BTreeSet<(usize, usize)>) -> BTreeSet<Set> {
        let (mut open, mut whole) = (BTreeSet::from([workers]), BTreeSet::new());
        while let Some(set) = open.pop_first() {
            let members = || (0..self.frameworks).filter(move |at| set & (1 << at) != 0);
            if let Some(member) = members().find(|member| self.conflicts[*member] & set != 0) {
                let other = (self.conflicts[member] & set).trailing_zeros() as usize;
                refused.insert((member, other));
                continue;
            }
            let required = members().flat_map(|member| self.requires[member].iter().copied());
            let needed = members().flat_map(|member| self.needed(member, answers));
            let missing = required.chain(needed).find(|providers| providers & set == 0);
            match missing {
                None => {
                    whole.insert(set);
                }
                Some(providers) => {
                    open.extend(
                        (0..self.frameworks).map(|at| 1 << at).filter(|one| providers & one != 0).map(|one| set | one),
                    );
                }
            }
        }
        whole
    }

    /// Who fills the parts that a framework needs with these answers.
    fn needed(&self, member: usize, answers: &Answers) -> Vec<Set> {
        let called = |part: TraitPart| match part {
            TraitPart::Storage => answers.home == Some(Home::Cluster),
            TraitPart::Transport => answers.streams(),
            TraitPart::Scheduler | TraitPart::Tables => true,
        };
        let fillers = |part: TraitPart| -> Set {
            let fills = |at: &usize| self.members[*at].suits.fills.contains(&part);
            (0..self.frameworks).filter(fills).fold(0, |set, at| set | 1 << at)
        };
        let needs = self.members[member].suits.needs.iter().copied().filter(|part| called(*part));
        needs.map(fillers).filter(|fillers| *fillers != 0).collect()
    }
}

/// Whether the default versions of two frameworks go together.
fn compatible(one: &Framework, other: &Framework) -> bool {
    let listed = one.version(one.default_version()).and_then(|version| version.compatible.get(&other.name));
    let version = other.default_version();
    listed.is_none_or(|fits| fits.iter().any(|fit| version == fit || version.starts_with(&format!("{fit}."))))
}

/// The sets of which no other is a part.
fn minimal(sets: impl IntoIterator<Item = Set>) -> BTreeSet<Set> {
    let mut all: Vec<Set> = sets.into_iter().collect::<BTreeSet<Set>>().into_iter().collect();
    all.sort_by_key(|set| set.count_ones());
    let mut kept: Vec<Set> = Vec::new();
    for set in all {
        if !kept.iter().any(|smaller| smaller & set == *smaller) {
            kept.push(set);
        }
    }
    kept.into_iter().collect()
}
