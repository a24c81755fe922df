//! What frameworks answer, read as their manifests say.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Fact, FrameworkStatus, MemberStatus, MembersStatus};
use crate::catalogue::{
    ACTIVE_HOST, ActiveQuestion, Asked, AskedCommand, FactQuestion, MemberQuestion, StatusQuestion, at_host as at,
};

/// What a node answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// What each address and each command answers, or why there is nothing.
    pub pages: BTreeMap<String, Result<Json, String>>,
    /// What systemd says of units.
    pub units: Vec<UnitAnswer>,
}

/// What systemd says of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitAnswer {
    /// `hadoop-hdfs-datanode.service`
    pub name: String,
    /// `active`, `failed`, …
    pub active: String,
    /// `running`, `auto-restart`, …
    pub sub: String,
    /// How it ended last: `success`, `exit-code`, `oom-kill`, …
    pub result: String,
    /// What its program exited with last.
    pub exit: String,
    /// How often systemd has started it again.
    pub restarts: u32,
    /// Since when it is so, as systemd writes it.
    pub since: String,
}

impl UnitAnswer {
    /// What is wrong with it; nothing where it runs.
    pub fn trouble(&self) -> Option<String> {
        if self.active == "active" {
            return None;
        }
        let unit = self.name.strip_suffix(".service").unwrap_or(&self.name);
        let since = if self.since.is_empty() { String::new() } else { format!(" since {}", self.since) };
        let why = match (self.result.as_str(), self.exit.as_str()) {
            ("exit-code", code) => format!(", its program exited with {code}"),
            ("" | "success", _) => String::new(),
            (result, _) => format!(", {result}"),
        };
        let again = match (self.sub.as_str(), self.restarts) {
            ("auto-restart", 0) => ", it is started again in a moment".to_owned(),
            ("auto-restart", times) => format!(", started again {times} times"),
            _ => String::new(),
        };
        Some(format!("`{unit}` is {}{since}{why}{again}", self.active))
    }
}

impl Answers {
    /// What a node printed.
    ///
    /// # Errors
    /// What it printed is not an answer.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        let answer: Json = serde_json::from_str(text)?;
        let pages = answer["pages"].as_object().into_iter().flatten().map(|(url, page)| {
            let found = match page.get("value") {
                Some(value) => Ok(value.clone()),
                None => Err(page["error"].as_str().unwrap_or("no answer").to_owned()),
            };
            (url.clone(), found)
        });
        let field = |unit: &Json, name: &str| unit[name].as_str().unwrap_or_default().to_owned();
        let units = answer["units"].as_array().into_iter().flatten().map(|unit| UnitAnswer {
            name: field(unit, "Id"),
            active: field(unit, "ActiveState"),
            sub: field(unit, "SubState"),
            result: field(unit, "Result"),
            exit: field(unit, "ExecMainStatus"),
            restarts: field(unit, "NRestarts").parse().unwrap_or_default(),
            since: field(unit, "StateChangeTimestamp"),
        });
        Ok(Self { pages: pages.collect(), units: units.collect() })
    }

    /// What a part of a framework says, of whose members those of these names are expected.
    pub fn of(&self, question: &StatusQuestion, expected: &[String]) -> FrameworkStatus {
        let host = match question.active.as_ref().map(|active| self.active(active)) {
            None => Ok(None),
            Some(found) => found.map(Some),
        };
        let there = |asked: &Asked| {
            let host = host.as_ref().ok()?;
            Some(host.map_or_else(|| asked.clone(), |host| asked.on(host)))
        };
        let page = |from: &str| {
            let asked = there(question.ask.get(from)?)?;
            self.pages.get(&asked.key())?.as_ref().ok()
        };
        let unanswered = |asked: Asked| {
            let from = match &asked {
                Asked::Address(url) => url.clone(),
                Asked::Command(command) => format!("`{}`", program(command)),
            };
            match self.pages.get(&asked.key()) {
                Some(Ok(_)) => None,
                Some(Err(why)) => Some(format!("no answer from {from}: {why}")),
                None => Some(format!("no answer from {from}")),
            }
        };
        let failed = host.as_ref().err().cloned();
        let failed = failed.or_else(|| question.ask.values().filter_map(there).find_map(unanswered));
        let chosen = host.as_ref().ok().copied().flatten().map(Json::from);
        let facts = question.facts.iter().filter_map(|asked| match asked.from.as_str() {
            ACTIVE_HOST if question.active.is_some() => fact(asked, chosen.as_ref()?),
            from => fact(asked, page(from)?),
        });
        let facts = facts.collect();
        let members = question.members.as_ref().and_then(|asked| match &question.active {
            Some(active) if asked.names == "hosts" => Some(self.of_hosts(asked, active, question)),
            _ => Some(members_of(asked, page(&asked.from)?, expected)),
        });
        FrameworkStatus {
            framework: question.framework.clone(),
            name: question.name.clone(),
            title: question.title.clone(),
            no_answer: failed,
            members,
            facts,
        }
    }

    /// Of several hosts the one that says to be active; why none is.
    fn active<'q>(&self, question: &'q ActiveQuestion) -> Result<&'q str, String> {
        let says = |host: &str| -> String {
            match self.pages.get(&at(host, &question.url)) {
                Some(Ok(page)) => {
                    follow(page, &question.path).map_or_else(|| "does not say".to_owned(), |value| text(&value))
                }
                Some(Err(why)) => why.clone(),
                None => "no answer".to_owned(),
            }
        };
        let mut hosts = question.hosts.iter();
        hosts.find(|host| says(host) == question.equals).map(String::as_str).ok_or_else(|| {
            let all: Vec<String> = question.hosts.iter().map(|host| format!("{host}: {}", says(host))).collect();
            format!("none is {}: {}", question.equals, all.join(", "))
        })
    }

    /// Members that each answer for themselves.
    fn of_hosts(&self, asked: &MemberQuestion, active: &ActiveQuestion, question: &StatusQuestion) -> MembersStatus {
        let question = question.ask.get(&asked.from);
        let each = active.hosts.iter().map(|host| {
            let found = question.and_then(|question| self.pages.get(&question.on(host).key()));
            let entry = found.and_then(|page| follow(page.as_ref().ok()?, &asked.path));
            match (entry, found) {
                (Some(entry), _) => member(asked, host, &entry),
                (None, found) => {
                    let why = found.and_then(|page| page.as_ref().err()).map(|why| format!(": {why}"));
                    let trouble = Some(format!("does not answer{}", why.unwrap_or_default()));
                    MemberStatus { name: host.clone(), trouble, ..MemberStatus::default() }
                }
            }
        });
        MembersStatus { title: asked.title.clone(), each: each.collect() }
    }
}

