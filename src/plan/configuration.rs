//! A node's configuration, taken apart: which files differ, which frameworks it holds.
//!
//! A configuration is a bundle in JSON; its shape is `node`'s affair. What is not recognised is compared as a whole.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::PropertyChange;

/// Ends the name of a part that is about a file but not its text.
pub(crate) const PLACE_AND_MODE: &str = " (place and mode)";

/// The parts of a configuration that a person would look at: files by name, services, folders and the like each by what it
/// is and its name, the rest by section.
pub(super) fn parts(text: &str) -> BTreeMap<String, String> {
    let Ok(Json::Object(bundle)) = serde_json::from_str::<Json>(text) else {
        return BTreeMap::from([("config".to_owned(), text.to_owned())]);
    };
    let mut parts = BTreeMap::new();
    for (section, value) in bundle {
        match (section.as_str(), value) {
            ("files", Json::Array(files)) => {
                let names: Vec<&str> =
                    files.iter().filter_map(|file| file.get("name").and_then(Json::as_str)).collect();
                for file in &files {
                    let name = file.get("name").and_then(Json::as_str).unwrap_or_default();
                    let path = file.get("path").and_then(Json::as_str).unwrap_or(name);
                    // Two files may have one name: then the path tells them apart.
                    let alone = !name.is_empty() && names.iter().filter(|other| **other == name).count() == 1;
                    let name = if alone { name } else { path };
                    let content = file.get("content").map(text_of).unwrap_or_default();
                    parts.insert(name.to_owned(), content);
                    let mut rest = file.clone();
                    if let Some(entries) = rest.as_object_mut() {
                        entries.remove("content");
                        entries.remove("restarts");
                    }
                    parts.insert(format!("{name}{PLACE_AND_MODE}"), text_of(&rest));
                }
            }
            (name, value) => match items(name, &value) {
                Some(items) => parts.extend(items),
                None => {
                    parts.insert(name.to_owned(), text_of(&value));
                }
            },
        }
    }
    parts
}

/// Sections whose items are parts of their own: what an item is called, and the field that names it.
const ITEMS: [(&str, &str, &str); 7] = [
    ("archives", "archive", "name"),
    (DIRECTORIES, DIRECTORY, "path"),
    ("hosts", "hosts", "prefix"),
    ("probes", "probe", "name"),
    ("steps", "step", "name"),
    ("units", "unit", "name"),
    ("users", "user", "name"),
];

const DIRECTORIES: &str = "directories";
const DIRECTORY: &str = "directory";

/// What a folder says that holds data which cannot be made again.
const HOLDS_DATA: &str = "holds_data = true";

/// The items of such a section, a line for each of their fields; `None` for another section, or where items have no
/// names of their own.
fn items(section: &str, value: &Json) -> Option<BTreeMap<String, String>> {
    let (_, word, field) = ITEMS.iter().find(|(name, ..)| *name == section)?;
    let all = value.as_array()?;
    let mut parts = BTreeMap::new();
    for item in all {
        let name = item.get(field)?.as_str()?;
        let mut text = String::new();
        for (key, value) in item.as_object()?.iter().filter(|(key, _)| key != field) {
            match value {
                Json::Object(entries) => {
                    entries.iter().for_each(|(inner, value)| field_line(&mut text, &format!("{key}.{inner}"), value));
                }
                value => field_line(&mut text, key, value),
            }
        }
        parts.insert(format!("{word} {}", name.trim_end_matches(".service")), text);
    }
    (parts.len() == all.len()).then_some(parts)
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

/// Text, or pieces of text with names in the place of secrets, or one item a line.
fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) if items.iter().any(is_secret) || items.len() == 1 && items.iter().all(Json::is_string) => {
            items.iter().map(piece).collect()
        }
        // Each line ends, so that the last one does not differ where another follows.
        Json::Array(items) => items.iter().map(|item| line(item) + "\n").collect(),
        other => line(other),
    }
}

fn is_secret(value: &Json) -> bool {
    value.as_object().is_some_and(|entries| entries.len() == 1 && entries.contains_key("secret"))
}

