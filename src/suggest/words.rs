//! Every value and every veto as a sentence.

use std::collections::BTreeSet;

use super::answers::Answers;
use super::candidate::{Candidate, Table};
use super::question::Question;
use super::rank::Ranked;
use super::score::{Criterion, Term, Veto, engines};
use super::sizing::{Quantity, Sized};
use super::write::{number, size, time};
use crate::catalogue::{Code, Work};
use crate::source::listed;

/// A sentence, and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What it is about: a criterion's name, or `veto`.
    pub about: &'static str,
    /// In words.
    pub sentence: String,
    /// The page that it rests on.
    pub source: Option<String>,
}

/// Why a suggestion is what it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explained {
    /// The largest reasons for it.
    pub reasons: Vec<Reason>,
    /// What speaks against it.
    pub against: Vec<Reason>,
    /// What rules it out.
    pub vetoes: Vec<Reason>,
}

/// Whether a value speaks for something: what is merely not bad does not.
fn is_reason(term: &Term) -> bool {
    let most = [Criterion::Simple, Criterion::Few, Criterion::Volume].contains(&term.criterion);
    term.value > if most { 0.9 } else { 0.6 }
}

/// How many reasons for something are told.
const REASONS: usize = 3;

impl Table<'_> {
    /// How a candidate is called.
    pub(super) fn title(&self, candidate: &Candidate) -> String {
        let title = |member: &usize| self.members[*member].title.to_owned();
        let workers: Vec<String> = candidate.workers.iter().map(title).collect();
        if self.alternative(candidate).is_some() {
            return format!("no cluster: {}", listed(&workers));
        }
        let others = candidate.members.iter().filter(|member| !candidate.workers.contains(member));
        let others: Vec<String> = others.map(title).collect();
        if others.is_empty() { listed(&workers) } else { format!("{} with {}", listed(&workers), listed(&others)) }
    }

    pub(super) fn explained(&self, ranked: &Ranked, answers: &Answers) -> Explained {
        let gain = |term: &Term| term.weight * term.value;
        let mut good: Vec<&Term> = ranked.terms.iter().filter(|term| is_reason(term)).collect();
        good.sort_by(|one, other| gain(other).total_cmp(&gain(one)));
        let loss = |term: &Term| term.weight * (1.0 - term.value);
        let mut bad: Vec<&Term> = ranked.terms.iter().filter(|term| term.value < 0.4).collect();
        bad.sort_by(|one, other| loss(other).total_cmp(&loss(one)));
        let sentence = |term: &&Term| self.sentence(term.criterion, &ranked.candidate, answers);
        let mut against: Vec<Reason> = bad.iter().filter_map(sentence).collect();
        let frameworks = ranked.candidate.members.len();
        if frameworks > 2 {
            let sentence = format!("{frameworks} frameworks have to be run together");
            against.push(Reason { about: "frameworks", sentence, source: None });
        }
        let vetoes: Vec<Reason> = ranked.vetoes.iter().map(|veto| self.refusal(*veto, answers)).collect();
        against.retain(|reason| vetoes.iter().all(|veto| veto.sentence != reason.sentence));
        Explained { reasons: good.iter().filter_map(sentence).take(REASONS).collect(), against, vetoes }
    }

    /// A value as a sentence.
    fn sentence(&self, criterion: Criterion, candidate: &Candidate, answers: &Answers) -> Option<Reason> {
        let engines = engines(candidate);
        let name = |member: usize| self.members[member].title;
        let suits = |member: usize| self.members[member].suits;
        let weakest = |level: &dyn Fn(usize) -> u8| {
            let least = engines.iter().copied().min_by_key(|member| (level(*member), *member))?;
            Some((least, level(least)))
        };
        let (member, about, sentence) = match criterion {
            Criterion::Code => self.code(&engines, answers)?,
            Criterion::Work => return self.work(candidate, answers),
            Criterion::Answer => {
                let wish = answers.answer?;
                let floor = |member: &usize| suits(*member).answer_ms.unwrap_or_default();
                let slowest =
                    candidate.carriers.iter().filter(|(work, _)| *work != Work::Transport).map(|(_, one)| *one);
                let member = slowest.max_by(|one, other| floor(one).total_cmp(&floor(other)))?;
                let floor = time(floor(&member));
                (
                    member,
                    "answer".to_owned(),
                    format!("{} answers within {floor}, and {} is enough", name(member), wish.title()),
                )
            }
            Criterion::Delivery => {
                let through =
                    candidate.carriers.iter().filter(|(work, _)| matches!(work, Work::Stream | Work::Transport));
                let member = through.map(|(_, member)| *member).min_by_key(|member| suits(*member).delivers)?;
                let given =
                    suits(member).delivers.map_or("an unknown number of times", crate::catalogue::Delivery::title);
                (member, "delivers".to_owned(), format!("with {} an event counts {given}", name(member)))
            }
            Criterion::Languages => {
                let (member, level) = weakest(&|member| self.speaks(member, answers))?;
                let languages = &suits(member).languages;
                let known = answers.languages.iter().copied().filter(|one| languages.contains_key(one));
                let language = known.max_by_key(|one| languages.get(one))?;
                let how = ["is missing in", "can be used with", "is supported by", "is at home in"];
                let sentence = format!("{} {} {}", language.title(), how[usize::from(level.min(3))], name(member));
                (member, format!("languages.{}", language.name()), sentence)
            }
            Criterion::Survives => {
                let (member, level) = weakest(&|member| suits(member).survives.unwrap_or(1))?;
                let how = [
                    "ends when a node is lost",
                    "loses what a lost node was doing",
                    "repeats what a lost node was doing",
                    "goes on when a node is lost",
                ];
                (member, "survives".to_owned(), format!("{} {}", name(member), how[usize::from(level.min(3))]))
            }
            Criterion::Volume => self.volume(&engines, answers)?,
            Criterion::Home => {
                let home = answers.home?;
                let (member, level) = weakest(&|member| suits(member).home.get(&home).copied().unwrap_or(1))?;
                let how = [
                    "cannot use data that is",
                    "is not at its best with data that is",
                    "works well with data that is",
                    "is made for data that is",
                ];
                let sentence = format!("{} {} {}", name(member), how[usize::from(level.min(3))], home.title());
                (member, format!("home.{}", home.name()), sentence)
            }
            Criterion::Gpu => {
                let (member, level) = weakest(&|member| suits(member).gpu.unwrap_or_default())?;
                let how = ["uses no GPUs", "can use GPUs", "is good with GPUs", "is made for GPUs"];
                (member, "gpu".to_owned(), format!("{} {}", name(member), how[usize::from(level.min(3))]))
            }
            Criterion::People => {
                let people = answers.people?;
                let (member, level) = weakest(&|member| suits(member).people.unwrap_or(1))?;
                let how = [
                    "is for one person",
                    "does little to share itself among",
                    "can be shared by",
                    "is made to be shared by",
                ];
                let sentence = format!("{} {} {people} people", name(member), how[usize::from(level.min(3))]);
                let sentence =
                    if level == 0 { format!("{} is for one person, not for {people}", name(member)) } else { sentence };
                (member, "people".to_owned(), sentence)
            }
            Criterion::Life => {
                let keeps = candidate.members.iter().copied().find(|member| suits(*member).keeps);
                let life = answers.life?.title();
                let sentence = match keeps {
                    Some(member) => format!("data lies in {}, and the cluster lives {life}", name(member)),
                    None => format!("nothing is kept in it, and the cluster lives {life}"),
                };
                (keeps.unwrap_or_default(), String::new(), sentence)
            }
            Criterion::Simple => {
                let level = |member: &usize| suits(*member).simple.unwrap_or(1);
                let member = candidate.members.iter().copied().min_by_key(|member| (level(member), *member))?;
                let how = ["is hard to run", "takes experience to run", "takes some care to run", "is simple to run"];
                (member, "simple".to_owned(), format!("{} {}", name(member), how[usize::from(level(&member).min(3))]))
            }
            Criterion::Few => {
                let nodes = |member: &usize| suits(*member).minimum_nodes;
                let member = candidate.members.iter().copied().max_by_key(nodes)?;
                let sentence = match nodes(&member) {
                    _ if self.alternative(candidate).is_some() => "one machine does it".to_owned(),
                    nodes => format!("{} needs at least {nodes} slaves", name(member)),
                };
                (member, "minimum_nodes".to_owned(), sentence)
            }
        };
        let source = suits(member).source(&about).map(|source| source.url.clone());
        Some(Reason { about: criterion.name(), sentence, source })
    }

    /// What becomes of the code that there is: who runs it, the trait, the sentence.
    fn code(&self, engines: &[usize], answers: &Answers) -> Option<(usize, String, String)> {
        let name = |member: usize| self.members[member].title;
        let code = answers.code.as_ref()?;
        let best = |code: &Code| engines.iter().copied().max_by_key(|member| self.runs(*member, *code));
        let all = code.iter().filter_map(|code| Some((*code, best(code)?)));
        let (code, member) = all.min_by_key(|(code, member)| self.runs(*member, *code))?;
        let how = match self.runs(member, code) {
            3 => "run as they are on",
            2 => "run with small changes on",
            1 => "have to be ported to",
            _ => "cannot run on",
        };
        let title = code.title();
        let how =
            if code == Code::Pandas { how.replacen("run", "runs", 1).replace("have", "has") } else { how.to_owned() };
        Some((member, format!("code.{}", code.name()), format!("{title} {how} {}", name(member))))
    }

    /// Whether there is enough data to be worth it: the most demanding engine, the trait, the sentence.
    fn volume(&self, engines: &[usize], answers: &Answers) -> Option<(usize, String, String)> {
        let name = |member: usize| self.members[member].title;
        let suits = |member: usize| self.members[member].suits;
        let gb = answers.volume?.gb;
        let from = |member: &usize| suits(*member).volume_from_gb;
        let member = engines.iter().copied().max_by(|one, other| from(one).total_cmp(&from(other)))?;
        let sentence = if gb >= from(&member) {
            format!("{} of data suit {}", size(gb), name(member))
        } else {
            format!("{} is for {} of data or more, and {} are there", name(member), size(from(&member)), size(gb))
        };
        Some((member, "volume".to_owned(), sentence))
    }

    /// How well the work is done: what is done best, or worst where it is done badly.
    fn work(&self, candidate: &Candidate, answers: &Answers) -> Option<Reason> {
        let level = |work: Work, member: usize| self.members[member].suits.work.get(&work).copied().unwrap_or_default();
        let asked: Vec<_> = candidate.carriers.iter().filter(|(work, _)| answers.work.contains(work)).collect();
        let (work, member) =
            **asked.iter().max_by_key(|(work, member)| (level(*work, *member), std::cmp::Reverse(*work)))?;
        let how = ["does no", "can do", "is good for", "is made for"];
        let about = format!("work.{}", work.name());
        let source = self.members[member].suits.source(&about);
        let mut sentence =
            format!("{} {} {}", self.members[member].title, how[usize::from(level(work, member).min(3))], work.title());
        if let Some(source) = source {
            sentence = format!("{sentence}: {}", source.says);
        }
        Some(Reason { about: Criterion::Work.name(), sentence, source: source.map(|source| source.url.clone()) })
    }

    /// A veto as a sentence.
    pub(super) fn refusal(&self, veto: Veto, answers: &Answers) -> Reason {
        let name = |member: usize| self.members[member].title;
        let source = |member: usize, about: &str| self.members[member].suits.source(about).map(|one| one.url.clone());
        let languages = || listed(&answers.languages.iter().map(|one| one.title().to_owned()).collect::<Vec<_>>());
        let (sentence, source) = match veto {
            Veto::Undone(work) => (format!("it does no {}", work.title()), None),
            Veto::Floor(member, floor) => {
                let wish = answers.answer.map_or("", super::answers::Soon::title);
                let sentence =
                    format!("{} answers no sooner than within {}, and {wish} is asked for", name(member), time(floor));
                (sentence, source(member, "answer"))
            }
            Veto::Language(member) => {
                let missing =
                    answers.languages.iter().find_map(|one| source(member, &format!("languages.{}", one.name())));
                (format!("{} cannot be used with {}", name(member), languages()), missing)
            }
            Veto::Gpu(member) => (format!("{} uses no GPUs", name(member)), source(member, "gpu")),
            Veto::Delivers(member, given) => {
                let asked = answers.loss.and_then(|loss| loss.events).map_or("", crate::catalogue::Delivery::title);
                let sentence =
                    format!("with {} an event counts {}, and {asked} is asked for", name(member), given.title());
                (sentence, source(member, "delivers"))
            }
            Veto::Volume(member, most) => {
                let gb = answers.volume.map_or(0.0, |volume| volume.gb);
                let sentence =
                    format!("{} is for up to {} of data, and {} are there", name(member), size(most), size(gb));
                (sentence, source(member, "volume"))
            }
            Veto::Mpi => ("it runs no MPI programs, and there are some".to_owned(), None),
        };
        Reason { about: "veto", sentence, source }
    }

    /// What is ruled out of that which could be suggested otherwise, and what says itself that it is not for the work; each
    /// once.
    pub(super) fn ruled_out(&self, all: &[Ranked], answers: &Answers) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = Vec::new();
        let mut add = |reason: Reason| {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        };
        for (member, work) in
            self.members.iter().flat_map(|member| answers.work.iter().map(move |work| (member, *work)))
        {
            let about = format!("work.{}", work.name());
            if let (Some(0), Some(source)) = (member.suits.work.get(&work), member.suits.source(&about)) {
                let sentence = format!("{} is not for {}: {}", member.title, work.title(), source.says);
                add(Reason { about: "veto", sentence, source: Some(source.url.clone()) });
            }
        }
        for ranked in all {
            // What does not do the work at all is nobody's idea, unless nothing does.
            let undone = |veto: &&Veto| matches!(veto, Veto::Undone(_) | Veto::Mpi);
            let others = ranked.vetoes.iter().filter(|veto| !undone(veto));
            if !ranked.vetoes.iter().any(|veto| matches!(veto, Veto::Undone(_))) {
                others.for_each(|veto| add(self.refusal(*veto, answers)));
            }
        }
        for pair in self.candidates_and_refused(answers).1 {
            let (one, other) = (self.members[pair.0].title, self.members[pair.1].title);
            let sentence = match self.shared_port(pair) {
                Some(port) => format!("{one} and {other} both use port {port}: put each into a cluster of its own"),
                None => format!("{one} and {other} cannot be in one cluster"),
            };
            add(Reason { about: "veto", sentence, source: None });
        }
        let nobody =
            answers.work.iter().filter(|work| all.iter().all(|one| one.vetoes.contains(&Veto::Undone(**work))));
        for work in nobody {
            let sentence = format!("nothing in the catalogue does {}", work.title());
            add(Reason { about: "veto", sentence, source: None });
        }
        if all.iter().any(|one| one.vetoes.contains(&Veto::Mpi)) {
            let without: BTreeSet<&str> = all
                .iter()
                .filter(|one| one.vetoes.contains(&Veto::Mpi) && self.alternative(&one.candidate).is_none())
                .flat_map(|one| engines(&one.candidate))
                .map(|member| self.members[member].title)
                .collect();
            let without: Vec<String> = without.into_iter().map(str::to_owned).collect();
            let are = if without.len() == 1 { "runs" } else { "run" };
            let sentence = format!("{} {are} no MPI programs", listed(&without));
            if !without.is_empty() {
                add(Reason { about: "veto", sentence, source: None });
            }
        }
        reasons
    }
}