/// A command in a word or two: a program of Java is its class.
fn program(command: &AskedCommand) -> &str {
    let mut words = command.command.iter().map(String::as_str);
    let first = words.next().unwrap_or_default();
    if first.ends_with("java") { words.find(|word| word.starts_with("org.")).unwrap_or(first) } else { first }
}

fn members_of(asked: &MemberQuestion, page: &Json, expected: &[String]) -> MembersStatus {
    let found = follow(page, &asked.path).map(opened).unwrap_or_default();
    let entries: Vec<(String, &Json)> = match &found {
        Json::Object(members) if asked.names == "keys" => {
            members.iter().map(|(name, member)| (host(name), member)).collect()
        }
        Json::Array(members) => {
            members.iter().filter_map(|member| Some((host(member[&asked.names].as_str()?), member))).collect()
        }
        _ => Vec::new(),
    };
    let each = expected.iter().map(|name| {
        let known = entries.iter().filter(|(known, _)| known == name);
        let known = known.map(|(_, each)| member(asked, name, each));
        // A node that came back under another port shows twice: what it is now counts.
        let best = known.min_by_key(|member| member.trouble.is_some());
        best.unwrap_or_else(|| MemberStatus {
            name: name.clone(),
            trouble: Some("is missing".to_owned()),
            ..MemberStatus::default()
        })
    });
    MembersStatus { title: asked.title.clone(), each: each.collect() }
}

