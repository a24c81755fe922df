//! The same on a real cloud: the lab without its volumes is changed and changed back, once for each kind of change, and
//! what happened is read from Heat and Nova. Nodes are answered for by the agent of the tests' support.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

use disco::heat::Service;

use super::agent::Delivery;
use super::cases::{CASES, Case};
use super::compare::lies;
use super::life::Life;
use super::record::{Event, Picture, Place, Record};
use crate::support::{Delivered, Eyes, Inventory, TestCloud, real_cloud, text};

/// What there was at one moment.
pub(super) struct Before {
    picture: Picture,
    /// Ids of events.
    events: BTreeSet<String>,
    /// Names and ids of stacks.
    stacks: BTreeSet<(String, String)>,
    delivered: Vec<Delivered>,
}

/// All of it as it is now.
pub(super) fn look(cloud: &TestCloud) -> Before {
    let stacks = stacks(&cloud.eyes);
    let events = events(&cloud.eyes, &stacks).into_iter().map(|(id, _)| id).collect();
    Before { picture: picture(&cloud.eyes), events, stacks, delivered: cloud.delivered() }
}

/// Whether a stack is not one of the tests that may run beside this one.
fn is_own(stack: &str) -> bool {
    !["killed", "trapped", "analytics"].contains(&stack)
}

fn picture(eyes: &Eyes) -> Picture {
    let inventory = Inventory::take(eyes, "");
    let named = inventory.resources.iter().filter(|(stack, _, id)| !id.is_empty() && is_own(stack));
    let resources: BTreeMap<Place, String> =
        named.map(|(stack, name, id)| ((stack.clone(), name.clone()), id.clone())).collect();
    let servers = eyes.list(Service::Compute, "/servers/detail", "servers");
    let machines = servers.iter().map(|server| {
        let image = text(&server["image"], "id").to_owned();
        (text(server, "id").to_owned(), (server["flavor"].to_string(), image))
    });
    let things = inventory.things.into_keys().map(|(_, id)| id);
    let ids = things.chain(resources.values().cloned()).collect();
    Picture { machines: machines.collect(), ids, resources, ..Picture::default() }
}

/// The stacks that there are now.
fn stacks(eyes: &Eyes) -> BTreeSet<(String, String)> {
    let listed = eyes.list(Service::Orchestration, "/stacks?limit=100", "stacks");
    let named = listed.iter().map(|stack| (text(stack, "stack_name").to_owned(), text(stack, "id").to_owned()));
    named.filter(|(name, _)| is_own(name)).collect()
}