impl Sized {
    /// The number, its formula and its inputs in one line.
    pub fn line(&self) -> String {
        let Some(value) = self.value else {
            let open: Vec<String> =
                self.open.iter().map(|question: &Question| format!("`{}`", question.name())).collect();
            let are = if open.len() == 1 { "is" } else { "are" };
            return format!(
                "{}: {} not known while {} {are} open",
                self.of,
                self.quantity.name().replace('_', " "),
                listed(&open)
            );
        };
        let inputs: Vec<String> = self.inputs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let between =
            self.between.map(|(from, to)| format!(", nothing measured: between {} and {}", shown(from), shown(to)));
        let with = if inputs.is_empty() { String::new() } else { format!("; {}", inputs.join(", ")) };
        let amount = match self.quantity {
            Quantity::Disk => size((value * 100.0).ceil() / 100.0),
            quantity => format!("{} {}", shown(value), quantity.unit()),
        };
        format!("{}: {amount} = {}{with}{}", self.of, self.formula.text(), between.unwrap_or_default())
    }
}

/// A number with two digits behind the point where it is small, none where it is large.
fn shown(value: f64) -> String {
    if value >= 10.0 { number(value.ceil()) } else { number((value * 100.0).ceil() / 100.0) }
}

impl Quantity {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Cores, Self::Disk, Self::Network, Self::MasterMemory];
}
