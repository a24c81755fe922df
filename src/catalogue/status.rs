//! How frameworks are asked how they are. What is asked stands in their manifests, and on no node: it is evaluated when
//! somebody wants to know.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::chosen::Chosen;
use super::usage::Usage;
use super::view::{self, FrameworkContext, View};
use super::{ClusterConfiguration, StatusDeclaration};
use crate::source::Diagnostics;

/// Seconds after which a member that is not heard of is in trouble, where a manifest does not say.
const PATIENCE: u64 = 60;

/// What is asked of a part of a framework, on its first master.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusQuestion {
    /// Framework.
    pub framework: String,
    /// Name (`hdfs`).
    pub name: String,
    /// For people (`HDFS`).
    pub title: String,
    /// What is asked on the master, by name.
    pub ask: BTreeMap<String, Asked>,
    /// Which of several hosts addresses are on, with `{host}` in the place of its name.
    pub active: Option<ActiveQuestion>,
    /// Who should be there.
    pub members: Option<MemberQuestion>,
    /// Groups whose nodes are expected, by name.
    pub members_of: Vec<String>,
    /// What else is read in the answers.
    pub facts: Vec<FactQuestion>,
}

/// Something that is asked on the first master.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
pub enum Asked {
    /// An address whose answer is JSON.
    Address(String),
    /// A command.
    Command(AskedCommand),
}

/// A command whose output is an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedCommand {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Account that runs it; whoever asks without one.
    pub user: Option<String>,
    /// A regular expression with names for groups: the answer is a list of what they are, an object for each place that it
    /// fits. Without one the output is JSON.
    pub pattern: Option<String>,
}

impl Asked {
    /// What its answer is called: the address, or the command as one would type it.
    pub fn key(&self) -> String {
        match self {
            Self::Address(url) => url.clone(),
            Self::Command(command) => command.command.join(" "),
        }
    }

    /// The same on one of several hosts.
    #[must_use]
    pub fn on(&self, host: &str) -> Self {
        match self {
            Self::Address(url) => Self::Address(at(host, url)),
            Self::Command(command) => {
                let words = command.command.iter().map(|word| at(host, word)).collect();
                Self::Command(AskedCommand { command: words, ..command.clone() })
            }
        }
    }
}

impl StatusQuestion {
    /// All that is asked, on each of the hosts.
    pub fn asked(&self) -> Vec<Asked> {
        let Some(active) = &self.active else { return self.ask.values().cloned().collect() };
        let state = Asked::Address(active.url.clone());
        let all = [&state].into_iter().chain(self.ask.values());
        all.flat_map(|asked| active.hosts.iter().map(|host| asked.on(host))).collect()
    }
}

/// What a fact names instead of an answer, where it is the name of the host that is active.
pub const ACTIVE_HOST: &str = "active";

/// An address on one of several hosts.
pub fn at(host: &str, url: &str) -> String {
    url.replace("{host}", host)
}

/// Of several hosts that do the same one is active: which of them it is they say themselves.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActiveQuestion {
    /// Their names.
    pub hosts: Vec<String>,
    /// The address that is asked on each, with `{host}` in the place of its name.
    pub url: String,
    /// Where in its answer.
    pub path: Vec<Json>,
    /// What the active one says there.
    pub equals: String,
}

/// Where the members are in an answer. A path leads through objects, lists and texts that are JSON again.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberQuestion {
    /// What they are, for people (`DataNodes`).
    pub title: String,
    /// The answer.
    pub from: String,
    /// Where in it.
    pub path: Vec<Json>,
    /// The field with a member's host name, or `keys`; with `hosts` each of the hosts answers for itself.
    pub names: String,
    /// The field with its state.
    pub state: Option<String>,
    /// States of members that are well.
    #[serde(default)]
    pub well: Vec<String>,
    /// The field with what troubles it, in words.
    pub problem: Option<String>,
    /// The field with the seconds since it was heard of.
    pub silent: Option<String>,
    /// After so many seconds without a word it is in trouble.
    #[serde(default = "patience")]
    pub patience: u64,
    /// What else is read of each; paths begin at the member.
    #[serde(default)]
    pub facts: Vec<FactQuestion>,
}

/// Something that is read in an answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactQuestion {
    /// For programs.
    pub name: String,
    /// For people; its name where nothing is said.
    pub title: Option<String>,
    /// The answer.
    #[serde(default)]
    pub from: String,
    /// Where in it.
    pub path: Vec<Json>,
    /// Where the amount is that it is a part of.
    pub total: Option<Vec<Json>>,
    /// What a number counts.
    pub unit: Option<Unit>,
    /// Values with which all is well; all where nothing is said.
    pub well: Option<Vec<String>>,
    /// What is wrong with any other, for people, and what to do.
    pub words: Option<String>,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// Bytes.
    #[serde(rename = "bytes")]
    Bytes,
    /// Mebibytes.
    #[serde(rename = "MiB")]
    MiB,
    /// Milliseconds since 1970: a moment.
    #[serde(rename = "moment")]
    Moment,
}

fn patience() -> u64 {
    PATIENCE
}

/// Adds the questions to a framework.
pub(super) fn questions(
    context: &FrameworkContext<'_>,
    views: &[View<'_>],
    to: &mut ClusterConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let Chosen { framework, .. } = context.chosen;
    let Some(master) = view::of_master(views) else { return };
    for declared in framework.statuses.iter().filter(|declared| master.has(&[], declared.when.as_ref())) {
        let members_of = view::members_of(views, declared.members_of);
        to.questions.extend(question(context, master, declared, members_of, diagnostics));
    }
}

fn question(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    declared: &StatusDeclaration,
    members_of: Vec<String>,
    diagnostics: &mut Diagnostics,
) -> Option<StatusQuestion> {
    let usage = |name: &str, expression| {
        let what = format!("`{name}` of status `{}`", declared.name);
        Usage { context, view, what, expression }
    };
    let asked = usage("ask", &declared.ask);
    let ask: BTreeMap<String, Asked> = part(&asked, diagnostics)??;
    let active: Option<ActiveQuestion> = match &declared.active {
        Some(active) => part(&usage("active", active), diagnostics)?,
        None => None,
    };
    let members: Option<MemberQuestion> = match &declared.members {
        Some(members) => part(&usage("members", members), diagnostics)?,
        None => None,
    };
    let facts: Option<Vec<FactQuestion>> = match &declared.facts {
        Some(facts) => part(&usage("facts", facts), diagnostics)?,
        None => None,
    };
    let facts = facts.unwrap_or_default();
    let named = members.iter().map(|members| &members.from).chain(facts.iter().map(|fact| &fact.from));
    let known = |from: &&String| ask.contains_key(*from) || (active.is_some() && **from == ACTIVE_HOST);
    if let Some(unknown) = named.into_iter().find(|from| !known(from)) {
        diagnostics.push(
            asked.wrong(&format!("has no `{unknown}`, which `from` names"), "add it, or name one of those of `ask`"),
        );
        return None;
    }
    Some(StatusQuestion {
        framework: context.chosen.framework.name.clone(),
        name: declared.name.clone(),
        title: declared.title.clone(),
        ask,
        active,
        members,
        members_of,
        facts,
    })
}

/// A part of a question, if it is one; `Some(None)` for `null`.
#[expect(clippy::option_option, reason = "whether it can be read, and whether there is one")]
fn part<T: DeserializeOwned>(usage: &Usage<'_, '_, '_>, diagnostics: &mut Diagnostics) -> Option<Option<T>> {
    let help = "correct it: templates/README.md lists what it holds under `status`";
    usage.read("a question", help, diagnostics)
}
