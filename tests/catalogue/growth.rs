//! Nothing depends on how many nodes there are but what is fixed: of any manifest, and told at the place that is to change.

use std::collections::BTreeMap;

use super::lab::{Lab, framework};
use disco::catalogue::{configure, growth_from};

/// Messages, places and helps of a manifest whose cluster grows from a few slaves.
fn told(manifest: &str) -> Vec<(String, Vec<String>, String)> {
    let mut lab = Lab::with(&[], 3);
    let texts = [
        ("framework.hcl", format!("manifest = 2\ndescription = \"a test\"\nversion \"1\" {{}}\n{manifest}")),
        ("hosts.conf", "all\n%{ for at in range(cluster.slaves) ~}\n${at}\n%{ endfor ~}\n".to_owned()),
    ];
    let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect::<BTreeMap<_, _>>();
    let found = lab.catalogue.add_folder("mine", "frameworks/mine", &texts, &lab.sources);
    assert!(found.is_empty(), "{found:#?}");
    let place = lab.place();
    lab.spec.frameworks.push(framework("mine", "1", place));
    let (composition, _) = lab.composed();
    let (_, mistakes) = configure(lab.context(&composition));
    assert!(!mistakes.has_errors(), "{mistakes:#?}");
    let found = growth_from(lab.context(&composition), &[1, 2, 3], &["mine"]);
    let line = |one: &disco::source::Diagnostic| {
        assert_eq!(one.code, "disco::manifest_growth");
        let places = one.labels.iter().map(|label| lab.sources.snippet(label.span)).collect();
        (one.message.clone(), places, one.help.clone().unwrap())
    };
    found.iter().map(line).collect()
}

const SERVICE: &str = "description = \"S\"\n unit = \"s\"\n user = \"root\"\n memory = 1\n on = \"slaves\"\n";

fn setting(lines: &str) -> String {
    format!(
        "setting \"copies\" {{\n type = \"integer\"\n description = \"C\"\n default = min(3, cluster.slaves)\n{lines}\n}}\n"
    )
}

