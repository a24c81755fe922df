//! Keys that a definition sets in files: what is not known, what stands in the wrong file, what cannot be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::lab::Lab;
use disco::model::SettingValue;
use disco::source::{Diagnostic, Severity};

const HADOOP: &str = include_str!("hadoop-3.5.0-defaults.txt");
const SPARK: &str = include_str!("spark-4.3.0-keys.txt");

/// Longer defaults tell nothing of a type.
const LONGEST_DEFAULT: usize = 24;

/// Which file reads the keys of a section of what the scripts beside this file take from the frameworks' own jars.
const READERS: [(&str, &str); 11] = [
    ("core-default.xml", "core-site.xml"),
    ("hdfs-default.xml", "hdfs-site.xml"),
    ("constants of HdfsClientConfigKeys", "hdfs-site.xml"),
    ("yarn-default.xml", "yarn-site.xml"),
    ("mapred-default.xml", "mapred-site.xml"),
    ("constants of JHAdminConfig", "mapred-site.xml"),
    ("constants of MRJobConfig", "mapred-site.xml"),
    ("constants of CapacitySchedulerConfiguration", "capacity-scheduler.xml"),
    ("configuration", "spark-defaults.conf"),
    ("constants", "spark-defaults.conf"),
    ("environment", "spark-env.sh"),
];

/// The list beside a manifest, made of that.
fn list(source: &str) -> String {
    let mut files: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    let mut reader = "";
    for line in source.lines() {
        if let Some(section) = line.strip_prefix("# ") {
            reader = READERS.iter().find(|(known, _)| *known == section).unwrap().1;
            continue;
        }
        let (key, default) = line.split_once('\t').unwrap_or((line, ""));
        let key = key.trim();
        if key.ends_with("_DEFAULT") || key.is_empty() {
            continue;
        }
        let default = if default.chars().count() > LONGEST_DEFAULT { "" } else { default };
        files.entry(reader).or_default().entry(key).or_insert(default);
    }
    let mut text = String::new();
    for (file, keys) in &files {
        writeln!(text, "# {file}").unwrap();
        for (key, default) in keys {
            let line = format!("{key}\t{default}");
            writeln!(text, "{}", line.trim_end()).unwrap();
        }
    }
    text
}

#[test]
fn the_lists_beside_the_manifests_are_those_of_the_jars() {
    for (framework, source) in [("hadoop", HADOOP), ("spark", SPARK)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(framework).join("keys.txt");
        let made = list(source);
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "{} is stale: run the tests with INSTA_UPDATE=always", path.display());
    }
}

/// What is said about one key of one file.
fn said(framework: &str, file: &str, key: &str, value: &str) -> Option<Diagnostic> {
    let mut lab = Lab::with(&[framework], 3);
    let line = lab.set_key_of(framework, file, key, Some(value));
    let (_, diagnostics) = lab.configure();
    let mut found = diagnostics.iter();
    let first = found.next().cloned();
    assert!(found.next().is_none(), "{diagnostics:#?}");
    if let Some(diagnostic) = &first {
        assert_eq!(diagnostic.span(), Some(line), "{diagnostic:?}");
    }
    first
}

#[test]
fn a_key_that_nothing_reads_is_a_warning_with_what_was_meant() {
    for (framework, file, key, meant) in [
        ("hadoop", "hdfs-site.xml", "dfs.replicaton", Some("dfs.replication")),
        ("hadoop", "core-site.xml", "fs.trash.intervall", Some("fs.trash.interval")),
        (
            "hadoop",
            "capacity-scheduler.xml",
            "yarn.scheduler.capacity.maximum-aplications",
            Some("yarn.scheduler.capacity.maximum-applications"),
        ),
        ("hadoop", "hdfs-site.xml", "dfs.no.such.thing.at.all", None),
        ("spark", "spark-defaults.conf", "spark.sql.shufle.partitions", Some("spark.sql.shuffle.partitions")),
        ("spark", "spark-env.sh", "SPARK_DEAMON_MEMORY", Some("SPARK_DAEMON_MEMORY")),
    ] {
        let diagnostic = said(framework, file, key, "x").unwrap_or_else(|| panic!("nothing is said of {key}"));
        assert_eq!((diagnostic.code, diagnostic.severity), ("disco::unknown_key", Severity::Warning), "{key}");
        assert_eq!(diagnostic.message, format!("{framework} has no key `{key}` in `{file}`"));
        let help = diagnostic.help.unwrap();
        match meant {
            Some(meant) => assert!(help.starts_with(&format!("did you mean `{meant}`?")), "{help}"),
            None => assert!(help.starts_with("remove it, unless"), "{help}"),
        }
    }
}

#[test]
fn a_key_of_another_file_says_of_which() {
    let diagnostic = said("hadoop", "yarn-site.xml", "dfs.namenode.acls.enabled", "true").unwrap();
    assert_eq!((diagnostic.code, diagnostic.severity), ("disco::key_of_another_file", Severity::Warning));
    assert_eq!(
        diagnostic.message,
        "`dfs.namenode.acls.enabled` is a key of `hdfs-site.xml`, but is set in `yarn-site.xml`"
    );
    assert_eq!(diagnostic.help.unwrap(), "move it to `config \"hdfs-site.xml\"`, where hadoop reads it");
    // Everybody reads core-site.xml, and what is in it.
    assert_eq!(said("hadoop", "core-site.xml", "dfs.namenode.acls.enabled", "true"), None);
    assert_eq!(said("hadoop", "hdfs-site.xml", "ipc.client.connect.timeout", "20000"), None);
}