fn piece(value: &Json) -> String {
    if is_secret(value) { "(sensitive value)".to_owned() } else { line(value) }
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
    let (mut before, mut after) = (parts(before), parts(after));
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
        let bundle = |config: Option<&Json>| serde_json::from_str::<Json>(config?.as_str()?).ok();
        let (before, after) = (bundle(before)?, bundle(after)?);
        let (old, new) = (named(&before, "units", "name"), named(&after, "units", "name"));
        let differ = new.iter().filter(|(name, unit)| old.get(*name).is_some_and(|known| known != *unit));
        let mut restarted: BTreeSet<&str> = differ.map(|(name, _)| *name).collect();
        let text = |file: &Json, name: &str| file.get(name).cloned().unwrap_or_default();
        let (old_files, new_files) = (named(&before, "files", "path"), named(&after, "files", "path"));
        for (path, file) in &new_files {
            let same = old_files.get(path).is_some_and(|known| text(known, "content") == text(file, "content"));
            let keep = file.get("keep") == Some(&Json::Bool(true));
            if !same && !keep {
                let readers = file.get("restarts").and_then(Json::as_array).into_iter().flatten();
                restarted.extend(readers.filter_map(Json::as_str));
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

/// The items of a section by one of their fields.
fn named<'b>(bundle: &'b Json, section: &str, field: &str) -> BTreeMap<&'b str, &'b Json> {
    let items = bundle.get(section).and_then(Json::as_array).into_iter().flatten();
    items.filter_map(|item| Some((item.get(field)?.as_str()?, item))).collect()
}

/// Folders with data that cannot be made again, which a change of configuration no longer uses: what lies in them is
/// lost to the framework.
pub(super) fn abandoned(changes: &[PropertyChange]) -> Vec<String> {
    let holds = |value: &Option<Json>| {
        value.as_ref().and_then(Json::as_str).is_some_and(|text| text.lines().any(|line| line == HOLDS_DATA))
    };
    let directories = changes.iter().filter_map(|change| Some((change.name.strip_prefix(DIRECTORY)?, change)));
    let left = directories.filter(|(_, change)| holds(&change.before) && !holds(&change.after));
    left.map(|(path, _)| path.trim_start().to_owned()).collect()
}

/// Frameworks in a configuration, with their versions where they are said.
pub(super) fn frameworks(config: &Json) -> BTreeMap<String, Option<String>> {
    let mut frameworks = BTreeMap::new();
    let Some(Ok(bundle)) = config.as_str().map(serde_json::from_str::<Json>) else { return frameworks };
    let items = |section: &str| bundle.get(section).and_then(Json::as_array).into_iter().flatten();
    for item in items("files").chain(items("units")) {
        if let Some(name) = item.get("framework").and_then(Json::as_str) {
            frameworks.entry(name.to_owned()).or_insert(None);
        }
    }
    for archive in items("archives") {
        if let Some(known) = archive.get("name").and_then(Json::as_str).and_then(|name| frameworks.get_mut(name)) {
            *known = archive.get("version").and_then(Json::as_str).map(str::to_owned);
        }
    }
    frameworks
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bundle(content: &Json, packages: &Json) -> Json {
        let value = json!({"format": 1, "packages": packages, "files": [
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
            let text = json!({"units": units, "directories": more, "packages": ["curl"]}).to_string();
            Json::String(text)
        };
        let data = json!([{"path": "/data", "holds_data": true}, {"path": "/tmp"}]);
        let found = differences(Some(&bundle("a", &data)), Some(&bundle("a -v", &json!([{"path": "/tmp"}]))));
        let told: Vec<_> = found.iter().map(|change| (change.name.as_str(), change.after.is_some())).collect();
        assert_eq!(told, [("directory /data", false), ("unit a", true)]);
        assert_eq!(found[1].after, Some(json!("after = b\nafter = c\nenvironment.K = v\nexec = a -v\n")));
        assert_eq!(abandoned(&found), ["/data"]);
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
            Json::String(json!({"units": units, "files": files}).to_string())
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