#[test]
fn what_follows_the_number_of_nodes_is_refused_where_it_stands() {
    let law = "growing a cluster changes nothing on the nodes that are there";
    let of = |name: &str| {
        format!("{law}: make a setting with `fixed = true` of what follows from `{name}`, which is computed once")
    };
    let through = format!("{law}: write `fixed = true` in `setting \"copies\"`, which is then computed once");
    let file = |keys: &str| format!("file \"f\" {{\n format = \"yaml\"\n path = \"/f\"\n {keys}\n}}\n");
    let archive = |lines: &str| {
        format!(
            "archive \"a\" {{\n path = \"a.tar\"\n sha512 = \"{}\"\n mirrors = [\"https://m.example\"]\n {lines}\n}}\n",
            "a".repeat(128)
        )
    };
    let cases = [
        (
            archive("to = \"/opt/${cluster.slaves}\""),
            "`archive \"a\"` would change when the cluster grows",
            vec!["cluster.slaves"],
            of("cluster.slaves"),
        ),
        (
            archive("to = \"/opt/a\"\n when = cluster.nodes > 10"),
            "`archive \"a\"` would change when the cluster grows",
            vec!["cluster.nodes"],
            of("cluster.nodes"),
        ),
        (
            "machine {\n sysctl = { \"net.core.somaxconn\" = cluster.nodes }\n}\n".to_owned(),
            "a `machine` would change when the cluster grows",
            vec!["cluster.nodes"],
            of("cluster.nodes"),
        ),
        (
            // What goes up with the cluster excuses nothing beside it.
            setting("fixed = true\n rises = true") + &file("keys = { copies = setting.copies, all = cluster.slaves }"),
            "`all` in `keys` of `file \"f\"` would change when the cluster grows",
            vec!["cluster.slaves"],
            of("cluster.slaves"),
        ),
        (
            file("keys = { same = 1, copies = min(3, cluster.slaves) }"),
            "`copies` in `keys` of `file \"f\"` would change when the cluster grows",
            vec!["cluster.slaves"],
            of("cluster.slaves"),
        ),
        (
            setting("") + &file("keys = { copies = setting.copies }"),
            "`copies` in `keys` of `file \"f\"` would change when the cluster grows",
            vec!["setting.copies", "cluster.slaves"],
            through.clone(),
        ),
        (
            "locals { all = cluster.nodes * 2 }\n".to_owned()
                + &format!("service \"s\" {{\n{SERVICE} exec = [\"/x\", \"--all\", local.all]\n}}"),
            "`exec` of `service \"s\"` would change when the cluster grows",
            vec!["[\"/x\", \"--all\", local.all]", "cluster.nodes"],
            of("cluster.nodes"),
        ),
        (
            format!("service \"s\" {{\n{SERVICE} exec = [\"/x\"]\n environment = {{ A = 1, B = group.count }}\n}}"),
            "`environment.B` of `service \"s\"` would change when the cluster grows",
            vec!["group.count"],
            of("group.count"),
        ),
        (
            format!("service \"s\" {{\n{SERVICE} exec = [\"/x\"]\n when = cluster.slaves > 10\n}}"),
            "`service \"s\"` would change when the cluster grows",
            vec!["cluster.slaves"],
            of("cluster.slaves"),
        ),
        (
            "file \"f\" {\n format = \"template\"\n path = \"/f\"\n template = \"hosts.conf\"\n}".to_owned(),
            "`file \"f\"` would change when the cluster grows",
            vec!["cluster.slaves"],
            of("cluster.slaves"),
        ),
        (
            "packages {\n names = [cluster.nodes > 3 ? \"munge\" : \"chrony\"]\n}".to_owned(),
            "`names` of `packages` would change when the cluster grows",
            vec!["cluster.nodes"],
            of("cluster.nodes"),
        ),
        (
            "step \"t\" {\n moment = \"before-start\"\n action = { kind = \"command\", commands = [[\"/x\", cluster.slaves]] }\n}"
                .to_owned(),
            "`action` of `step \"t\"` would change when the cluster grows",
            vec!["cluster.slaves"],
            of("cluster.slaves"),
        ),
    ];
    for (manifest, message, places, help) in cases {
        let expected = (message.to_owned(), places.into_iter().map(str::to_owned).collect(), help);
        assert_eq!(told(&manifest), [expected], "{manifest}");
    }
}

#[test]
fn what_is_fixed_or_only_counted_may_follow_it() {
    for fine in [
        setting("fixed = true") + "file \"f\" {\n format = \"yaml\"\n path = \"/f\"\n keys = { a = setting.copies }\n}",
        setting("fixed = true\n rises = true") + "file \"f\" {\n format = \"yaml\"\n path = \"/f\"\n keys = { a = setting.copies }\n}",
        format!("service \"s\" {{\n{SERVICE} exec = [\"/x\"]\n max_unavailable = ceil(group.count / 4)\n}}"),
        "step \"t\" {\n moment = \"verify\"\n action = { kind = \"command\", commands = [[\"/x\", cluster.slaves]] }\n}".to_owned(),
        "file \"f\" {\n format = \"yaml\"\n path = \"/f\"\n keys = { a = min(slaves.memory...), b = cluster.slaves > 0 }\n}".to_owned(),
    ] {
        assert_eq!(told(&fine), [], "{fine}");
    }
}

/// The manifests inside the program are held to it too, from the smallest cluster on.
#[test]
fn no_manifest_inside_the_program_follows_it() {
    let catalogue = disco::catalogue::Catalogue::embedded(&disco::source::Sources::new());
    let all: Vec<String> = catalogue.framework_names().map(str::to_owned).collect();
    for name in &all {
        let needs: &[&str] = if name == "hbase" { &["hadoop", "zookeeper"] } else { &[] };
        let mut frameworks = needs.to_vec();
        frameworks.push(name);
        let mut lab = Lab::with(&frameworks, 3);
        lab.size("master", 16384, 8).size("slaves", 16384, 8);
        let (composition, mistakes) = lab.composed();
        if mistakes.has_errors() {
            continue;
        }
        let found = growth_from(lab.context(&composition), &[1, 2, 3], &[name.as_str()]);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}