fn member(asked: &MemberQuestion, name: &str, member: &Json) -> MemberStatus {
    // A part of a pattern that found nothing is `null`: it says nothing.
    let field = |field: &Option<String>| member.get(field.as_deref()?).filter(|value| !value.is_null());
    let state = field(&asked.state).map(text);
    let ill = state.as_ref().filter(|state| !asked.well.is_empty() && !asked.well.contains(state));
    let problem = field(&asked.problem).map(text).filter(|text| !text.is_empty());
    let silent = field(&asked.silent).and_then(Json::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let silent = silent.filter(|seconds| *seconds > asked.patience as f64);
    let mut trouble: Vec<String> = Vec::new();
    trouble.extend(ill.map(|state| format!("is {state}")));
    trouble.extend(problem.map(|problem| format!("says: {problem}")));
    trouble.extend(silent.map(|seconds| format!("was not heard of for {seconds:.0} s")));
    MemberStatus {
        name: name.to_owned(),
        state,
        trouble: (!trouble.is_empty()).then(|| trouble.join(", ")),
        facts: asked.facts.iter().filter_map(|asked| fact(asked, member)).collect(),
    }
}

/// What is read at a place of an answer; nothing where it does not have it.
fn fact(asked: &FactQuestion, answer: &Json) -> Option<Fact> {
    let value = follow(answer, &asked.path).filter(|value| !value.is_null())?;
    let total = asked.total.as_ref().and_then(|path| follow(answer, path)).filter(|value| !value.is_null());
    let said = text(&value);
    let title = asked.title.clone().unwrap_or_else(|| asked.name.replace('_', " "));
    let ill = asked.well.as_ref().is_some_and(|well| !well.contains(&said));
    let words = || match &asked.words {
        Some(words) => words.replace("{}", &said),
        None => format!("{title} is {said}"),
    };
    Some(Fact { name: asked.name.clone(), trouble: ill.then(words), title, value, total, unit: asked.unit })
}

/// The value at the end of a path.
fn follow(value: &Json, path: &[Json]) -> Option<Json> {
    let mut value = value.clone();
    for part in path {
        value = opened(value);
        value = match part {
            Json::String(name) => value.get_mut(name)?.take(),
            Json::Number(index) => value.get_mut(usize::try_from(index.as_u64()?).ok()?)?.take(),
            _ => return None,
        };
    }
    Some(value)
}

/// A text that is JSON, as what it says.
fn opened(value: Json) -> Json {
    match &value {
        Json::String(text) => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    }
}

/// A value in words.
fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The host of a name that may have a domain and a port.
fn host(name: &str) -> String {
    name.split([':', '.']).next().unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use super::*;

    fn question() -> StatusQuestion {
        let members = json!({ "title": "Servers", "from": "state", "path": [], "names": "hosts", "state": "is", "well": ["active", "standby"] });
        let facts = json!([{ "name": "active", "from": "active", "path": [] }, { "name": "since", "from": "state", "path": ["since"] }]);
        StatusQuestion {
            framework: "mine".to_owned(),
            name: "servers".to_owned(),
            title: "Servers".to_owned(),
            ask: BTreeMap::from([("state".to_owned(), Asked::Address("http://{host}/state".to_owned()))]),
            active: Some(ActiveQuestion {
                hosts: vec!["a".to_owned(), "b".to_owned()],
                url: "http://{host}/state".to_owned(),
                path: vec![json!("is")],
                equals: "active".to_owned(),
            }),
            members: Some(serde_json::from_value(members).unwrap()),
            members_of: Vec::new(),
            facts: serde_json::from_value(facts).unwrap(),
        }
    }

    fn answers(a: &Json, b: &Json) -> Answers {
        let text = json!({ "pages": { "http://a/state": a, "http://b/state": b }, "units": [] }).to_string();
        Answers::read(&text).unwrap()
    }

    #[test]
    fn the_active_host_is_asked_and_each_answers_for_itself() {
        let asked: Vec<String> = question().asked().iter().map(Asked::key).collect();
        assert_eq!(asked, ["http://a/state", "http://b/state", "http://a/state", "http://b/state"]);
        let (gone, active) = (json!({ "error": "timed out" }), json!({ "value": { "is": "active", "since": 7 } }));
        let told = answers(&gone, &active).of(&question(), &[]);
        assert_eq!(told.no_answer, None);
        let facts: Vec<(&str, String)> =
            told.facts.iter().map(|fact| (fact.name.as_str(), fact.value.to_string())).collect();
        assert_eq!(facts, [("active", "\"b\"".to_owned()), ("since", "7".to_owned())]);
        let members = told.members.unwrap();
        assert_eq!((members.well(), members.each.len()), (1, 2));
        assert_eq!(members.each[0].trouble.as_deref(), Some("does not answer: timed out"));
        assert_eq!(members.each[1].state.as_deref(), Some("active"));
    }

    #[test]
    fn what_a_pattern_found_nothing_for_says_nothing() {
        let asked = json!({ "title": "Nodes", "from": "nodes", "path": [], "names": "name", "state": "state", "well": ["idle"], "problem": "reason" });
        let asked: MemberQuestion = serde_json::from_value(asked).unwrap();
        let trouble =
            |reason: Json| member(&asked, "a", &json!({ "name": "a", "state": "idle", "reason": reason })).trouble;
        assert_eq!(trouble(Json::Null), None);
        assert_eq!(trouble(json!("leaves")).as_deref(), Some("says: leaves"));
    }

    #[test]
    fn where_none_is_active_that_is_said() {
        let told =
            answers(&json!({ "error": "timed out" }), &json!({ "value": { "is": "standby" } })).of(&question(), &[]);
        assert_eq!(told.no_answer.as_deref(), Some("none is active: a: timed out, b: standby"));
        assert!(told.facts.is_empty());
    }
}
