//! What people get wrong about frameworks, and what they are told.

use super::lab::{Lab, framework};
use disco::model::{SettingValue, Sourced, Text};
use disco::source::{Diagnostic, Severity};

fn help(diagnostic: &Diagnostic) -> &str {
    diagnostic.help.as_deref().unwrap_or_default()
}

#[test]
fn flavors_and_images_that_do_not_exist_are_said_where_they_are_asked_for() {
    let mut lab = Lab::hadoop(3);
    lab.flavor("slaves", "m1.mediun");
    lab.group("master").image.value = "debian-21".to_owned();
    let (_, diagnostics) = lab.configure();
    let found: Vec<(&str, &str, Option<_>, &str)> = diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code, diagnostic.message.as_str(), diagnostic.span(), help(diagnostic)))
        .collect();
    let (image, flavor) = (lab.spec.groups[0].image.origin, lab.spec.groups[1].flavor.origin);
    assert_eq!(
        found,
        [
            (
                "disco::unknown_image",
                "image `debian-21` does not exist in the cloud",
                image,
                "did you mean `debian-12`?"
            ),
            (
                "disco::unknown_flavor",
                "flavor `m1.mediun` does not exist in the cloud",
                flavor,
                "did you mean `m1.medium`?"
            ),
        ]
    );
}

#[test]
fn a_name_that_two_images_have_is_refused_with_their_ids() {
    let mut lab = Lab::hadoop(3);
    let mut twin = lab.facts.images.get("debian-12").unwrap().clone();
    twin.id = "2".to_owned();
    lab.facts.images.add("debian-12", twin);
    let (_, diagnostics) = lab.configure();
    assert!(diagnostics.has_errors());
    for diagnostic in &diagnostics {
        assert_eq!(diagnostic.code, "disco::ambiguous_name");
        assert_eq!(diagnostic.message, "the cloud has 2 images with the name `debian-12`");
        assert_eq!(help(diagnostic), "write the id of one of them: `1` or `2`");
    }
}

#[test]
fn an_image_must_fit_its_flavor() {
    let mut lab = Lab::hadoop(3);
    let mut image = lab.facts.images.get("debian-12").unwrap().clone();
    image.min_disk_gib = 30;
    lab.facts.images.add("debian-12", image);
    let (_, diagnostics) = lab.configure();
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == "disco::image_does_not_fit"));
    let message = &diagnostics.iter().next().unwrap().message;
    assert_eq!(message, "image `debian-12` needs 30 GiB of disk, but flavor `m1.medium` has 20");
}

#[test]
fn more_copies_than_nodes_are_refused_at_the_line() {
    let mut lab = Lab::hadoop(2);
    let line = lab.set("replication", SettingValue::Integer(3));
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::setting_out_of_range");
    assert_eq!(complaint.message, "`replication` of hadoop is 3, expected at most 2");
    assert_eq!(complaint.span(), Some(line));
    assert_eq!(
        help(&complaint),
        "set `replication` to at most 2: each copy needs a slave of its own that stores data, and there are 2"
    );
}

#[test]
fn more_copies_than_nodes_are_refused_at_the_key_too() {
    let mut lab = Lab::hadoop(2);
    let line = lab.set_key("hdfs-site.xml", "dfs.replication", Some("3"));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.span()), ("disco::setting_out_of_range", Some(line)));
}

#[test]
fn too_many_masters_are_refused_at_the_count() {
    let mut lab = Lab::with(&["hadoop", "zookeeper"], 3);
    lab.group("master").count.value = 5;
    let complaint = lab.configure().1.into_iter().find(|found| found.code == "disco::too_many_masters").unwrap();
    assert_eq!(complaint.message, "framework `hadoop` takes at most 3 masters, but `count` is 5");
    assert_eq!(complaint.span(), lab.group("master").count.origin);
    assert!(help(&complaint).contains("high availability"));
}

#[test]
fn a_cluster_without_storage_is_refused() {
    let mut lab = Lab::hadoop(0);
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::missing_nodes");
    let message = "framework `hadoop` needs at least one slave that stores data, and `slaves` has `count = 0`";
    assert_eq!((complaint.message.as_str(), complaint.span()), (message, lab.group("slaves").count.origin));
    let mut lab = Lab::hadoop(3);
    lab.group("slaves").storage = false;
    assert!(help(&lab.complaint()).contains("storage = false"));
}

#[test]
fn a_file_that_the_manifest_does_not_declare_is_suggested() {
    let mut lab = Lab::hadoop(3);
    lab.set_key("hdfs-site.cml", "a", Some("b"));
    let complaint = lab.complaint();
    assert_eq!(complaint.message, "framework `hadoop` has no file `hdfs-site.cml`");
    assert_eq!(help(&complaint).lines().last(), Some("did you mean `hdfs-site.xml`?"));
}

#[test]
fn a_key_that_stands_for_a_setting_must_be_what_the_setting_is() {
    let mut lab = Lab::hadoop(3);
    lab.set_key("hdfs-site.xml", "dfs.replication", Some("two"));
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::wrong_type");
    assert_eq!(complaint.message, "`replication` of hadoop is string \"two\", expected a whole number");
}

