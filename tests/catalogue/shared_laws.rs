//! The laws of tuning for Spark, alone and with Hadoop on the same machines, and for whatever shares a machine.

use std::collections::BTreeMap;

use super::lab::{Lab, cases, framework, key, number, number_of};
use disco::catalogue::ClusterConfiguration;
use disco::model::{SettingValue, Text};
use proptest::prelude::*;

/// How Spark lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setup {
    /// Alone.
    Standalone,
    /// With HDFS, without YARN.
    Hdfs,
    /// With its own workers beside YARN.
    Beside,
    /// On YARN.
    Yarn,
}

const SETUPS: [Setup; 4] = [Setup::Standalone, Setup::Hdfs, Setup::Beside, Setup::Yarn];

impl Setup {
    fn lab(self, slaves: u32) -> Lab {
        let mut lab = Lab::with(if self == Self::Standalone { &["spark"] } else { &["hadoop", "spark"] }, slaves);
        match self {
            Self::Hdfs => drop(lab.set_of("hadoop", "yarn", SettingValue::Boolean(false))),
            Self::Beside => drop(lab.set_of("spark", "run_on", SettingValue::Text(Text::plain("standalone")))),
            Self::Standalone | Self::Yarn => {}
        }
        lab
    }

    /// Least memory of a slave and of a master, MiB, as the manifests state it.
    fn minimum(self) -> (u64, u64) {
        match self {
            Self::Standalone => (2048, 2048),
            // Beside what a DataNode takes.
            Self::Hdfs => (3072, 4096),
            Self::Beside | Self::Yarn => (4096, 4096),
        }
    }

    fn on_yarn(self) -> bool {
        self == Self::Yarn
    }
}

/// `512m` in MiB.
fn size(text: Option<&str>) -> u64 {
    text.and_then(|text| text.strip_suffix('m')).unwrap().parse().unwrap()
}

fn overhead(heap: u64) -> u64 {
    (heap / 10).max(384)
}

/// What all services on a group's nodes are promised, work included.
fn promised(configuration: &ClusterConfiguration, group: &str) -> u64 {
    let units = &configuration.groups[group].units;
    let daemons: u64 = units.iter().map(|unit| unit.memory_mib).sum();
    let runs = |service: &str| units.iter().any(|unit| unit.service == service);
    let containers = if runs("nodemanager") { number(configuration, group, "yarn_memory") } else { 0 };
    let executors = if runs("worker") {
        let heap = number_of(configuration, group, "spark.executor_memory");
        number_of(configuration, group, "spark.worker_memory") / heap * (heap + overhead(heap))
    } else {
        0
    };
    let driver = if runs("history") {
        (number_of(configuration, group, "spark.driver_memory") * 9).div_ceil(8) + 128
    } else {
        0
    };
    daemons + containers + executors + driver
}

fn reserved(configuration: &ClusterConfiguration, group: &str) -> u64 {
    number_of(configuration, group, "spark.reserved_memory")
}

/// Everything that must hold on a cluster, whatever its machines.
fn check(setup: Setup, configuration: &ClusterConfiguration, group: &str, memory: u64) {
    let sum = promised(configuration, group) + reserved(configuration, group);
    assert!(sum <= memory, "{setup:?}: {sum} of {memory} on {group}");
    for unit in configuration.groups[group].units.iter().filter(|unit| unit.framework == "spark") {
        let heap = size(unit.environment.get("SPARK_DAEMON_MEMORY").map(String::as_str));
        assert!(heap + 128 <= unit.memory_mib, "{}", unit.name);
    }
    let defaults = |name: &str| key(configuration, group, "spark-defaults.conf", name);
    let heap = size(defaults("spark.executor.memory"));
    assert!(heap >= 512, "Spark wants 450: {heap}");
    if group == "master" {
        let driver = size(defaults("spark.driver.memory"));
        assert!((512..=heap).contains(&driver), "a driver of {driver} fits where an executor of {heap} does");
    }
}

fn check_executors(setup: Setup, configuration: &ClusterConfiguration, group: &str, vcpus: u64) {
    let heap = number_of(configuration, group, "spark.executor_memory");
    let cores = number_of(configuration, group, "spark.executor_cores");
    assert!((1..=5).contains(&cores) && cores <= vcpus, "{cores} of {vcpus}");
    if setup.on_yarn() {
        let (all, container) =
            (number(configuration, group, "yarn_memory"), number(configuration, group, "container_memory"));
        let given = (heap + overhead(heap)).div_ceil(container) * container;
        let master = 896_u64.div_ceil(container) * container;
        assert!(given + master <= all, "a job runs even on one slave: {given} and {master} of {all}");
        assert!(cores <= number(configuration, group, "yarn_vcores"));
    } else {
        let memory = number_of(configuration, group, "spark.worker_memory");
        assert!(memory >= heap, "{memory} holds an executor of {heap}");
    }
}

