//! Every change that the language can express, one case a kind.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use super::compare::lies;
use super::life::{Edit, Life};

/// A kind of change.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// What the definition has beside the lab's before.
    pub(super) given: &'static [Edit<'static>],
    /// The change.
    pub(super) edits: &'static [Edit<'static>],
    /// How many nodes of a group may be without their services at a time.
    pub(super) at_once: usize,
    /// Whether it is taken back too.
    and_back: bool,
}

const PLAIN: Case = Case { name: "", given: &[], edits: &[], at_once: 1, and_back: false };

/// A test for each case.
macro_rules! cases {
    ($($name:ident { $($field:ident: $value:expr),* $(,)? })*) => {
        pub(super) const CASES: &[Case] = &[$(Case { name: stringify!($name), $($field: $value,)* ..PLAIN }),*];
        $(#[test] fn $name() { play(stringify!($name)); })*
    };
}

const KEY: &str = r#"["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOJ8wnYovhgowU/RsbT3t7GY8C9l6kgiVX+GsYWab6fv a"]"#;
const OTHER_KEY: &str = r#"["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOJ8wnYovhgowU/RsbT3t7GY8C9l6kgiVX+GsYWab6fv b"]"#;
const REPLICATION: &str = "    replication = 2\n";
const SPARK: &str = "  framework \"spark\" { run_on = \"yarn\" }\n";
const HADOOP: &str = r#"  framework "hadoop" {
    replication = 2
    config "log4j.properties" { content = "log4j.rootLogger=INFO\n" }
  }
"#;
const LIFECYCLE: &str = r#"lifecycle { timeout = "60m" }"#;
const MASTER: &str = "    floating_ip = true\n";
const VOLUME: &str = "volume \"hdfs\" { size = 100 }\n";
const BURST: &str = r#"
  slaves "burst" {
    count   = 2
    flavor  = "m1.medium"
    storage = false
  }
"#;
const SSH: &str = "allow \"ssh\" { from = [\"203.0.113.0/24\"] }\n";
const OUTPUT: &str = "output \"master\" { value = cluster.lab.master[0].name }\n";

