//! The laws of tuning: whatever the machine, nothing promised is more than there is, and more memory is never less.

use super::lab::{Lab, cases, key, number, told};
use disco::catalogue::ClusterConfiguration;
use disco::model::SettingValue;
use proptest::prelude::*;

/// The manifest's minimum, MiB. The largest machine that is promised to work has 4 TiB.
const MINIMUM: u64 = 2048;

/// What services and containers of a group are promised.
fn promised(configuration: &ClusterConfiguration, group: &str) -> u64 {
    let units: u64 = configuration.groups[group].units.iter().map(|unit| unit.memory_mib).sum();
    let slaves = configuration.groups[group].units.iter().any(|unit| unit.service == "nodemanager");
    units + if slaves { number(configuration, group, "yarn_memory") } else { 0 }
}

/// The heap in a line such as `-Xmx512m`.
fn heap(text: Option<&str>) -> u64 {
    let text = text.and_then(|text| text.split(' ').find(|word| word.starts_with("-Xmx")));
    text.and_then(|text| text.strip_prefix("-Xmx")).and_then(|text| text.strip_suffix('m')).unwrap().parse().unwrap()
}

fn mapred(configuration: &ClusterConfiguration, name: &str) -> u64 {
    key(configuration, "slaves", "mapred-site.xml", name).unwrap().parse().unwrap()
}

fn check(configuration: &ClusterConfiguration, group: &str, memory: u64) {
    let reserved = number(configuration, group, "reserved_memory");
    assert!(promised(configuration, group) + reserved <= memory, "{group} of {memory}");
    for unit in configuration.groups[group].units.iter().filter(|unit| unit.framework == "hadoop") {
        let options = unit.environment.get("HADOOP_OPTS").map(String::as_str);
        assert!(heap(options) + 128 <= unit.memory_mib, "{}", unit.name);
    }
}

fn check_containers(configuration: &ClusterConfiguration) {
    let smallest = number(configuration, "slaves", "yarn_memory");
    let container = number(configuration, "slaves", "container_memory");
    let is_tidy = container.is_multiple_of(32) && (256..=1024).contains(&container);
    assert!(
        if number(configuration, "slaves", "edition") < 3 { (320..=8192).contains(&container) } else { is_tidy },
        "{container}"
    );
    let pairs = [
        ("mapreduce.map.memory.mb", "mapreduce.map.java.opts"),
        ("mapreduce.reduce.memory.mb", "mapreduce.reduce.java.opts"),
        ("yarn.app.mapreduce.am.resource.mb", "yarn.app.mapreduce.am.command-opts"),
    ];
    for (memory, options) in pairs {
        let memory = mapred(configuration, memory);
        assert_eq!(memory % container, 0, "YARN rounds up to multiples: {memory} of {container}");
        assert!(memory <= smallest, "{memory} of {smallest}");
        assert!(heap(key(configuration, "slaves", "mapred-site.xml", options)) + 128 <= memory);
    }
    let master = mapred(configuration, "yarn.app.mapreduce.am.resource.mb");
    for task in ["mapreduce.map.memory.mb", "mapreduce.reduce.memory.mb"] {
        assert!(master + mapred(configuration, task) <= smallest, "a job runs even on one slave");
    }
    let sort = mapred(configuration, "mapreduce.task.io.sort.mb");
    assert!(sort <= heap(key(configuration, "slaves", "mapred-site.xml", "mapreduce.map.java.opts")) / 2 && sort > 0);
}