#[test]
fn keys_that_would_break_the_cluster_are_refused_with_the_reason() {
    for value in [Some("hdfs://elsewhere"), None] {
        let mut lab = Lab::hadoop(3);
        let line = lab.set_key("core-site.xml", "fs.defaultFS", value);
        let complaint = lab.complaint();
        assert_eq!((complaint.code, complaint.span()), ("disco::protected_key", Some(line)));
        assert_eq!(help(&complaint), "remove it: every node finds HDFS by it");
    }
}

#[test]
fn a_setting_and_its_key_cannot_both_be_set() {
    let mut lab = Lab::hadoop(3);
    let setting = lab.set("replication", SettingValue::Integer(2));
    let key = lab.set_key("hdfs-site.xml", "dfs.replication", Some("1"));
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::conflicting_setting");
    assert_eq!(complaint.labels.iter().map(|label| label.span).collect::<Vec<_>>(), [key, setting]);
}

#[test]
fn a_file_without_keys_says_so() {
    let mut lab = Lab::hadoop(3);
    lab.set_key("hadoop-profile.sh", "A", Some("b"));
    assert_eq!(lab.complaint().code, "disco::config_without_keys");
}

#[test]
fn a_value_that_a_file_cannot_hold_is_refused() {
    let mut lab = Lab::hadoop(3);
    let line = lab.set_key("hadoop-env.sh", "A-B", Some("x"));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.span()), ("disco::unwritable_value", Some(line)));
    assert!(complaint.help.as_ref().is_some_and(|help| help.contains("content = …")), "{complaint:?}");
}

#[test]
fn versions_that_an_image_cannot_run_are_refused_with_a_way_out() {
    let mut lab = Lab::hadoop(3);
    let line = lab.place();
    lab.spec.frameworks[0].version = Sourced::new("3.4.3".to_owned(), Some(line));
    let (_, diagnostics) = lab.configure();
    let complaint = diagnostics.iter().next().unwrap();
    assert_eq!((complaint.code, complaint.span()), ("disco::unsuitable_java", Some(line)));
    assert_eq!(complaint.message, "hadoop 3.4.3 needs Java 11 or 8, which debian-12 does not have");
    assert_eq!(
        help(complaint),
        "write `version = \"3.5.0\"` in framework \"hadoop\", or use another image: debian-12 has Java 17"
    );
    assert_eq!(complaint.labels[1].span, lab.group("master").image.origin.unwrap());

    for group in ["master", "slaves"] {
        lab.group(group).image.value = "ubuntu-22.04".to_owned();
    }
    let configuration = lab.configured();
    assert_eq!(configuration.groups["slaves"].packages, ["openjdk-11-jre-headless"]);
    assert_eq!(configuration.groups["slaves"].archives[0].directory, "/opt/hadoop-3.4.3");

    for group in ["master", "slaves"] {
        lab.group(group).image.value = "our-own".to_owned();
    }
    lab.set("java", SettingValue::Integer(8));
    assert_eq!(lab.configured().groups["slaves"].packages, ["openjdk-8-jre-headless"]);
    let line = lab.set("java", SettingValue::Integer(17));
    let (_, diagnostics) = lab.configure();
    assert_eq!(diagnostics.iter().next().unwrap().span(), Some(line));
}

#[test]
fn versions_and_frameworks_that_are_not_there_are_suggested() {
    let mut lab = Lab::hadoop(3);
    lab.spec.frameworks[0].version.value = "3.5.1".to_owned();
    let complaint = lab.complaint();
    assert_eq!((complaint.code, help(&complaint)), ("disco::unknown_version", "use version `3.5.0` or `3.4.3`"));
    let mut lab = Lab::hadoop(3);
    let place = lab.place();
    lab.spec.frameworks.push(framework("hadop", "1", place));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.span()), ("disco::unknown_framework", Some(place)));
    assert_eq!(help(&complaint).lines().last(), Some("did you mean `hadoop`?"));
}

#[test]
fn containers_larger_than_a_slave_are_refused() {
    let mut lab = Lab::hadoop(3);
    let line = lab.set("map_memory", SettingValue::Integer(100_000));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.span()), ("disco::setting_out_of_range", Some(line)));
    assert!(help(&complaint).starts_with("set `map_memory` to at most 2336: the smallest slave has "), "{complaint:?}");
}

#[test]
fn more_memory_than_there_is_is_respected_with_a_warning() {
    let mut lab = Lab::hadoop(3);
    let line = lab.set("yarn_memory", SettingValue::Integer(100_000));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.severity), ("disco::memory_overcommitted", Severity::Warning));
    let places: Vec<_> = complaint.labels.iter().map(|label| Some(label.span)).collect();
    assert_eq!(places, [Some(line), lab.group("slaves").flavor.origin], "what asks for it, and what there is");
}

