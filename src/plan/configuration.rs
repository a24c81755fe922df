//! A node's configuration, taken apart: which files differ, which frameworks it holds.
//!
//! Its shape is `node`'s affair ([`BundleFile`]). What is not of that shape is compared as a whole.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use super::PropertyChange;
use crate::catalogue::in_words;
use crate::node::{BundleFile, FileFile, NodeFile, PieceFile, ProbeFile, UnitFile, agent_words};

/// Ends the name of a part that is about a file but not its text.
pub(crate) const PLACE_AND_MODE: &str = " (place and mode)";

/// The parts of a configuration that a person would look at: files by name, services, folders and the like each by what it
/// is and its name, the rest by section.
fn parts(text: &str) -> Parts {
    let mut parts = Parts::default();
    match BundleFile::read(text) {
        Ok(BundleFile::Node(node)) => parts.node(&node),
        Ok(BundleFile::Verify(verify)) => {
            parts.add("cluster", verify.cluster);
            parts.items("step", &verify.steps, "name", |step| &step.name);
        }
        Err(_) => parts.add("config", text.to_owned()),
    }
    parts
}

/// What there is to say of each thing, by the name of the thing.
#[derive(Default)]
struct Parts(BTreeMap<String, Part>);

/// What is compared of a thing.
#[derive(PartialEq)]
enum Part {
    /// Lines that say all about it.
    Text(String),
    /// A file's content.
    Content(Vec<PieceFile>),
}

impl Parts {
    fn add(&mut self, name: &str, text: String) {
        self.0.insert(name.to_owned(), Part::Text(text));
    }

    /// A line an item.
    fn list(&mut self, name: &str, items: &[impl Serialize]) {
        let line = |item| line(&serde_json::to_value(item).unwrap_or_default()) + "\n";
        self.add(name, items.iter().map(line).collect());
    }

    fn node(&mut self, node: &NodeFile) {
        // Named one by one, so that no new field is overlooked.
        let NodeFile { cluster, group, role, agent_gzip, ssh_keys, packages, files, disks, .. } = node;
        let NodeFile {
            format: _,
            hosts,
            archives,
            pythons,
            ensembles,
            machine,
            users,
            directories,
            units,
            steps,
            probes,
            ..
        } = node;
        for (name, text) in [("cluster", cluster), ("group", group), ("role", role)] {
            self.add(name, text.clone());
        }
        self.add("node agent", agent_words(agent_gzip) + "\n");
        self.list("ssh_keys", ssh_keys);
        self.list("packages", packages);
        self.list("disks", disks);
        self.items(ARCHIVE, archives, "name", |archive| &archive.name);
        self.items("Python environment", pythons, "name", |python| &python.name);
        for (ensemble, names) in ensembles {
            self.list(&format!("ensemble {ensemble}"), names);
        }
        let text = field_lines(machine, |_| true);
        if !text.is_empty() {
            self.add("machine", text);
        }
        self.items(DIRECTORY, directories, "path", |directory| &directory.path);
        self.items(HOSTS, hosts, "prefix", |hosts| &hosts.prefix);
        self.items("probe", probes, "name", ProbeFile::name);
        self.items("step", steps, "name", |step| &step.name);
        self.items(UNIT, units, "name", |unit| &unit.name);
        self.items("user", users, "name", |user| &user.name);
        for file in files {
            // Two files may have one name: then the path tells them apart.
            let alone = !file.name.is_empty() && files.iter().filter(|other| other.name == file.name).count() == 1;
            let name = if alone { &file.name } else { &file.path };
            self.0.insert(name.clone(), Part::Content(file.content.clone()));
            let FileFile { framework, name: own_name, path, owner, mode, keep, only, .. } = file;
            let FileFile { content: _, restarts: _, fills_in: _, base64: _, concerns: _, .. } = file;
            let mut place = serde_json::json!({
                "framework": framework, "name": own_name, "path": path, "owner": owner, "mode": mode, "keep": keep,
            });
            if let Some(only) = only {
                place["only"] = only.as_str().into();
            }
            self.add(&format!("{name}{PLACE_AND_MODE}"), place.to_string());
        }
    }

