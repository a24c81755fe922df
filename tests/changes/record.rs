//! What happened, from the engine's own log (its format is told in the room `local`): nothing here is DISCO's opinion.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;

use serde_json::Value as Json;

use super::agent::Delivery;

/// A resource by stack and logical name.
pub(super) type Place = (String, String);

/// What there is at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    /// Physical ids.
    pub(super) resources: BTreeMap<Place, String>,
    /// Flavor and image of machines by their ids.
    pub(super) machines: BTreeMap<String, (String, String)>,
    /// Sizes of volumes by their ids, GiB.
    pub(super) sizes: BTreeMap<String, u64>,
    /// Machines from which a disk was taken that they had mounted.
    pub(super) harmed: BTreeSet<String>,
    /// All ids of things that exist, whether a resource stands for them or not.
    pub(super) ids: BTreeSet<String>,
}

/// One of Heat's events.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) number: u64,
    pub(super) place: Place,
    /// `UPDATE_IN_PROGRESS`
    pub(super) status: String,
}

/// What happened between two pictures.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) before: Picture,
    pub(super) after: Picture,
    pub(super) events: Vec<Event>,
    /// Configurations that machines had before and have carried out meanwhile, by deployment; and how many of them are
    /// from before.
    pub(super) deliveries: BTreeMap<Place, (Vec<Delivery>, usize)>,
}

/// The engine's records at one moment.
#[derive(Default)]
struct Entries(BTreeMap<String, Json>);

/// The log as it is now: what comes later is what happens.
pub(super) fn mark(folder: &Path) -> Vec<u8> {
    fs::read(folder.join(".disco/engine/log.jsonl")).unwrap_or_default()
}

impl Record {
    /// Reads what happened since the mark.
    pub(super) fn since(folder: &Path, mark: &[u8]) -> Self {
        let log = fs::read(folder.join(".disco/engine/log.jsonl")).unwrap();
        let mut entries = Entries::default();
        entries.take(mark, |_, _| {});
        let number = |event: &Json| event["number"].as_u64().unwrap();
        let last = entries.of("event").map(|(_, event)| number(event)).max().unwrap_or_default();
        let mut record = Self { before: entries.picture(), ..Self::default() };
        for (place, delivery) in entries.done() {
            record.deliveries.insert(place, (vec![delivery], 1));
        }
        let mut moment = 0;
        // An engine writes its log anew, without history, when a stack has gone.
        let later = log.strip_prefix(mark).unwrap_or_else(|| {
            entries = Entries::default();
            &log
        });
        entries.take(later, |entries, line| {
            for (key, event) in line.iter().filter_map(|key| Some((key, entries.0.get(key)?))) {
                if !key.starts_with("event/") {
                    continue;
                }
                if number(event) <= last {
                    continue;
                }
                moment = number(event);
                let stack = entries.stack(text(event, "stack"));
                assert!(!stack.is_empty(), "{key} is of no stack");
                let place = (stack, text(event, "resource").to_owned());
                record.events.push(Event { number: moment, place, status: text(event, "status").to_owned() });
            }
            for (place, delivery) in line.iter().filter_map(|key| entries.delivery(key)) {
                // More may be told at once than that it is done.
                let done =
                    record.of(&place).filter(|event| event.status.ends_with("_COMPLETE")).map(|event| event.number);
                let delivery = Delivery { moment: done.max().unwrap_or(moment), ..delivery };
                let (known, _) = record.deliveries.entry(place).or_default();
                let same = |last: &&Delivery| last.bundle == delivery.bundle && last.inputs == delivery.inputs;
                if known.last().filter(same).is_none_or(|last| last.machine != delivery.machine) {
                    known.push(delivery);
                }
            }
        });
        record.events.sort_by_key(|event| event.number);
        record.after = entries.picture();
        record
    }

    /// What happened to a resource.
    pub(super) fn of<'r>(&'r self, place: &'r Place) -> impl Iterator<Item = &'r Event> {
        self.events.iter().filter(move |event| event.place == *place)
    }