#[test]
fn daemons_that_leave_nothing_for_containers_are_refused() {
    let mut lab = Lab::hadoop(3);
    lab.set("datanode_heap", SettingValue::Integer(3000));
    let (_, diagnostics) = lab.configure();
    let complaint = diagnostics.iter().next().unwrap();
    assert_eq!(complaint.code, "disco::setting_out_of_range");
    assert!(complaint.message.starts_with("`yarn_memory` of hadoop is -"), "{}", complaint.message);
}

#[test]
fn an_image_that_the_agent_cannot_work_with_is_refused() {
    for (image, lacks) in [
        ("rocky-9", "has no `apt`, which"),
        ("fedora-42", "has no `apt`, which"),
        ("cirros", "has no `apt` and no `systemd` and no `python3`, which"),
    ] {
        let mut lab = Lab::hadoop(3);
        let known = lab.facts.images.get("debian-12").unwrap().clone();
        lab.facts.images.add(image, known);
        lab.group("slaves").image.value = image.to_owned();
        let complaint = lab.complaint();
        assert_eq!((complaint.code, complaint.span()), ("disco::unsuitable_image", lab.group("slaves").image.origin));
        assert!(complaint.message.contains(lacks), "{}", complaint.message);
        assert!(help(&complaint).contains("`debian-12`"), "{complaint:?}");
        lab.spec.frameworks.clear();
        let (_, diagnostics) = lab.configure();
        assert_eq!(diagnostics.has_errors(), image == "cirros", "without a package to install: {diagnostics:#?}");
    }
}

#[test]
fn settings_have_the_form_of_their_type() {
    let text = |text: &str| SettingValue::Text(Text::plain(text));
    let list = |texts: &[&str]| SettingValue::List(texts.iter().map(|text| Text::plain(*text)).collect());
    for (name, value, message, advice) in [
        ("block_size", text("128 MB"), "`block_size` of hadoop is \"128 MB\", expected a size", "write \"128m\""),
        (
            "block_size",
            text("foo"),
            "`block_size` of hadoop is \"foo\", expected a size",
            "write a whole number of bytes",
        ),
        (
            "block_size",
            text("128"),
            "`block_size` of hadoop is 128, expected at least 1m",
            "set `block_size` to at least 1m: the NameNode refuses",
        ),
        (
            "sha512",
            text("abc"),
            "`sha512` of hadoop is \"abc\", expected 128 hexadecimal digits",
            "write 128 hexadecimal digits",
        ),
        (
            "sha512",
            text(""),
            "`sha512` of hadoop is \"\", expected 128 hexadecimal digits",
            "write 128 hexadecimal digits",
        ),
        ("mirrors", list(&[]), "`mirrors` of hadoop is empty", "set it to a value, or remove the line"),
        (
            "mirrors",
            list(&["http://mirror.example.org", "ftp://x"]),
            "`mirrors` of hadoop contains \"ftp://x\", expected a list of URLs with `https://` or `http://`",
            "write a URL with its scheme",
        ),
        ("home_folders", list(&["ada", "a/b"]), "`home_folders` of hadoop contains \"a/b\"", "write a letter or `_`"),
    ] {
        let mut lab = Lab::hadoop(3);
        let line = lab.set(name, value);
        let complaint = lab.complaint();
        assert!(complaint.message.starts_with(message), "{}", complaint.message);
        assert_eq!(complaint.span(), Some(line), "{message}");
        assert!(help(&complaint).starts_with(advice), "{}", help(&complaint));
    }
}

#[test]
fn every_wrong_setting_is_said_in_one_run() {
    let mut lab = Lab::hadoop(2);
    let lines = [
        lab.set("replication", SettingValue::Integer(5)),
        lab.set("yarn_memory", SettingValue::Integer(64000)),
        lab.set("namenode_heap", SettingValue::Integer(-1)),
        lab.set("block_size", SettingValue::Text(Text::plain("foo"))),
    ];
    let (_, diagnostics) = lab.configure();
    let found: Vec<_> = diagnostics.iter().filter_map(Diagnostic::span).collect();
    assert_eq!(found.len(), lines.len(), "{diagnostics:#?}");
    for line in lines {
        assert!(found.contains(&line), "{line:?}: {diagnostics:#?}");
    }
}

#[test]
fn a_key_that_is_a_setting_has_the_form_of_the_setting() {
    let mut lab = Lab::hadoop(3);
    let line = lab.set_key("hdfs-site.xml", "dfs.blocksize", Some("128"));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.span()), ("disco::setting_out_of_range", Some(line)));
    lab.asked("hadoop").files.clear();
    lab.set_key("hdfs-site.xml", "dfs.blocksize", Some("128 MB"));
    assert_eq!(lab.complaint().code, "disco::setting_form");
}

#[test]
fn a_secret_that_is_empty_protects_nothing() {
    let mut lab = Lab::with(&["spark"], 2);
    let line = lab.set("secret", SettingValue::Text(Text { value: " ".to_owned(), secret: true }));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.span()), ("disco::setting_empty", Some(line)));
    assert_eq!(complaint.message, "`secret` of spark is empty");
}