#[test]
fn a_value_that_cannot_be_read_is_an_error() {
    for (framework, file, key, value, expected) in [
        ("hadoop", "hdfs-site.xml", "dfs.namenode.acls.enabled", "maybe", "`true` or `false`"),
        ("hadoop", "hdfs-site.xml", "dfs.heartbeat.interval", "foo", "a number, with or without a unit"),
        ("hadoop", "core-site.xml", "io.file.buffer.size", "128 KB", "a number, with or without a unit"),
        ("spark", "spark-defaults.conf", "spark.speculation", "on", "`true` or `false`"),
        ("spark", "spark-defaults.conf", "spark.network.timeout", "long", "a number, with or without a unit"),
    ] {
        let diagnostic = said(framework, file, key, value).unwrap_or_else(|| panic!("nothing is said of {key}"));
        assert_eq!((diagnostic.code, diagnostic.severity), ("disco::wrong_type", Severity::Error), "{key}");
        assert_eq!(diagnostic.message, format!("`{key}` of `{file}` is \"{value}\", expected {expected}"));
    }
}

#[test]
fn what_people_write_passes() {
    for (framework, file, key, value) in [
        ("hadoop", "core-site.xml", "hadoop.proxyuser.hive.hosts", "*"),
        ("hadoop", "core-site.xml", "fs.s3a.bucket.logs.endpoint", "s3.example.org"),
        ("hadoop", "core-site.xml", "ourcompany.flag", "x"),
        ("hadoop", "core-site.xml", "fs.trash.interval", "1440"),
        ("hadoop", "hdfs-site.xml", "dfs.namenode.rpc-address.nn1", "a:8020"),
        ("hadoop", "hdfs-site.xml", "dfs.datanode.data.dir.perm", "rwx------"),
        ("hadoop", "hdfs-site.xml", "dfs.heartbeat.interval", "3s"),
        ("hadoop", "hdfs-site.xml", "dfs.datanode.max.locked.memory", "${our.size}"),
        ("hadoop", "yarn-site.xml", "yarn.nodemanager.resource.percentage-physical-cpu-limit", "80"),
        ("hadoop", "yarn-site.xml", "yarn.nodemanager.aux-services.spark_shuffle.class", "org.example.Shuffle"),
        ("hadoop", "capacity-scheduler.xml", "yarn.scheduler.capacity.root.adhoc.capacity", "30"),
        ("hadoop", "mapred-site.xml", "mapreduce.map.env", "A=b"),
        ("hadoop", "hadoop-env.sh", "HADOOP_HEAPSIZE_MAX", "2g"),
        ("spark", "spark-defaults.conf", "spark.hadoop.fs.s3a.endpoint", "s3.example.org"),
        ("spark", "spark-defaults.conf", "spark.executorEnv.LANG", "C.UTF-8"),
        ("spark", "spark-defaults.conf", "spark.sql.hive.metastore.version", "4.0.1"),
        ("spark", "spark-defaults.conf", "spark.jars.packages", "org.example:thing:1"),
        ("spark", "spark-defaults.conf", "spark.broadcast.blockSize", "8m"),
        ("spark", "spark-env.sh", "OUR_OWN", "x"),
        ("spark", "log4j2.properties", "logger.ours.level", "debug"),
    ] {
        assert_eq!(said(framework, file, key, value), None, "{key}");
    }
}

/// Whatever the manifests write by themselves is what the lists allow.
#[test]
fn the_manifests_own_values_pass() {
    for frameworks in [&["hadoop"][..], &["spark"], &["hadoop", "spark"]] {
        let mut lab = Lab::with(frameworks, 3);
        lab.flavor("slaves", "m1.large");
        lab.set_of(frameworks[0], "reserved_memory", SettingValue::Integer(1024));
        let written: BTreeSet<(String, String, String, String)> = lab
            .configured()
            .groups
            .values()
            .flat_map(|group| &group.files)
            .flat_map(|file| {
                let of = |key: &str, value: &str| {
                    (file.framework.clone(), file.name.clone(), key.to_owned(), value.to_owned())
                };
                file.values.iter().map(move |value| of(&value.key, &value.value.value))
            })
            .collect();
        assert!(written.len() > 20);
        for (framework, file, key, value) in written {
            let declared = lab.catalogue.framework(&framework).unwrap();
            let declared = declared.files.iter().find(|declared| declared.name == file).unwrap();
            if declared.protected.contains_key(&key) {
                continue;
            }
            lab.asked(&framework).files.clear();
            lab.set_key_of(&framework, &file, &key, Some(&value));
            let (_, diagnostics) = lab.configure();
            let about = diagnostics.iter().find(|diagnostic| diagnostic.message.contains(&key));
            assert!(about.is_none_or(|about| about.code.ends_with("conflicting_setting")), "{about:#?}");
        }
    }
}