    /// From which event to which each action of a stack went on, in order.
    pub(super) fn actions(&self, stack: &str) -> Vec<Range<u64>> {
        let own = (stack.to_owned(), stack.to_owned());
        let mut actions: Vec<Range<u64>> = Vec::new();
        for event in self.of(&own) {
            if event.status.ends_with("_IN_PROGRESS") {
                actions.push(event.number..u64::MAX);
            } else if let Some(last) = actions.last_mut() {
                last.end = event.number + 1;
            }
        }
        actions
    }
}

impl Entries {
    /// Takes transactions in, and tells which records each of them sets.
    fn take(&mut self, log: &[u8], mut tell: impl FnMut(&Self, &[String])) {
        for line in log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let mut line: Json = serde_json::from_slice(line).unwrap();
            let Json::Object(set) = line["set"].take() else { continue };
            let keys: Vec<String> = set.keys().cloned().collect();
            self.0.extend(set);
            tell(self, &keys);
            for key in line["gone"].as_array().into_iter().flatten() {
                self.0.remove(key.as_str().unwrap());
            }
        }
    }

    fn of<'e>(&'e self, kind: &'e str) -> impl Iterator<Item = (&'e str, &'e Json)> {
        self.0.iter().filter_map(move |(key, value)| {
            let (own, id) = key.split_once('/')?;
            (own == kind).then_some((id, value))
        })
    }

    fn stack(&self, id: &str) -> String {
        self.0.get(&format!("stack/{id}")).map(|stack| text(stack, "name").to_owned()).unwrap_or_default()
    }

    fn picture(&self) -> Picture {
        let rows = self.of("resource").filter(|(_, row)| row["replaced_by"].is_null());
        let resources = rows.filter_map(|(_, row)| {
            let place = (self.stack(text(row, "stack")), text(row, "name").to_owned());
            Some((place, row["physical"].as_str()?.to_owned()))
        });
        let machines = self
            .of("server")
            .map(|(id, server)| (id.to_owned(), (text(server, "flavor").to_owned(), text(server, "image").to_owned())));
        let harmed = self.of("server").filter(|(_, server)| server["log"].to_string().contains("while it is mounted"));
        let volumes = self.of("thing").filter(|(_, thing)| thing["kind"] == "volume");
        let sizes = volumes.filter_map(|(id, volume)| Some((id.to_owned(), volume["body"]["size"].as_u64()?)));
        let ids = ["thing", "server", "deployment"].into_iter().flat_map(|kind| self.of(kind));
        Picture {
            resources: resources.collect(),
            machines: machines.collect(),
            sizes: sizes.collect(),
            harmed: harmed.map(|(id, _)| id.to_owned()).collect(),
            ids: ids.map(|(id, _)| id.to_owned()).collect(),
        }
    }

    /// What machines have carried out so far.
    fn done(&self) -> Vec<(Place, Delivery)> {
        self.0.keys().filter_map(|key| self.delivery(key)).collect()
    }

    /// What a machine has carried out, if this record says that it has.
    fn delivery(&self, key: &str) -> Option<(Place, Delivery)> {
        let deployment = self.0.get(key).filter(|_| key.starts_with("deployment/"))?;
        let inputs = deployment["inputs"].as_object()?;
        if deployment["status"] != "COMPLETE" || inputs.contains_key("members") {
            return None;
        }
        let row = self.0.get(&format!("resource/{}", deployment["row"]))?;
        let config = self.0.get(&format!("thing/{}", text(deployment, "config")))?;
        let server = text(deployment, "server");
        let image = self.0.get(&format!("server/{server}")).map(|server| text(server, "image")).unwrap_or_default();
        let delivery = Delivery {
            deployment: text(row, "name").to_owned(),
            machine: format!("{server} {image}"),
            bundle: text(&config["body"], "config").to_owned(),
            inputs: inputs.clone(),
            moment: 0,
        };
        Some(((self.stack(text(row, "stack")), text(row, "name").to_owned()), delivery))
    }
}

fn text<'j>(value: &'j Json, name: &str) -> &'j str {
    value[name].as_str().unwrap_or_default()
}