/// Sizes of machines from a minimum to 4 TiB, MiB: each doubling as likely as any other.
fn sizes(minimum: u64) -> impl Strategy<Value = u64> {
    (11_u32..22).prop_flat_map(|bits| (1_u64 << bits)..=(1 << (bits + 1))).prop_map(move |memory| memory.max(minimum))
}

fn at(setup: Setup, memory: u64, vcpus: u32, edition: i64) -> ClusterConfiguration {
    let mut lab = setup.lab(3);
    if lab.spec.frameworks.iter().any(|asked| asked.name == "hadoop") {
        lab.set_of("hadoop", "edition", SettingValue::Integer(edition));
    }
    lab.size("slaves", memory, vcpus).size("master", memory, vcpus);
    lab.configured()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(12), failure_persistence: None, ..ProptestConfig::default() })]

    /// From the stated minimum to 4 TiB: never an error, never more promised than there is.
    #[test]
    fn promises_are_kept(
        slave in sizes(0), master in sizes(0), other in sizes(0),
        vcpus in 1_u32..=256, slaves in 1_u32..2000, volumes in 0_usize..3,
    ) {
        for setup in SETUPS {
            let (least_slave, least_master) = setup.minimum();
            let (slave, master, other) = (slave.max(least_slave), master.max(least_master), other.max(least_slave));
            let mut lab = setup.lab(slaves);
            lab.size("slaves", slave, vcpus).size("master", master, vcpus);
            for volume in 0..volumes {
                lab.volume("slaves", &format!("v{volume}"));
            }
            let configuration = lab.configured();
            check(setup, &configuration, "slaves", slave);
            check(setup, &configuration, "master", master);
            check_executors(setup, &configuration, "slaves", u64::from(vcpus));
            lab.add_group("burst", 1).storage = false;
            lab.size("burst", other, vcpus / 2 + 1);
            let configuration = lab.configured();
            check(setup, &configuration, "burst", other);
            check(setup, &configuration, "slaves", slave);
            if setup != Setup::Hdfs || other >= slave {
                check_executors(setup, &configuration, "burst", u64::from(vcpus / 2 + 1));
            }
        }
    }

    /// More memory never gives less, and a little more gives at most one executor more.
    #[test]
    fn more_memory_is_never_less(
        memory in 4096_u64..300_000, step in 1_u64..200, vcpus in 1_u32..=64, edition in 2_i64..=3,
    ) {
        for setup in SETUPS {
            let (before, after) = (at(setup, memory, vcpus, edition), at(setup, memory + step, vcpus, edition));
            let mut names = vec![("master", "spark.history_heap"), ("master", "spark.driver_memory")];
            names.extend([("slaves", "spark.executor_memory"), ("master", "spark.reserved_memory")]);
            if !setup.on_yarn() {
                names.extend([("master", "spark.master_heap"), ("slaves", "spark.worker_heap"), ("slaves", "spark.worker_memory")]);
            }
            let size = |configuration: &ClusterConfiguration, name: &str| {
                let container = if setup.on_yarn() { number(configuration, "slaves", "container_memory") } else { 0 };
                number_of(configuration, "slaves", name).max(container)
            };
            let executor = size(&after, "spark.executor_memory") + 384;
            for (group, name) in names {
                let (before, after) = (number_of(&before, group, name), number_of(&after, group, name));
                prop_assert!(before <= after, "{setup:?}: {name} is {before} at {memory}, {after} at {}", memory + step);
                let jump = if name.contains("heap") || name.contains("reserved") { step + 64 } else { executor + step + 64 };
                prop_assert!(after - before <= jump, "{setup:?}: {name} jumps from {before} to {after} at {memory}");
            }
            if !setup.on_yarn() {
                let executors = |configuration: &ClusterConfiguration| {
                    number_of(configuration, "slaves", "spark.worker_memory") / number_of(configuration, "slaves", "spark.executor_memory")
                };
                prop_assert!(executors(&after) <= executors(&before) + 1, "{setup:?}");
            }
        }
    }

    /// A key that is set stays as it is, and the sum is still kept where what is set leaves room.
    #[test]
    fn what_is_set_is_respected(memory in 8192_u64..100_000, vcpus in 1_u32..=32, heap in 512_i64..1500) {
        for setup in SETUPS {
            let mut lab = setup.lab(3);
            lab.size("slaves", memory, vcpus).size("master", memory, vcpus);
            lab.set_of("spark", "executor_memory", SettingValue::Integer(heap));
            let configuration = lab.configured();
            let heap = u64::try_from(heap).unwrap();
            prop_assert_eq!(number_of(&configuration, "slaves", "spark.executor_memory"), heap);
            check(setup, &configuration, "slaves", memory);
            prop_assert!(number_of(&configuration, "master", "spark.driver_memory") <= heap, "the driver follows");
            if !setup.on_yarn() {
                prop_assert_eq!(number_of(&configuration, "slaves", "spark.worker_memory") % heap, 0);
            }
        }
    }

    /// Any number of frameworks with any minima: the sum of their shares is what the system leaves, and each gets at
    /// least what it would have alone on a machine of its minimum.
    #[test]
    fn shares_add_up(minima in prop::collection::vec(1_u64..5000, 1..5), fixed in 0_u64..2000, more in 0_u64..200_000) {
        let service = |memory: &str| format!(
            "user \"u\" {{}}\nservice \"s\" {{\n  description = \"S\"\n  on = \"slaves\"\n  unit = \"UNIT\"\n  user = \"u\"\n  exec = \"x\"\n  memory = {memory}\n}}\n"
        );
        let mut lab = Lab::with(&[], 2);
        let add = |lab: &mut Lab, name: &str, rest: &str| {
            let manifest = format!("description = \"a test\"\nversion \"1\" {{}}\n{}", rest.replace("UNIT", name));
            let files = BTreeMap::from([("framework.hcl".to_owned(), manifest)]);
            let mistakes = lab.catalogue.add_folder(name, &format!("frameworks/{name}"), &files, &lab.sources);
            assert!(mistakes.is_empty(), "{mistakes:#?}");
            let place = lab.place();
            lab.spec.frameworks.push(framework(name, "1", place));
        };
        for (at, minimum) in minima.iter().enumerate() {
            add(&mut lab, &format!("f{at}"), &format!("minimum_memory = {{ slave = {minimum} }}\n{}", service("node.share")));
        }
        add(&mut lab, "fixed", &service(&fixed.to_string()));
        let sum: u64 = minima.iter().sum();
        // At the rate of a machine of 4 GiB or less, the system keeps a fifth, also of what is fixed.
        let memory = sum + fixed * 5 / 4 + 64 + more;
        lab.size("slaves", memory, 4);
        let configuration = lab.configured();
        let units = &configuration.groups["slaves"].units;
        let all: u64 = units.iter().map(|unit| unit.memory_mib).sum();
        let reserve = |memory: u64| {
            let counted = memory - memory % 64;
            let part = |from: u64, to: u64| counted.clamp(from, to) - from;
            (20 * part(0, 4096) + 10 * part(4096, 16384) + 5 * part(16384, 131_072) + 2 * part(131_072, u64::MAX)).div_ceil(100)
        };
        let free = memory - memory % 64 - reserve(memory);
        prop_assert!(all <= free && all + minima.len() as u64 > free, "{all} of {free}");
        for (at, minimum) in minima.iter().enumerate() {
            let unit = units.iter().find(|unit| unit.framework == format!("f{at}")).unwrap();
            let alone = (minimum - minimum % 64).saturating_sub(reserve(*minimum));
            prop_assert!(unit.memory_mib + 64 >= alone, "{} for a minimum of {minimum}", unit.memory_mib);
        }
    }
}

