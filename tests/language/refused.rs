//! What looks like a definition and cannot be one, and what looks wrong and is not.

use disco::language::VariableInputs;

use super::project::Project;

/// A cluster `lab`, whose parts are written into each other.
fn lab(network: &str, slaves: &str, rest: &str) -> String {
    format!(
        "cluster \"lab\" {{\n  image = \"debian-12\"\n  network {{\n{network}\n  }}\n  \
         master {{ flavor = \"m1.medium\" }}\n  slaves {{\n    flavor = \"m1.medium\"\n{slaves}\n  }}\n{rest}\n}}\n"
    )
}

const NETWORK: &str = "    cidr = \"10.20.0.0/24\"";

/// Codes and lines of all that is wrong.
fn found(text: &str) -> Vec<(String, usize)> {
    let project = Project::of(text);
    let found = project.evaluate().1;
    let place = |one: &disco::source::Diagnostic| one.span().map_or(0, |span| project.sources.locate(span).1.line);
    found.iter().map(|one| (one.code.trim_start_matches("disco::").to_owned(), place(one))).collect()
}

fn codes(text: &str) -> Vec<String> {
    found(text).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn networks_with_a_meaning_of_their_own_are_refused() {
    for cidr in ["127.0.0.0/24", "224.0.1.0/24", "169.254.0.0/16", "0.0.0.0/24", "240.0.0.0/8", "0.0.0.0/0"] {
        let network = format!("    cidr = \"{cidr}\"");
        assert_eq!(found(&lab(&network, "    count = 1", "")), [("reserved_network".to_owned(), 4)], "{cidr}");
        let existing = format!("    existing = \"a\"\n    subnet = \"b\"\n    addresses = \"{cidr}\"");
        assert_eq!(found(&lab(&existing, "    count = 1", "")), [("reserved_network".to_owned(), 6)], "{cidr}");
    }
    for cidr in ["10.0.0.0/16", "172.16.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "128.0.0.0/24"] {
        assert_eq!(codes(&lab(&format!("    cidr = \"{cidr}\""), "    count = 1", "")), [""; 0], "{cidr}");
    }
}

#[test]
fn rules_let_in_only_who_can_come() {
    let allow = |from: &str| {
        let rule = format!("  security {{\n    allow \"ssh\" {{ from = [\"{from}\"] }}\n  }}");
        codes(&lab(NETWORK, "    count = 1", &rule))
    };
    assert_eq!(allow("127.0.0.0/8"), ["reserved_network"]);
    assert_eq!(allow("224.0.0.0/8"), ["reserved_network"]);
    assert_eq!(allow("0.0.0.0/0"), [""; 0]);
    assert_eq!(allow("203.0.113.0/24"), [""; 0]);
}

#[test]
fn name_servers_are_named_once_and_can_be_reached() {
    let servers = |list: &str| codes(&lab(&format!("{NETWORK}\n    dns_nameservers = {list}"), "    count = 1", ""));
    assert_eq!(servers("[\"9.9.9.9\", \"1.1.1.1\"]"), [""; 0]);
    assert_eq!(servers("[\"9.9.9.9\", \"1.1.1.1\", \"9.9.9.9\"]"), ["duplicate_address"]);
    assert_eq!(servers("[\"127.0.0.53\"]"), ["reserved_network"]);
    assert_eq!(servers("[\"0.0.0.0\"]"), ["reserved_network"]);
    assert_eq!(servers("[\"169.254.169.254\"]"), [""; 0]);
}

#[test]
fn every_mistake_in_volumes_is_told_in_one_run() {
    let volume = |name: &str, size: &str, mount: &str| {
        format!("    volume \"{name}\" {{\n      size = {size}\n      mount = \"{mount}\"\n    }}\n")
    };
    let volumes = [
        volume("a", "0", "/data"),
        volume("b", "10", "/data"),
        volume("c", "10", "data/c"),
        volume("d", "10", "/etc"),
        volume("a", "10", "/data/e"),
    ];
    let text = lab(NETWORK, &format!("    count = 1\n{}", volumes.concat()), "");
    let wanted = [
        ("out_of_range", 11),
        ("duplicate_mount", 16),
        ("invalid_path", 20),
        ("system_folder", 24),
        ("duplicate_name", 26),
    ];
    assert_eq!(found(&text), wanted.map(|(code, line)| (code.to_owned(), line)));
}

#[test]
fn volumes_do_not_hide_what_frameworks_make() {
    let mount = |path: &str| {
        let volume = format!("    count = 1\n    volume \"a\" {{\n      size = 9\n      mount = \"{path}\"\n    }}");
        codes(&lab(NETWORK, &volume, "  framework \"hadoop\" {}"))
    };
    assert_eq!(mount("/var/lib/hadoop"), ["system_folder"]);
    assert_eq!(mount("/var/lib/hadoop/yarn"), ["system_folder"]);
    assert_eq!(mount("/opt/data"), [""; 0]);
    assert_eq!(mount("/data/hdfs"), [""; 0]);
}

#[test]
fn no_nodes_and_no_count_are_told_as_what_they_are() {
    let none = Project::of(&lab(NETWORK, "    count = 0", "  framework \"hadoop\" {}")).messages();
    assert_eq!(
        none,
        ["disco::missing_nodes framework `hadoop` needs at least one slave that stores data, and `slaves` has `count = 0`"]
            .map(str::to_owned)
    );
    let null = Project::of(&lab(NETWORK, "    count = null", "  framework \"hadoop\" {}")).messages();
    assert_eq!(null, ["disco::null_value `count` is `null`, and `slaves` needs a value for it"].map(str::to_owned));
}

#[test]
fn what_is_there_twice_hides_nothing() {
    let one = lab(NETWORK, "    count = 1", "  framework \"hadoop\" {}");
    let two = lab(
        NETWORK,
        "    count = \"many\"",
        "  framework \"hadoop\" {}\n  framework \"hadoop\" { nothing = 1 }\n  master { flavour = \"m1.small\" }",
    );
    let mut codes = codes(&format!("{one}{two}"));
    codes.sort();
    assert_eq!(
        codes,
        [
            "duplicate_block",
            "duplicate_framework",
            "duplicate_name",
            "unknown_attribute",
            "unknown_attribute",
            "wrong_type"
        ]
    );
}

/// Two clusters that know each other's master.
fn neighbours(of_a: &str, of_b: &str) -> String {
    let b = lab("    cidr = \"10.21.0.0/24\"", "    count = 1", &set(of_b)).replace("\"lab\"", "\"b\"");
    format!("{}{b}", lab(NETWORK, "    count = 1", &set(of_a)))
}

fn set(value: &str) -> String {
    format!(
        "  framework \"hadoop\" {{\n    config \"core-site.xml\" {{\n      set = {{ \"x.peer\" = {value}, \"x.other\" = 1 }}\n    }}\n  }}"
    )
}

#[test]
fn addresses_of_the_own_network_are_known_when_planning() {
    let text = neighbours("cluster.b.master[0].address", "cluster.lab.master[0].address");
    let spec = Project::of(&text).sound();
    for (cluster, address) in [("lab", "10.21.0."), ("b", "10.20.0.")] {
        let keys = &spec.clusters[cluster].frameworks[0].files["core-site.xml"].set;
        let peer = keys["x.peer"].value.as_ref().unwrap();
        assert!(peer.value.starts_with(address), "{peer:?}");
    }
}

#[test]
fn the_text_of_a_key_may_be_unknown_and_a_list_may_not() {
    let text = neighbours("cluster.b.id", "1");
    let spec = Project::of(&text).sound();
    let file = &spec.clusters["lab"].frameworks[0].files["core-site.xml"];
    assert_eq!(file.set["x.peer"].value.as_ref().unwrap().value, "(known after apply)");
    assert!(file.later.contains("x.peer") && !file.later.contains("x.other"), "{file:?}");
    let text = neighbours("{ peer = cluster.b.id }", "1");
    let project = Project::of(&text);
    let (_, found) = project.evaluate();
    let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(messages, ["`x.peer` must be known before apply"]);
    let snippet = project.sources.snippet(found.iter().next().unwrap().span().unwrap());
    assert_eq!(snippet, "{ peer = cluster.b.id }");
}

#[test]
fn validating_needs_no_values_of_variables() {
    let text = format!(
        "variable \"slaves\" {{\n  type = number\n  validation {{\n    condition = var.slaves > 0\n    error_message = \"no\"\n  }}\n}}\n\
         variable \"from\" {{}}\n{}",
        lab(
            NETWORK,
            "    count = var.slaves\n    floating_ip = \"perhaps\"",
            "  security {\n    allow \"ssh\" { from = [var.from] }\n  }"
        )
    );
    let lenient = |_: &disco::source::Sources| VariableInputs { may_lack: true, ..VariableInputs::default() };
    let project = Project::read(&[("main.disco.hcl", &text)], &[], lenient);
    assert_eq!(
        project.messages(),
        ["disco::wrong_type `floating_ip` expects `true` or `false`, found string \"perhaps\""]
    );
    let strict = Project::of(&text).messages();
    assert_eq!(strict.iter().filter(|message| message.starts_with("disco::missing_variable")).count(), 2, "{strict:?}");
}

#[test]
fn the_environment_may_hold_what_other_projects_need() {
    let environment = vec![("DISCO_VAR_other".to_owned(), "1".to_owned())];
    let quiet = VariableInputs { environment, ..VariableInputs::default() };
    let verbose = VariableInputs { verbose: true, ..quiet.clone() };
    let text = lab(NETWORK, "    count = 1", "");
    let project = Project::read(&[("main.disco.hcl", &text)], &[], |_| quiet);
    assert_eq!(project.messages(), [""; 0]);
    let project = Project::read(&[("main.disco.hcl", &text)], &[], |_| verbose);
    assert!(!project.found.has_errors());
    let told = "disco::undeclared_variable the environment variable `DISCO_VAR_other` sets variable `other`, which is not declared";
    assert_eq!(project.messages(), [told]);
}

#[test]
fn a_key_is_placed_where_its_value_is_written() {
    let text = format!("locals {{\n  v = \"a\"\n}}\n{}", lab(NETWORK, "    count = 1", &set("local.v")));
    let project = Project::of(&text);
    let spec = project.sound();
    let keys = &spec.clusters["lab"].frameworks[0].files["core-site.xml"].set;
    assert_eq!(project.sources.snippet(keys["x.peer"].origin.unwrap()), "local.v");
    assert_eq!(project.sources.snippet(keys["x.other"].origin.unwrap()), "1");
}
