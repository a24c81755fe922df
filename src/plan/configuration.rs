//! A node's configuration, taken apart: which files differ, which frameworks it holds.
//!
//! Its shape is `node`'s affair ([`BundleFile`]). What is not of that shape is compared as a whole.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use super::PropertyChange;
use crate::node::{BundleFile, FileFile, NodeFile, PieceFile, ProbeFile, UnitFile};

/// Ends the name of a part that is about a file but not its text.
pub(crate) const PLACE_AND_MODE: &str = " (place and mode)";

/// The parts of a configuration that a person would look at: files by name, services, folders and the like each by what it
/// is and its name, the rest by section.
fn parts(text: &str) -> Parts {
    let mut parts = Parts::default();
    match BundleFile::read(text) {
        Ok(BundleFile::Node(node)) => parts.node(*node),
        Ok(BundleFile::Verify(verify)) => {
            parts.add("cluster", verify.cluster);
            parts.items("steps", "step", &verify.steps, "name", |step| &step.name);
        }
        Err(_) => parts.add("config", text.to_owned()),
    }
    parts
}

/// Texts by the name of what they are about.
#[derive(Default)]
struct Parts(BTreeMap<String, String>);

impl Parts {
    fn add(&mut self, name: &str, text: String) {
        self.0.insert(name.to_owned(), text);
    }

    /// A line an item.
    fn list(&mut self, name: &str, items: &[impl Serialize]) {
        let line = |item| line(&serde_json::to_value(item).unwrap_or_default()) + "\n";
        self.add(name, items.iter().map(line).collect());
    }

    fn node(&mut self, node: NodeFile) {
        // Named one by one, so that no new field is overlooked.
        let NodeFile { cluster, group, role, agent_gzip, ssh_keys, packages, files, disks, .. } = &node;
        let NodeFile { format: _, hosts, archives, users, directories, units, steps, probes, .. } = &node;
        for (name, text) in [("cluster", cluster), ("group", group), ("role", role), ("agent_gzip", agent_gzip)] {
            self.add(name, text.clone());
        }
        self.list("ssh_keys", ssh_keys);
        self.list("packages", packages);
        self.list("disks", disks);
        self.items("archives", "archive", archives, "name", |archive| &archive.name);
        self.items("directories", "directory", directories, "path", |directory| &directory.path);
        self.items("hosts", "hosts", hosts, "prefix", |hosts| &hosts.prefix);
        self.items("probes", "probe", probes, "name", ProbeFile::name);
        self.items("steps", "step", steps, "name", |step| &step.name);
        self.items("units", "unit", units, "name", |unit| &unit.name);
        self.items("users", "user", users, "name", |user| &user.name);
        for file in files {
            // Two files may have one name: then the path tells them apart.
            let alone = !file.name.is_empty() && files.iter().filter(|other| other.name == file.name).count() == 1;
            let name = if alone { &file.name } else { &file.path };
            self.add(name, file.content.iter().map(piece).collect());
            let FileFile { framework, name: own_name, path, owner, mode, keep, content: _, restarts: _ } = file;
            let place = serde_json::json!({
                "framework": framework, "name": own_name, "path": path, "owner": owner, "mode": mode, "keep": keep,
            });
            self.add(&format!("{name}{PLACE_AND_MODE}"), place.to_string());
        }
    }

    /// Each item by its name, a line for each of its other fields; all of them as one part where two have one name.
    fn items<T: Serialize>(&mut self, section: &str, word: &str, all: &[T], field: &str, name: impl Fn(&T) -> &str) {
        let names: BTreeSet<&str> = all.iter().map(&name).collect();
        if names.len() < all.len() {
            self.list(section, all);
            return;
        }
        for item in all {
            let mut text = String::new();
            let fields = serde_json::to_value(item).unwrap_or_default();
            for (key, value) in fields.as_object().into_iter().flatten().filter(|(key, _)| *key != field) {
                match value {
                    Json::Object(entries) => {
                        for (inner, value) in entries {
                            field_line(&mut text, &format!("{key}.{inner}"), value);
                        }
                    }
                    value => field_line(&mut text, key, value),
                }
            }
            self.add(&format!("{word} {}", name(item).trim_end_matches(".service")), text);
        }
    }
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

fn piece(piece: &PieceFile) -> &str {
    match piece {
        PieceFile::Text(text) => text,
        PieceFile::Secret { .. } => "(sensitive value)",
    }
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
        (old != new).then(|| change(&name, old, new))
    });
    differing.collect()
}