/// Sizes of machines, MiB: each doubling as likely as any other.
fn size() -> impl Strategy<Value = u64> {
    (11_u32..22).prop_flat_map(|bits| (1_u64 << bits)..=(1 << (bits + 1)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(40), failure_persistence: None, ..ProptestConfig::default() })]

    /// From the minimum to 4 TiB: never an error, never more than there is, heaps within containers.
    #[test]
    fn promises_are_kept(
        memory in size(),
        master in size(),
        vcpus in 1_u32..=256,
        slaves in 1_u32..2000,
        volumes in 0_usize..4,
        compute in size(),
    ) {
        let mut lab = Lab::hadoop(slaves);
        lab.size("slaves", memory, vcpus).size("master", master, vcpus);
        for volume in 0..volumes {
            lab.volume("slaves", &format!("v{volume}"));
        }
        let configuration = lab.configured();
        check(&configuration, "slaves", memory);
        check(&configuration, "master", master);
        check_containers(&configuration);
        prop_assert!(number(&configuration, "slaves", "replication") <= u64::from(slaves));
        let group = lab.add_group("burst", 1);
        group.storage = false;
        lab.size("burst", compute, vcpus);
        let configuration = lab.configured();
        check(&configuration, "burst", compute);
        if compute >= memory {
            check_containers(&configuration);
        }
    }

    /// More memory never gives less, and a little more gives at most one container more. With edition 3 tasks are several of the
    /// smallest containers, which with more memory may be a finer cut: no task gets less by it.
    #[test]
    fn more_memory_is_never_less(
        memory in MINIMUM..300_000_u64, step in 1_u64..200, vcpus in 1_u32..=64, edition in 2_i64..=3,
    ) {
        let at = |memory: u64| {
            let mut lab = Lab::hadoop(3);
            lab.set("edition", SettingValue::Integer(edition));
            lab.size("slaves", memory, vcpus).size("master", memory, vcpus);
            lab.configured()
        };
        let (before, after) = (at(memory), at(memory + step));
        let mut names = vec![
            ("slaves", "yarn_memory"), ("slaves", "datanode_heap"), ("slaves", "nodemanager_heap"),
            ("master", "namenode_heap"), ("master", "resourcemanager_heap"),
            ("master", "historyserver_heap"), ("master", "reserved_memory"),
        ];
        names.extend((edition == 2).then_some(("slaves", "container_memory")));
        let tasks = ["map_memory", "reduce_memory", "application_master_memory", "sort_memory"];
        for name in tasks {
            let (before, after) = (number(&before, "slaves", name), number(&after, "slaves", name));
            prop_assert!(before <= after, "{name}: {before} at {memory}, {after} at {}", memory + step);
        }
        for (group, name) in names {
            let (before, after) = (number(&before, group, name), number(&after, group, name));
            prop_assert!(before <= after, "{name}: {before} at {memory}, {after} at {}", memory + step);
            prop_assert!(after - before <= step + 64, "{name} jumps: {before} at {memory}, {after} at {}", memory + step);
        }
        let containers = |configuration: &ClusterConfiguration| {
            number(configuration, "slaves", "yarn_memory") / number(configuration, "slaves", "map_memory")
        };
        prop_assert!(containers(&after) <= containers(&before) + 1, "{memory} and {step} more");
        prop_assert!(containers(&after) >= 2);
    }

    /// Tasks for all cores of a slave leave little of it to nobody: what is not a multiple of what they are cut of.
    #[test]
    fn tasks_take_what_there_is(memory in MINIMUM..300_000_u64, vcpus in 1_u32..=64) {
        let mut lab = Lab::hadoop(3);
        lab.size("slaves", memory, vcpus);
        let configuration = lab.configured();
        let all = number(&configuration, "slaves", "yarn_memory");
        let (task, cores) = (number(&configuration, "slaves", "map_memory"), number(&configuration, "slaves", "yarn_vcores"));
        if (320..8192).contains(&(all / cores)) {
            let left = all - task * cores;
            prop_assert!(left <= all * 11 / 100 + cores, "{left} of {all} are left by {cores} tasks of {task}");
        }
    }
}

#[test]
fn no_flavor_in_common_use_is_at_an_edge() {
    // One MiB more or less around every power of two and its half: where tables with brackets jump.
    for power in 11..22 {
        for memory in [1_u64 << power, (1 << power) + (1 << (power - 1))] {
            let at = |memory: u64| {
                let mut lab = Lab::hadoop(3);
                lab.size("slaves", memory, 4);
                number(&lab.configured(), "slaves", "yarn_memory")
            };
            let around = [memory.max(MINIMUM + 1) - 1, memory, memory + 1].map(at);
            assert!(around.is_sorted() && around[2] - around[0] <= 128, "{memory}: {around:?}");
        }
    }
}

#[test]
fn below_the_minimum_flavor_and_minimum_are_named() {
    let mut lab = Lab::hadoop(3);
    lab.flavor("slaves", "m1.tiny");
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::flavor_too_small");
    assert_eq!(complaint.message, "flavor `m1.tiny` has 512 MiB of memory, but hadoop needs 2048 MiB on a slave");
    assert_eq!(complaint.span(), lab.group("slaves").flavor.origin);
    assert_eq!(complaint.help.as_deref(), Some("use flavor `m1.small` (2048 MiB), the smallest that is enough"));
}

#[test]
fn heaps_that_are_set_leave_less_for_containers() {
    let mut lab = Lab::hadoop(3);
    let before = number(&lab.configured(), "slaves", "yarn_memory");
    lab.set("datanode_heap", SettingValue::Integer(1024));
    let configuration = lab.configured();
    let after = number(&configuration, "slaves", "yarn_memory");
    assert_eq!(before - after, (1024 - 320) * 9 / 8);
    check(&configuration, "slaves", 4096);
}

/// A group that has no nodes changes nothing on the others, whatever its machines would be; growing it does.
#[test]
fn a_group_without_nodes_sizes_nobody() {
    for frameworks in [&["spark"][..], &["hadoop"], &["hadoop", "spark"]] {
        let with = |count: u32, memory_mib: u64| {
            let mut lab = Lab::with(frameworks, 2);
            lab.flavor("slaves", "m1.large");
            lab.add_group("spot", count).storage = false;
            lab.size("spot", memory_mib, 8);
            lab.configured()
        };
        let mut without = Lab::with(frameworks, 2);
        without.flavor("slaves", "m1.large");
        let alone = without.configured();
        let grown = with(1, 5120);
        for group in ["master", "slaves"] {
            for memory_mib in [5120, 65536] {
                let empty = with(0, memory_mib);
                assert_eq!(told(&empty, group), told(&alone, group), "{frameworks:?} {memory_mib} {group}");
            }
        }
        let differ = ["master", "slaves"].iter().any(|group| told(&grown, group) != told(&alone, group));
        assert!(differ, "{frameworks:?}: one node counts");
    }
}