#[test]
fn no_flavor_in_common_use_is_at_an_edge() {
    for setup in SETUPS {
        for power in (12..22).step_by(3) {
            for memory in [1_u64 << power, (1 << power) + (1 << (power - 1))] {
                let around = [memory.max(4097) - 1, memory, memory + 1].map(|memory| at(setup, memory, 8, 3));
                for (group, name) in [("slaves", "spark.executor_memory"), ("master", "spark.history_heap")] {
                    let values: Vec<u64> =
                        around.iter().map(|configuration| number_of(configuration, group, name)).collect();
                    assert!(
                        values.is_sorted() && values[2] - values[0] <= 128,
                        "{setup:?} {memory} {name}: {values:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn below_the_minimum_flavor_and_minimum_are_named() {
    let complaint = |setup: Setup, group: &str, flavor: &str| {
        let mut lab = setup.lab(3);
        lab.flavor("slaves", "m1.large").flavor("master", "m1.large").flavor(group, flavor);
        lab.complaint().message
    };
    let tiny = "flavor `m1.tiny` has 512 MiB of memory, but spark needs 2048 MiB on a slave";
    assert_eq!(complaint(Setup::Standalone, "slaves", "m1.tiny"), tiny);
    let small = "flavor `m1.small` has 2048 MiB of memory, but";
    assert_eq!(complaint(Setup::Yarn, "slaves", "m1.small"), format!("{small} spark needs 4096 MiB on a slave"));
    let both = format!("{small} a slave needs 4096 MiB here: hadoop 2048, spark 2048");
    assert_eq!(complaint(Setup::Beside, "slaves", "m1.small"), both);
    assert_eq!(complaint(Setup::Beside, "master", "m1.small"), both.replace("slave", "master"));
    let datanode = complaint(Setup::Hdfs, "slaves", "m1.small");
    assert!(
        datanode.starts_with(&format!("{small} a slave needs ")) && datanode.ends_with("here: spark 2048, hadoop 452"),
        "{datanode}"
    );
}