/// What becomes of a node's services where one configuration takes over from another, each list in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Services {
    /// They run, and are started again.
    pub(super) restarted: Vec<String>,
    /// They run, and are stopped for good.
    pub(super) stopped: Vec<String>,
    /// They do not run yet.
    pub(super) started: Vec<String>,
}

impl Services {
    /// What becomes of them; `None` where the old configuration is known only by digest. The node agent decides by the
    /// same rules.
    pub(super) fn of(before: Option<&Json>, after: Option<&Json>) -> Option<Self> {
        let (before, after) = (node(before?)?, node(after?)?);
        let (old, new) = (units(&before), units(&after));
        let differ = new.iter().filter(|(name, unit)| old.get(*name).is_some_and(|known| known != *unit));
        let mut restarted: BTreeSet<&str> = differ.map(|(name, _)| *name).collect();
        let old_files: BTreeMap<&str, &FileFile> = before.files.iter().map(|file| (file.path.as_str(), file)).collect();
        for file in after.files.iter().filter(|file| !file.keep) {
            if old_files.get(file.path.as_str()).is_none_or(|known| known.content != file.content) {
                restarted.extend(file.restarts.iter().map(String::as_str));
            }
        }
        let list = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect();
        Some(Self {
            restarted: list(&mut restarted.into_iter().filter(|name| old.contains_key(name) && new.contains_key(name))),
            stopped: list(&mut old.keys().copied().filter(|name| !new.contains_key(name))),
            started: list(&mut new.keys().copied().filter(|name| !old.contains_key(name))),
        })
    }

    /// Whether one that runs is away, be it for a moment.
    pub(super) fn interrupted(&self) -> bool {
        !self.restarted.is_empty() || !self.stopped.is_empty()
    }

    /// A sentence for each of the three.
    pub(super) fn sentences(&self) -> Vec<String> {
        let all = [("restarts", &self.restarted), ("stops", &self.stopped), ("starts", &self.started)];
        let sentence = |(verb, names): (&str, &Vec<String>)| {
            let names: Vec<&str> = names.iter().map(|name| name.trim_end_matches(".service")).collect();
            (!names.is_empty()).then(|| format!("{verb} {}", names.join(", ")))
        };
        all.into_iter().filter_map(sentence).collect()
    }
}

/// The configuration of a group's nodes that a `config` property holds, if it is one.
fn node(config: &Json) -> Option<NodeFile> {
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
    let names = files.chain(node.units.iter().map(|unit| &unit.framework)).filter(|name| !name.is_empty());
    let mut frameworks: BTreeMap<String, Option<String>> = names.map(|name| (name.clone(), None)).collect();
    for archive in node.archives {
        if let Some(version) = frameworks.get_mut(&archive.name) {
            *version = Some(archive.version);
        }
    }
    frameworks
}

#[cfg(test)]
mod tests {
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
        let told = |before: &Json, after: &Json| Services::of(Some(before), Some(after)).unwrap().sentences();
        let one = bundle("1", "a", None);
        assert_eq!(told(&one, &one), Vec::<String>::new());
        assert_eq!(told(&one, &bundle("2", "a", None)), ["restarts a"]);
        assert_eq!(told(&one, &bundle("1", "a -v", None)), ["restarts a"]);
        assert_eq!(told(&one, &bundle("1", "a", Some("c.service"))), ["starts c"]);
        assert_eq!(told(&bundle("1", "a", Some("c.service")), &bundle("2", "a", None)), ["restarts a", "stops c"]);
        assert_eq!(Services::of(None, Some(&one)), None);
    }

    #[test]
    fn frameworks_come_with_their_versions() {
        let found = frameworks(&bundle(&json!(["a"]), &json!([])));
        assert_eq!(found, BTreeMap::from([("hadoop".to_owned(), Some("3.5.0".to_owned()))]));
    }
}
