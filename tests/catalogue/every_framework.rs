//! What holds of every framework inside the program, on machines of 2 GiB to 4 TiB and clusters of 1 to 10,000 slaves.

use super::lab::{Lab, told};
use crate::support::snapshot;
use disco::catalogue::Catalogue;
use disco::node::{Hosts, bundle};
use disco::source::{Severity, Sources};

fn names() -> Vec<String> {
    Catalogue::embedded(&Sources::new()).framework_names().map(str::to_owned).collect()
}

/// Who provides what a framework requires, by what it asks for.
fn provider(asked: &str) -> &str {
    match asked {
        "hdfs" | "yarn" => "hadoop",
        other => other,
    }
}

/// A cluster with a framework and all that it requires.
fn lab(name: &str, slaves: u32) -> Lab {
    let catalogue = Catalogue::embedded(&Sources::new());
    let (mut all, mut open) = (Vec::new(), vec![name.to_owned()]);
    while let Some(name) = open.pop() {
        let framework = catalogue.framework(&name).unwrap_or_else(|| panic!("{name} is not there"));
        let unconditional = framework.requires.iter().filter(|requirement| requirement.when.is_none());
        let asked = unconditional.filter_map(|requirement| requirement.relation.names().next());
        open.extend(asked.map(|asked| provider(asked).to_owned()));
        if !all.contains(&name) {
            all.insert(0, name);
        }
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut lab = Lab::with(&all, slaves);
    // The only image of the lab with a Java that is new enough.
    let framework = catalogue.framework(name).unwrap();
    let java = &framework.version(framework.default_version()).unwrap().java;
    if !java.is_empty() && java.iter().all(|java| *java > 21) {
        for group in &mut lab.spec.groups {
            "debian-13".clone_into(&mut group.image.value);
        }
    }
    lab
}

#[test]
fn each_says_what_it_does_not_protect() {
    let catalogue = Catalogue::embedded(&Sources::new());
    for framework in catalogue.frameworks() {
        assert!(framework.protections.iter().any(|one| !one.does_not.is_empty()), "{} says nothing", framework.name);
    }
}

#[test]
fn each_fits_machines_of_all_sizes_or_says_what_it_needs() {
    for name in names() {
        let mut fitted = 0;
        for (memory, vcpus) in
            [(2048, 1), (4096, 2), (8192, 4), (16384, 8), (65536, 16), (1_048_576, 128), (4_194_304, 256)]
        {
            for slaves in [1, 2, 3, 10, 100, 10_000] {
                let mut lab = lab(&name, slaves);
                lab.size("master", memory, vcpus).size("slaves", memory, vcpus);
                let (configuration, diagnostics) = lab.configure();
                let errors: Vec<_> = diagnostics
                    .iter()
                    .filter(|found| found.severity == Severity::Error)
                    .map(|found| found.code)
                    .collect();
                let says = |word: &str| errors.iter().all(|code| *code == word) && !errors.is_empty();
                if says("disco::flavor_too_small") || says("disco::assertion_failed") && slaves == 10_000 {
                    assert!(memory < 16384 || slaves == 10_000, "{name} does not fit {memory} MiB");
                    continue;
                }
                assert!(errors.is_empty(), "{name} on {slaves} slaves of {memory} MiB: {diagnostics:#?}");
                fitted += 1;
                for (group, items) in &configuration.groups {
                    let promised: u64 = items.units.iter().map(|unit| unit.memory_mib).sum();
                    assert!(promised < memory, "{name}: {promised} of {memory} MiB on {group}");
                }
            }
        }
        assert!(fitted >= 24, "{name} fits {fitted} of 42 clusters");
    }
}

/// Whoever is there does not notice that others come: that is what makes growing cheap and safe.
#[test]
fn growing_changes_nothing_on_the_nodes_that_are_there() {
    for name in names() {
        let mut lab = lab(&name, 3);
        lab.size("master", 16384, 8).size("slaves", 16384, 8);
        let before = lab.configured();
        let hosts = Hosts::of(&lab.spec, &lab.members);
        lab.members.fixed.extend(before.fixed.clone());
        lab.group("slaves").count.value = 300;
        let (after, _) = lab.configure();
        for group in &lab.spec.groups {
            let of_nodes = |configuration| bundle(&lab.spec, group, configuration, &hosts, "salt");
            assert_eq!(told(&after, &group.name), told(&before, &group.name), "{name}");
            assert_eq!(of_nodes(&after), of_nodes(&before), "{name} on {}", group.name);
        }
    }
}

#[test]
fn each_says_what_it_puts_on_its_nodes() {
    for name in names().into_iter().filter(|name| !["hadoop", "spark"].contains(&name.as_str())) {
        let mut lab = lab(&name, 3);
        lab.size("master", 16384, 8).size("slaves", 16384, 8);
        let configuration = lab.configured();
        // What a framework needs is told in its own snapshot.
        let own = |group: &str| {
            let mut own = configuration.clone();
            let items = own.groups.get_mut(group).unwrap();
            items.units.retain(|unit| unit.framework == name);
            items.files.retain(|file| file.framework == name);
            items.archives.retain(|archive| archive.name == name);
            told(&own, group)
        };
        snapshot!(format!("{name}-all"), format!("--- master\n{}\n--- slaves\n{}", own("master"), own("slaves")));
    }
}

/// Ports that two services may both use, and why that is meant.
const SHARED_PORTS: [(&str, &str, &str); 2] = [
    ("flink flink", "spark spark-worker", "a JobManager is on the master, Spark's workers are on slaves"),
    ("spark spark-driver-rpc", "spark spark-blocks", "each process takes the next free port of its range"),
];

/// So that any of them can share a machine.
#[test]
fn no_two_use_the_same_ports() {
    let catalogue = Catalogue::embedded(&Sources::new());
    let of_each = catalogue.frameworks().flat_map(|framework| {
        framework.ports.iter().map(move |port| {
            let name = format!("{} {}", framework.name, port.name);
            let ports = framework.usual_ports(port).unwrap_or_else(|| panic!("{name}: no number is written out"));
            (name, port.protocol, ports)
        })
    });
    let all: Vec<_> = of_each.collect();
    let mut shared: Vec<(&str, &str)> = Vec::new();
    for (at, (name, protocol, ports)) in all.iter().enumerate() {
        let same = all[at + 1..].iter().filter(|(_, other, _)| other == protocol);
        let meets = same.filter(|(_, _, others)| ports.first.max(others.first) <= ports.last.min(others.last));
        shared.extend(meets.map(|(other, ..)| (name.as_str(), other.as_str())));
    }
    assert_eq!(shared, SHARED_PORTS.map(|(one, other, _)| (one, other)));
}