    /// Each item by its name, a line for each of its other fields. Items of one name are counted.
    fn items<T: Serialize>(&mut self, word: &str, all: &[T], field: &str, name: impl Fn(&T) -> &str) {
        let mut names: BTreeMap<&str, u32> = BTreeMap::new();
        for item in all {
            let number = names.entry(name(item)).or_default();
            *number += 1;
            let number = if *number == 1 { String::new() } else { format!(" ({number})") };
            let text = field_lines(item, |key| key != field);
            self.add(&format!("{word} {}{number}", name(item).trim_end_matches(".service")), text);
        }
    }
}

pub(super) const DIRECTORY: &str = "directory";

/// How the names of an archive's part begin.
pub(super) const ARCHIVE: &str = "archive";

/// How the names of the parts that tell names of nodes begin.
pub(super) const HOSTS: &str = "hosts";

/// How the names of a service's part begin.
pub(super) const UNIT: &str = "unit";

/// A line for each field of an item that is wanted, and for each entry of a field that is an object.
fn field_lines<T: Serialize>(item: &T, wanted: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    let fields = serde_json::to_value(item).unwrap_or_default();
    for (key, value) in fields.as_object().into_iter().flatten().filter(|(key, _)| wanted(key)) {
        match value {
            Json::Object(entries) => {
                for (inner, value) in entries {
                    field_line(&mut text, &format!("{key}.{inner}"), value);
                }
            }
            value => field_line(&mut text, key, value),
        }
    }
    text
}

/// A line for a value, one for each item of a list.
fn field_line(text: &mut String, key: &str, value: &Json) {
    let mut push = |value: &Json| {
        text.push_str(key);
        text.push_str(" = ");
        match value {
            // A command reads as it is typed.
            Json::Array(words) if words.iter().all(Json::is_string) => {
                let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
                text.push_str(&words.join(" "));
            }
            value => text.push_str(&line(value)),
        }
        text.push('\n');
    };
    match value {
        Json::Array(values) => values.iter().for_each(push),
        value => push(value),
    }
}