/// Events of stacks with their ids, in the order in which they happened: within a second, of which Heat tells no more, in
/// that of the stacks. Of one that has gone Heat still tells them.
fn events<'s>(eyes: &Eyes, of: impl IntoIterator<Item = &'s (String, String)>) -> Vec<(String, Event)> {
    let mut found = Vec::new();
    for (name, id) in of {
        let path = format!("/stacks/{name}/{id}/events?limit=500&sort_dir=asc");
        for event in eyes.list(Service::Orchestration, &path, "events") {
            let status = text(&event, "resource_status").to_owned();
            // What a node says is an event, too.
            if status.starts_with("SIGNAL") {
                continue;
            }
            let place = (name.to_owned(), text(&event, "resource_name").to_owned());
            let time = text(&event, "event_time").to_owned();
            found.push((time, (text(&event, "id").to_owned(), Event { number: 0, place, status })));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let numbered = found.into_iter().zip(1..).map(|((_, (id, event)), number)| (id, Event { number, ..event }));
    numbered.collect()
}

/// What has happened since.
pub(super) fn since(cloud: &TestCloud, before: &Before) -> Record {
    let now = stacks(&cloud.eyes);
    // What goes makes room for what comes.
    let all = before.stacks.iter().chain(now.difference(&before.stacks));
    let later = events(&cloud.eyes, all).into_iter().filter(|(id, _)| !before.events.contains(id));
    let events: Vec<Event> = later.map(|(_, event)| event).collect();
    let mut record =
        Record { before: before.picture.clone(), after: picture(&cloud.eyes), events, ..Record::default() };
    let had = before.delivered.len();
    let mut told: BTreeMap<Place, usize> = BTreeMap::new();
    for (number, given) in cloud.delivered().into_iter().enumerate() {
        if given.inputs.contains_key("members") {
            continue;
        }
        let is_new = number >= had;
        // What was given to nodes that had gone before is none of those of the same names that come now.
        if !is_new && !before.picture.resources.contains_key(&given.place) {
            continue;
        }
        let moment = if is_new {
            let nth = told.entry(given.place.clone()).or_default();
            let mut done = record.of(&given.place).filter(|event| event.status.ends_with("_COMPLETE"));
            let moment = done.nth(*nth).map_or(0, |event| event.number);
            *nth += 1;
            moment
        } else {
            0
        };
        let delivery = Delivery {
            deployment: given.place.1.clone(),
            machine: given.machine,
            bundle: given.config,
            inputs: given.inputs,
            moment,
        };
        let (known, old) = record.deliveries.entry(given.place).or_default();
        if !is_new {
            // Only the last of those from before counts.
            known.clear();
            *old = 1;
        }
        known.push(delivery);
    }
    record
}

/// Whether a case can be told on a cloud that may have no Cinder, with six small machines.
fn fits(case: &Case) -> bool {
    !says(case, |text| text.contains("volume") || text.starts_with("size = ") || text.contains("provider \"local\""))
}

/// Whether it needs an image with an older Java, which not every cloud has.
fn needs_old_java(case: &Case) -> bool {
    says(case, |text| text.contains("ubuntu-22.04"))
}

fn says(case: &Case, what: impl Fn(&str) -> bool) -> bool {
    let all = case.given.iter().chain(case.edits);
    all.flat_map(|(old, new)| [*old, *new]).any(what)
}

/// Each kind of change on the real cloud that `DISCO_TEST_CLOUD` names, there and back; `DISCO_TEST_CHANGES` is a part of
/// the names of those to be tried, or several with commas.
#[test]
fn each_change_on_a_real_cloud_is_what_the_plan_promised() {
    if real_cloud().is_none() {
        return;
    }
    let chosen = std::env::var("DISCO_TEST_CHANGES").unwrap_or_default();
    let is_chosen = |case: &&Case| chosen.split(',').any(|part| case.name.contains(part));
    let mut life = Life::begin_real();
    let mut found = String::new();
    let mut told = 0;
    for case in CASES.iter().filter(|case| fits(case)).filter(is_chosen) {
        if needs_old_java(case) && std::env::var_os("DISCO_TEST_JAVA_11_IMAGE").is_none() {
            let _ = writeln!(std::io::stderr(), "{}: skipped, DISCO_TEST_JAVA_11_IMAGE names no image", case.name);
            continue;
        }
        let began = std::time::Instant::now();
        let first = life.definition.clone();
        let mut judge = |life: &Life, what: &str, at_once: usize| {
            let lies = lies(&life.apply(), at_once);
            let said = if lies.is_empty() { "as promised".to_owned() } else { format!("{lies:#?}") };
            // Past the test runner, so that somebody who waits for an hour sees what goes on.
            let _ = writeln!(std::io::stderr(), "{}{what}: {said} ({} s)", case.name, began.elapsed().as_secs());
            if !lies.is_empty() {
                let _ = writeln!(found, "{}{what}: {lies:#?}", case.name);
            }
        };
        if !case.given.is_empty() {
            life.edit(case.given);
            judge(&life, ", what is given", 1);
        }
        life.edit(case.edits);
        judge(&life, "", case.at_once);
        life.say(&first);
        judge(&life, ", taken back", case.at_once);
        told += 1;
    }
    life.end();
    assert!(told > 0, "no case has a name with `{chosen}`");
    assert!(found.is_empty(), "{told} kinds of change, and these lies:\n{found}");
}

#[test]
fn volumes_are_left_to_the_embedded_engine() {
    let left: Vec<&str> = CASES.iter().filter(|case| !fits(case)).map(|case| case.name).collect();
    let others = CASES.len() - left.len();
    assert!(others > 35, "{others} kinds of change can be tried on a real cloud; not {left:?}");
    assert!(left.iter().all(|name| name.contains("volume") || name.ends_with("in_several_stacks")), "{left:?}");
}
