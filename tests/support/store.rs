//! The embedded engine's store, read by its documented format alone (see the room `local`), and held against the state.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

/// What the engine has, and what DISCO remembers of it.
pub(crate) struct Store {
    entries: BTreeMap<String, Json>,
    state: Option<Json>,
}

impl Store {
    /// Reads both in a project's folder. A state that is there must be whole.
    pub(crate) fn read(folder: &Path) -> Self {
        Self::read_at(folder, "disco.state.json")
    }

    /// The same, with the state in another place.
    pub(crate) fn read_at(folder: &Path, state: &str) -> Self {
        let log = fs::read(folder.join(".disco/engine/log.jsonl")).unwrap_or_default();
        let mut entries = BTreeMap::new();
        for line in log.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            let line: Json = serde_json::from_slice(line).expect("a line of the engine's log is torn");
            for (key, value) in line["set"].as_object().into_iter().flatten() {
                entries.insert(key.clone(), value.clone());
            }
            for key in line["gone"].as_array().into_iter().flatten() {
                entries.remove(key.as_str().unwrap());
            }
        }
        let state = fs::read(folder.join(state)).ok();
        let state = state.map(|bytes| serde_json::from_slice(&bytes).expect("the state is torn"));
        Self { entries, state }
    }

    /// The project's lineage, if it has a state.
    pub(crate) fn lineage(&self) -> Option<String> {
        Some(self.state.as_ref()?["lineage"].as_str().expect("the state has no lineage").to_owned())
    }

    /// How many machines there are.
    pub(crate) fn machines(&self) -> usize {
        self.of("server").count()
    }

    /// Everything of a kind, by its id.
    pub(crate) fn of<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = (&'s str, &'s Json)> {
        self.entries.iter().filter_map(move |(key, value)| {
            let (own, id) = key.split_once('/')?;
            (own == kind).then_some((id, value))
        })
    }

    /// Stacks that have not been deleted.
    pub(crate) fn stacks(&self) -> BTreeMap<&str, &Json> {
        self.of("stack").filter(|(_, stack)| stack["deleted"].is_null()).collect()
    }

    /// Everything that there is, by its kind and id.
    pub(crate) fn left(&self) -> Vec<String> {
        let kinds = ["resource", "thing", "server"].into_iter();
        let things = kinds.flat_map(|kind| self.of(kind).map(move |(id, _)| format!("{kind} {id}")));
        things.chain(self.stacks().into_keys().map(|id| format!("stack {id}"))).collect()
    }

    /// What is not as it has to be when nothing is under way: things that exist twice, orphans, what the state does not
    /// know of or believes to exist. Empty where all is well.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let stacks = self.stacks();
        let rows: Vec<&Json> = self.of("resource").map(|(_, row)| row).collect();
        faults.extend(twice("stack", stacks.values().map(|stack| text(stack, "name"))));
        faults.extend(twice("resource", rows.iter().map(|row| format!("{} of {}", text(row, "name"), row["stack"]))));
        faults.extend(twice("machine", self.of("server").map(|(_, server)| text(server, "name"))));
        let physical: Vec<String> = rows.iter().filter_map(|row| Some(row["physical"].as_str()?.to_owned())).collect();
        faults.extend(twice("physical id", physical.iter().cloned()));
        faults.extend(
            rows.iter()
                .filter(|row| !stacks.contains_key(text(row, "stack").as_str()))
                .map(|row| format!("resource {} has lost its stack", row["name"])),
        );
        for kind in ["thing", "server", "deployment"] {
            let orphans = self.of(kind).filter(|(id, _)| !physical.iter().any(|known| known.contains(id)));
            faults.extend(orphans.map(|(id, thing)| format!("{kind} {id} ({}) is orphaned", thing["name"])));
        }
        if self.state.as_ref().is_some_and(has_intent) {
            faults.push("an intent is still open".to_owned());
        }
        let known = self.remembered();
        let there: BTreeSet<String> = physical.into_iter().collect();
        faults.extend(there.difference(&known).map(|id| format!("the state does not know of {id}")));
        faults.extend(known.difference(&there).map(|id| format!("the state believes that {id} exists")));
        faults
    }

    /// Physical ids in the state.
    fn remembered(&self) -> BTreeSet<String> {
        let mut known = BTreeSet::new();
        for (_, cluster) in self.state.iter().filter_map(|state| state["clusters"].as_object()).flatten() {
            for stack in cluster["stacks"].as_object().into_iter().flat_map(serde_json::Map::values) {
                let resources = stack["resources"].as_object().into_iter().flat_map(serde_json::Map::values);
                known.extend(resources.filter_map(|resource| Some(resource["id"].as_str()?.to_owned())));
            }
        }
        known
    }
}

/// Whether something was begun and not ended, wherever the state notes that.
fn has_intent(value: &Json) -> bool {
    match value {
        Json::Object(fields) => {
            fields.iter().any(|(name, value)| (name == "intent" && !value.is_null()) || has_intent(value))
        }
        Json::Array(items) => items.iter().any(has_intent),
        _ => false,
    }
}

fn text(value: &Json, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn twice(what: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(name.clone())).map(|name| format!("{what} {name} exists twice")).collect()
}