/// Two versions of a thing as texts, secrets by what is to be said of them. They differ where the things do.
fn texts(before: Option<&Part>, after: Option<&Part>) -> (Option<String>, Option<String>) {
    let names = |part: Option<&Part>| match part {
        Some(Part::Content(pieces)) => pieces.iter().filter_map(PieceFile::secret).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    let (old, new): (BTreeSet<String>, BTreeSet<String>) = (names(before), names(after));
    let there = if before.is_some() { &old } else { &new };
    let label = |name: &str| if there.contains(name) { "(sensitive value)" } else { "(new sensitive value)" };
    let text = |part: Option<&Part>, label: &dyn Fn(&str) -> String| match part? {
        Part::Text(text) => Some(text.clone()),
        Part::Content(pieces) => Some(
            pieces
                .iter()
                .map(|piece| match piece {
                    PieceFile::Text(text) => text.clone(),
                    PieceFile::Secret { secret } => label(secret),
                })
                .collect(),
        ),
    };
    // What nodes fill in is shown as manifests write it.
    let text = |part: Option<&Part>, label: &dyn Fn(&str) -> String| text(part, label).map(|text| in_words(&text));
    let plain = |name: &str| label(name).to_owned();
    let found = (text(before, &plain), text(after, &plain));
    if found.0 != found.1 || before == after {
        return found;
    }
    // The same secrets in other places.
    let all: Vec<&String> = old.union(&new).collect();
    let numbered = |name: &str| {
        let number = all.iter().position(|known| *known == name).map_or(0, |position| position + 1);
        format!("(sensitive value {number})")
    };
    (text(before, &numbered), text(after, &numbered))
}

fn line(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What differs between two configurations, part by part. Where the old one is known only by digest, all that can be
/// said is that it differs.
pub(super) fn differences(before: Option<&Json>, after: Option<&Json>) -> Vec<PropertyChange> {
    let change = |name: &str, before: Option<String>, after: Option<String>| PropertyChange {
        name: name.to_owned(),
        before: before.map(Json::String),
        after: after.map(Json::String),
        secret: false,
        forces: false,
    };
    let (Some(before), Some(after)) = (before.and_then(Json::as_str), after.and_then(Json::as_str)) else {
        return vec![change("config", None, None)];
    };
    let (Parts(mut before), Parts(mut after)) = (parts(before), parts(after));
    let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let differing = names.into_iter().filter_map(|name| {
        let (old, new) = (before.remove(&name), after.remove(&name));
        let differ = old != new;
        let (old, new) = texts(old.as_ref(), new.as_ref());
        differ.then(|| change(&name, old, new))
    });
    differing.collect()
}

/// What becomes of a node's services where one configuration takes over from another, each list in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceChanges {
    /// They run, and are started again.
    pub restarted: Vec<String>,
    /// They run, and are stopped for good.
    pub stopped: Vec<String>,
    /// They do not run yet.
    pub started: Vec<String>,
}

impl ServiceChanges {
    /// What becomes of them. The node agent decides by the same rules.
    pub(super) fn between(before: &NodeFile, after: &NodeFile) -> Self {
        let (old, new) = (units(before), units(after));
        // Which steps come before it is nothing that a service runs with.
        let is_same = |known: &UnitFile, unit: &UnitFile| {
            *known == UnitFile { needs_step: known.needs_step.clone(), ..unit.clone() }
        };
        let differ = new.iter().filter(|(name, unit)| old.get(*name).is_some_and(|known| !is_same(known, unit)));
        let mut restarted: BTreeSet<&str> = differ.map(|(name, _)| *name).collect();
        let old_files: BTreeMap<&str, &FileFile> = before.files.iter().map(|file| (file.path.as_str(), file)).collect();
        for python in &after.pythons {
            let known = before.pythons.iter().find(|known| known.directory == python.directory);
            if known.is_some_and(|known| known.requirements != python.requirements) {
                let inside = format!("{}/", python.directory);
                let uses = |unit: &&&UnitFile| unit.exec.starts_with(&inside);
                restarted.extend(new.values().filter(uses).map(|unit| unit.name.as_str()));
            }
        }
        for file in after.files.iter().filter(|file| !file.keep) {
            let known = old_files.get(file.path.as_str());
            if known.is_some_and(|known| known.content == file.content) {
                continue;
            }
            let concerned = |unit: &&String| {
                let before = known.and_then(|known| known.concerns.get(*unit));
                before.is_none() || before != file.concerns.get(*unit)
            };
            restarted.extend(file.restarts.iter().filter(concerned).map(String::as_str));
        }
        for archive in &after.archives {
            let known = before.archives.iter().find(|known| known.name == archive.name);
            if known.is_none_or(|known| known.sha512 != archive.sha512 || known.file != archive.file) {
                restarted.extend(archive.restarts.iter().map(String::as_str));
            }
        }
        let list = |names: &mut dyn Iterator<Item = &str>| names.map(short).collect();
        Self {
            restarted: list(&mut restarted.into_iter().filter(|name| old.contains_key(name) && new.contains_key(name))),
            stopped: list(&mut old.keys().copied().filter(|name| !new.contains_key(name))),
            started: list(&mut new.keys().copied().filter(|name| !old.contains_key(name))),
        }
    }

    /// Whether one that runs is away, be it for a moment.
    pub(super) fn interrupted(&self) -> bool {
        !self.restarted.is_empty() || !self.stopped.is_empty()
    }
}

/// A unit as people call it.
pub(super) fn short(unit: &str) -> String {
    unit.trim_end_matches(".service").to_owned()
}

/// How many nodes of each group have names and addresses already.
pub(super) fn ranges(node: &NodeFile) -> BTreeMap<String, u32> {
    let mut ranges: BTreeMap<String, u32> = BTreeMap::new();
    for hosts in &node.hosts {
        let group = hosts.prefix.strip_prefix(&node.cluster).unwrap_or(&hosts.prefix).trim_matches('-');
        *ranges.entry(group.to_owned()).or_default() += hosts.count;
    }
    ranges
}

/// The configuration of a group's nodes that a `config` property holds, if it is one.
pub(super) fn node(config: &Json) -> Option<NodeFile> {
    match BundleFile::read(config.as_str()?) {
        Ok(BundleFile::Node(node)) => Some(*node),
        Ok(BundleFile::Verify(_)) | Err(_) => None,
    }
}

fn units(node: &NodeFile) -> BTreeMap<&str, &UnitFile> {
    node.units.iter().map(|unit| (unit.name.as_str(), unit)).collect()
}

/// Frameworks in a configuration, with their versions where they are said.
pub(super) fn frameworks(config: &Json) -> BTreeMap<String, Option<String>> {
    let Some(node) = node(config) else { return BTreeMap::new() };
    let files = node.files.iter().map(|file| &file.framework);
    let steps = node.steps.iter().map(|step| &step.framework);
    let names = files.chain(node.units.iter().map(|unit| &unit.framework)).chain(steps).filter(|name| !name.is_empty());
    let mut frameworks: BTreeMap<String, Option<String>> = names.map(|name| (name.clone(), None)).collect();
    let archives = node.archives.into_iter().map(|archive| (archive.name, archive.version));
    let pythons = node.pythons.into_iter().map(|python| (python.name, python.version));
    for (name, number) in archives.chain(pythons) {
        if let Some(version) = frameworks.get_mut(&name) {
            *version = Some(number);
        }
    }
    frameworks.extend(node.versions.into_iter().map(|(name, number)| (name, Some(number))));
    frameworks
}

#[cfg(test)]
mod tests {
    use super::super::takeover::Takeover;
    use super::*;
    use serde_json::json;

    fn bundle(content: &Json, packages: &Json) -> Json {
        let value = json!({"format": 1, "kind": "node", "packages": packages, "files": [
            {"framework": "hadoop", "name": "hdfs-site.xml", "path": "/etc/hadoop/hdfs-site.xml", "content": content},
            {"framework": "hadoop", "name": "core-site.xml", "path": "/etc/hadoop/core-site.xml", "content": ["same"]}],
            "archives": [{"name": "hadoop", "version": "3.5.0"}]});
        Json::String(value.to_string())
    }

    #[test]
    fn only_differing_files_are_named_and_secrets_stay_out() {
        let before = bundle(&json!(["a\n", {"secret": "key-1"}]), &json!(["curl"]));
        let after = bundle(&json!(["b\n", {"secret": "key-1"}]), &json!(["curl"]));
        let found = differences(Some(&before), Some(&after));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "hdfs-site.xml");
        assert_eq!(found[0].before, Some(json!("a\n(sensitive value)")));
        assert_eq!(found[0].after, Some(json!("b\n(sensitive value)")));
    }

    #[test]
    fn of_secrets_it_is_told_where_they_differ() {
        let told = |before: &Json, after: &Json| {
            let found = differences(Some(&bundle(before, &json!([]))), Some(&bundle(after, &json!([]))));
            let text = |value: &Option<Json>| value.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned();
            found.iter().map(|change| (text(&change.before), text(&change.after))).collect::<Vec<_>>()
        };
        let secret = |name: &str| json!({ "secret": name });
        let pair = |old: &str, new: &str| vec![(old.to_owned(), new.to_owned())];
        assert_eq!(
            told(&json!(["p=", secret("1")]), &json!(["p=", secret("2")])),
            pair("p=(sensitive value)", "p=(new sensitive value)")
        );
        assert_eq!(
            told(&json!(["p=", secret("1")]), &json!(["q=", secret("1")])),
            pair("p=(sensitive value)", "q=(sensitive value)")
        );
        assert_eq!(
            told(&json!([secret("1"), "\n", secret("2")]), &json!([secret("2"), "\n", secret("1")])),
            pair("(sensitive value 1)\n(sensitive value 2)", "(sensitive value 2)\n(sensitive value 1)")
        );
    }

    #[test]
    fn services_and_folders_are_parts_of_their_own() {
        let bundle = |exec: &str, more: &Json| {
            let units = json!([{"name": "a.service", "exec": exec, "after": ["b", "c"], "environment": {"K": "v"}}]);
            let text = json!({"kind": "node", "units": units, "directories": more, "packages": ["curl"]}).to_string();
            Json::String(text)
        };
        let data = json!([{"path": "/data", "holds_data": true}, {"path": "/tmp"}]);
        let found = differences(Some(&bundle("a", &data)), Some(&bundle("a -v", &json!([{"path": "/tmp"}]))));
        let told: Vec<_> = found.iter().map(|change| (change.name.as_str(), change.after.is_some())).collect();
        assert_eq!(told, [("directory /data", false), ("unit a", true)]);
        let text = found[1].after.as_ref().and_then(Json::as_str).unwrap();
        let said: Vec<&str> = text.lines().filter(|line| !line.ends_with("= ")).collect();
        assert_eq!(said, ["after = b", "after = c", "environment.K = v", "exec = a -v", "needs_step = null"]);
    }

    #[test]
    fn what_is_not_a_bundle_is_compared_as_a_whole() {
        let found = differences(Some(&json!("#!/bin/sh\n")), Some(&json!("#!/bin/bash\n")));
        assert_eq!(found.iter().map(|change| change.name.as_str()).collect::<Vec<_>>(), ["config"]);
        assert_eq!(differences(None, Some(&json!("x")))[0].before, None);
    }

    #[test]
    fn what_reads_a_changed_file_restarts() {
        let bundle = |text: &str, exec: &str, more: Option<&str>| {
            let mut units = vec![json!({"name": "a.service", "exec": exec}), json!({"name": "b.service", "exec": "b"})];
            units.extend(more.map(|name| json!({"name": name, "exec": "c"})));
            let files = json!([
                {"path": "/etc/a", "content": [text], "restarts": ["a.service", "c.service"]},
                {"path": "/etc/kept", "content": [text], "restarts": ["b.service"], "keep": true},
            ]);
            Json::String(json!({"kind": "node", "units": units, "files": files}).to_string())
        };
        let told = |before: &Json, after: &Json| {
            let ServiceChanges { restarted, stopped, started } =
                Takeover::of(Some(before), Some(after)).unwrap().services;
            let all = [("restarts", restarted), ("stops", stopped), ("starts", started)];
            let words = all.iter().flat_map(|(verb, names)| names.iter().map(move |name| format!("{verb} {name}")));
            words.collect::<Vec<_>>()
        };
        let one = bundle("1", "a", None);
        assert_eq!(told(&one, &one), Vec::<String>::new());
        assert_eq!(told(&one, &bundle("2", "a", None)), ["restarts a"]);
        assert_eq!(told(&one, &bundle("1", "a -v", None)), ["restarts a"]);
        assert_eq!(told(&one, &bundle("1", "a", Some("c.service"))), ["starts c"]);
        assert_eq!(told(&bundle("1", "a", Some("c.service")), &bundle("2", "a", None)), ["restarts a", "stops c"]);
        assert_eq!(Takeover::of(None, Some(&one)), None);
        // What comes before a service is nothing that it runs with.
        let with = |step: &str| {
            let units = json!([{"name": "a.service", "exec": "a", "needs_step": step}]);
            Json::String(json!({"kind": "node", "units": units}).to_string())
        };
        assert_eq!(told(&with("format save"), &with("format")), Vec::<String>::new());
    }

    #[test]
    fn frameworks_come_with_their_versions() {
        let found = frameworks(&bundle(&json!(["a"]), &json!([])));
        assert_eq!(found, BTreeMap::from([("hadoop".to_owned(), Some("3.5.0".to_owned()))]));
    }
}