cases! {
    // Settings.
    setting_that_the_datanodes_and_the_namenode_read { edits: &[(REPLICATION, "    replication = 2\n    block_size = \"64m\"\n")] }
    setting_that_only_the_history_server_of_spark_reads {
        edits: &[(r#"framework "spark" { run_on = "yarn" }"#, "framework \"spark\" {\n    run_on = \"yarn\"\n    history_days = 3\n  }")]
    }
    setting_that_only_a_step_reads { edits: &[(REPLICATION, "    replication = 2\n    home_folders = [\"debian\", \"ana\"]\n")] }
    setting_in_batches_of_two {
        given: &[(LIFECYCLE, "lifecycle { batch_size = 2 }")],
        edits: &[(REPLICATION, "    replication = 2\n    block_size = \"64m\"\n")],
        at_once: 2,
    }
    setting_that_is_fixed { edits: &[(REPLICATION, "    replication = 1\n")] }
    key_of_a_file { edits: &[(REPLICATION, "    replication = 2\n    config \"yarn-site.xml\" { set = { \"yarn.log-aggregation.retain-seconds\" = \"3600\" } }\n")] }
    bytes_of_a_file { edits: &[("rootLogger=INFO", "rootLogger=WARN")] }

    bytes_of_a_file_in_several_stacks {
        given: &[
            ("# The cluster that", "provider \"local\" { max_resources_per_stack = 60 }\n# The cluster that"),
            ("count  = 3", "count  = 8"),
        ],
        edits: &[("rootLogger=INFO", "rootLogger=WARN")],
    }
    setting_that_stops_services {
        given: &[(SPARK, "")],
        edits: &[(REPLICATION, "    replication = 2\n    yarn = false\n")],
    }
    secret_setting {
        given: &[(r#"{ run_on = "yarn" }"#, "{\n    run_on = \"standalone\"\n    secret = sensitive(\"the first of our secrets\")\n  }")],
        edits: &[("the first of", "the other of")],
    }

    // Frameworks.
    version_of_a_framework {
        given: &[
            ("\"debian-12\"", "\"ubuntu-22.04\""),
            (REPLICATION, "    replication = 2\n    version = \"3.4.3\"\n"),
            (SPARK, ""),
        ],
        edits: &[("3.4.3", "3.5.0")],
    }
    framework_that_comes_and_goes { edits: &[(SPARK, "")], and_back: true }
    framework_that_runs_elsewhere { edits: &[(r#"run_on = "yarn""#, r#"run_on = "standalone""#)] }

    // Machines.
    flavor_of_slaves { edits: &[("count  = 3\n    flavor = \"m1.large\"", "count  = 3\n    flavor = \"m1.xlarge\"")] }
    flavor_of_the_master { edits: &[("master {\n    flavor      = \"m1.large\"", "master {\n    flavor      = \"m1.xlarge\"")] }
    flavor_of_slaves_without_data { edits: &[("\"m1.medium\"", "\"m1.large\"")] }
    image_of_all { edits: &[("\"debian-12\"", "\"ubuntu-24.04\"")] }
    image_of_slaves_without_data { edits: &[("    storage = false", "    storage = false\n    image = \"ubuntu-24.04\"")] }
    floating_ip { edits: &[("floating_ip = true", "floating_ip = false")], and_back: true }
    anti_affinity { edits: &[("    storage = false", "    storage = false\n    anti_affinity = \"soft\"")] }
    storage_of_a_group { edits: &[("storage = false", "storage = true")], and_back: true }

    // Volumes.
    volume_that_grows { edits: &[("size = 100", "size = 200")] }
    volume_of_another_type { edits: &[("volume \"hdfs\" { size = 100 }", "volume \"hdfs\" {\n      size = 100\n      type = \"ssd\"\n    }")] }
    volume_that_comes_and_goes { edits: &[(VOLUME, "volume \"hdfs\" { size = 100 }\n    volume \"more\" { size = 50 }\n")], and_back: true }
    volume_of_the_master { edits: &[(MASTER, "    floating_ip = true\n    volume \"names\" { size = 10 }\n")] }
    volume_of_another_name { edits: &[("volume \"hdfs\"", "volume \"blocks\"")] }
    volume_of_another_name_at_the_same_place {
        edits: &[(VOLUME, "volume \"blocks\" {\n      size  = 100\n      mount = \"/data/hdfs\"\n    }\n")],
    }
    volume_that_moves {
        edits: &[(VOLUME, "volume \"hdfs\" {\n      size  = 100\n      mount = \"/srv/hdfs\"\n    }\n")],
        and_back: true,
    }
    volumes_that_change_places {
        given: &[(VOLUME, "volume \"a\" { size = 100 }\n    volume \"b\" { size = 100 }\n")],
        edits: &[
            ("volume \"a\" { size = 100 }", "volume \"a\" {\n      size  = 100\n      mount = \"/data/b\"\n    }"),
            ("volume \"b\" { size = 100 }", "volume \"b\" {\n      size  = 100\n      mount = \"/data/a\"\n    }"),
        ],
    }
    volume_that_grows_beside_a_setting_one_that_goes_and_one_that_comes {
        given: &[(VOLUME, "volume \"hdfs\" { size = 100 }\n    volume \"more\" { size = 50 }\n")],
        edits: &[
            ("size = 100", "size = 200"),
            ("volume \"more\" { size = 50 }", "volume \"less\" { size = 40 }"),
            (REPLICATION, "    replication = 2\n    block_size = \"64m\"\n"),
        ],
    }
    volumes_of_several_groups_that_grow {
        given: &[
            (MASTER, "    floating_ip = true\n    volume \"names\" { size = 10 }\n"),
            ("    storage = false\n", "    storage = false\n    volume \"work\" { size = 20 }\n"),
        ],
        edits: &[("size = 10 }", "size = 11 }"), ("size = 20 }", "size = 22 }"), ("size = 100 }", "size = 111 }")],
    }
    volume_that_grows_with_its_group {
        edits: &[("size = 100", "size = 200"), ("count  = 3", "count  = 5")],
    }
    volume_that_grows_on_nodes_that_become_larger {
        edits: &[("count  = 3\n    flavor = \"m1.large\"", "count  = 3\n    flavor = \"m1.xlarge\""), ("size = 100", "size = 200")],
    }
    volumes_that_grow_in_batches_of_two {
        given: &[(LIFECYCLE, "lifecycle { batch_size = 2 }")],
        edits: &[("size = 100", "size = 200")],
        at_once: 2,
    }
    volume_that_grows_in_several_stacks {
        given: &[
            ("# The cluster that", "provider \"local\" { max_resources_per_stack = 60 }\n# The cluster that"),
            ("count  = 3", "count  = 8"),
        ],
        edits: &[("size = 100", "size = 200")],
    }
    volumes_whose_machines_are_replaced {
        edits: &[("    volume \"hdfs\"", "    anti_affinity = \"soft\"\n    volume \"hdfs\"")],
    }
    more_slaves_with_volumes { edits: &[("count  = 3", "count  = 5")] }

    // Security.
    rule_that_comes_and_goes { edits: &[(SSH, "allow \"ssh\" { from = [\"203.0.113.0/24\"] }\n    allow \"hdfs\" { from = [\"198.51.100.0/24\"] }\n")], and_back: true }
    rule_from_elsewhere { edits: &[(SSH, "allow \"ssh\" { from = [\"198.51.100.0/24\"] }\n")] }
    rule_for_the_master_alone { edits: &[(SSH, "allow \"ssh\" {\n      from = [\"203.0.113.0/24\"]\n      to = \"master\"\n    }\n")] }
    no_rules { edits: &[("  security {\n    allow \"ssh\" { from = [\"203.0.113.0/24\"] }\n    allow \"web-ui\" { from = [\"203.0.113.0/24\"] }\n  }\n", "")] }

    // Network.
    name_servers { edits: &[("[\"9.9.9.9\"]", "[\"1.1.1.1\", \"9.9.9.9\"]")] }
    way_out_of_the_network {
        given: &[("floating_ip = true", "floating_ip = false")],
        edits: &[("    external_network = \"public\"\n", "")],
        and_back: true,
    }

    // Names and groups.
    group_that_comes_and_goes { edits: &[(BURST, "")], and_back: true }
    group_of_another_name { edits: &[("slaves \"burst\"", "slaves \"peak\"")] }
    cluster_of_another_name { edits: &[("cluster \"lab\"", "cluster \"lob\""), (OUTPUT, "")] }
    one_more_master {
        given: &[(SPARK, ""), (HADOOP, "")],
        edits: &[("master {\n", "master {\n    count = 2\n")],
        and_back: true,
    }
    one_more_slave { edits: &[("count  = 3", "count  = 4")], and_back: true }
    one_slave_without_data_fewer { edits: &[("count   = 2", "count   = 1")] }

    // People.
    ssh_key { edits: &[(KEY, OTHER_KEY)] }
    no_ssh_key { edits: &[("  ssh_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOJ8wnYovhgowU/RsbT3t7GY8C9l6kgiVX+GsYWab6fv a\"]\n", "")] }


    // What touches nothing.
    output_that_changes { edits: &[("master[0].name", "network.cidr")] }
    output_that_comes_and_goes { edits: &[(OUTPUT, "")], and_back: true }
    how_many_at_a_time { edits: &[(LIFECYCLE, "lifecycle { batch_size = 2 }")] }
    how_long_it_may_take { edits: &[("60m", "90m")] }
    what_follows_a_failure { edits: &[(LIFECYCLE, "lifecycle { on_failure = \"rollback\" }")] }
    protection { edits: &[(LIFECYCLE, "lifecycle { prevent_destroy = true }")], and_back: true }
    comments_and_order { edits: &[(OUTPUT, ""), ("# The cluster that", "output \"master\" { value = cluster.lab.master[0].name }\n# The cluster that")] }
}

fn play(name: &str) {
    let case = CASES.iter().find(|case| case.name == name).unwrap();
    let mut life = Life::begin();
    if !case.given.is_empty() {
        life.edit(case.given);
        assert_eq!(lies(&life.apply(), 1), [""; 0], "{name}, what is given");
    }
    let before = life.definition.clone();
    life.edit(case.edits);
    let lived = life.apply();
    assert_eq!(lies(&lived, case.at_once), [""; 0], "{name}");
    tell(case, &lived.told);
    if case.and_back {
        life.say(&before);
        assert_eq!(lies(&life.apply(), case.at_once), [""; 0], "{name}, taken back");
    }
}

#[test]
fn key_pair() {
    let mut life = Life::begin();
    life.folder.write("ops.pub", &format!("{}\n", KEY.trim_matches(['[', ']', '"'])));
    life.folder.disco("local key-pair ops ops.pub").ends_with(0);
    life.edit(&[("  image    = ", "  key_pair = \"ops\"\n  image    = ")]);
    let text = life.plan();
    assert!(text.contains("server: key_name is set; the node is replaced"), "{text}");
    assert!(text.contains("Plan: 6 to add, 0 to change, 6 to destroy."), "{text}");
}

/// What the language can say and a cluster that is there cannot become: the plan says why, and nothing happens.
#[test]
fn what_is_refused() {
    let own = "    cidr             = \"10.20.0.0/24\"\n    external_network = \"public\"\n    dns_nameservers  = [\"9.9.9.9\"]\n";
    let theirs = "    existing  = \"lab-net\"\n    subnet    = \"lab-subnet\"\n    addresses = \"192.0.2.64/26\"\n    external_network = \"public\"\n";
    let refused: [(Edit<'_>, &str); 4] = [
        (("10.20.0.0/24", "10.30.0.0/24"), "disco::addresses_are_fixed"),
        ((own, theirs), "disco::addresses_are_fixed"),
        (("size = 100", "size = 50"), "disco::volume_shrinks"),
        (("volume \"hdfs\"", "volume \"blocks\""), "disco::data_loss"),
    ];
    let mut life = Life::begin();
    let before = life.definition.clone();
    for (edit, code) in refused {
        life.edit(&[edit]);
        let (kept, codes) = life.refused();
        assert!(codes.iter().any(|known| known == code), "{edit:?}: {codes:?}");
        assert!(kept, "{edit:?}: something has happened");
        life.say(&before);
    }
}

/// Every plan as its owner reads it, a paragraph for each case. `UPDATE_PLANS=1` writes them anew.
const PLANS: &str = "tests/changes/plans.txt";

/// The paragraphs by their titles.
fn told() -> BTreeMap<String, String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PLANS)).unwrap_or_default();
    let paragraphs = text.split("== ").filter_map(|paragraph| paragraph.split_once("\n\n"));
    paragraphs.map(|(title, plan)| (title.to_owned(), plan.trim_end().to_owned())).collect()
}

/// Makes sure that a case's plan is told as it is.
fn tell(case: &Case, plan: &str) {
    static WRITING: Mutex<()> = Mutex::new(());
    let title = case.name.replace('_', " ");
    if std::env::var_os("UPDATE_PLANS").is_some() {
        let _alone = WRITING.lock().unwrap();
        let mut told = told();
        told.insert(title, plan.trim_end().to_owned());
        let titles = CASES.iter().map(|case| case.name.replace('_', " "));
        let paragraphs: Vec<String> =
            titles.filter_map(|title| Some(format!("== {title}\n\n{}\n", told.get(&title)?))).collect();
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(PLANS), paragraphs.join("\n")).unwrap();
        return;
    }
    let told = told().remove(&title).unwrap_or_default();
    if told != plan.trim_end() {
        let diff = similar::TextDiff::from_lines(told.as_str(), plan.trim_end());
        panic!("{title}:\n{}", diff.unified_diff().header("told", "planned"));
    }
}

#[test]
fn nothing_is_told_of_cases_that_are_gone() {
    let titles: BTreeSet<String> = CASES.iter().map(|case| case.name.replace('_', " ")).collect();
    assert_eq!(told().into_keys().collect::<BTreeSet<_>>(), titles);
}
