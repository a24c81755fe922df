//! The configuration of a team's service.

use std::collections::BTreeSet;

use disco::language::read_service;
use disco::model::{Interface, ServiceLimits, ServiceRoles};
use disco::source::Sources;

/// The settings of a text, and the codes of what is wrong with it.
fn read(text: &str) -> (Option<disco::model::ServiceSettings>, BTreeSet<&'static str>) {
    let sources = Sources::new();
    let id = sources.add("disco-service.hcl", text);
    let (settings, found) = read_service(&sources, id);
    (settings, found.iter().map(|one| one.code).collect())
}

#[test]
fn the_example_says_what_holds_anyway() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/service/disco-service.hcl");
    let (settings, found) = read(&std::fs::read_to_string(path).unwrap());
    assert!(found.is_empty(), "{found:?}");
    let settings = settings.unwrap();
    assert_eq!(settings.public_url.as_deref(), Some("https://disco.example.org"));
    let lab = &settings.clouds["lab"];
    assert_eq!((lab.interface, &lab.roles), (Interface::Public, &ServiceRoles::default()));
    assert_eq!(settings.limits, ServiceLimits::default());
    assert_eq!(settings.occi.image.as_deref(), Some("debian-12"));
}

#[test]
fn what_is_wrong_with_it_is_said() {
    let whole = |service: &str, cloud: &str| {
        format!(
            "service {{\n  projects = \"p\"\n{service}\n}}\ncloud \"lab\" {{\n  auth_url = \"https://k.example.org/v3\"\n{cloud}\n}}\n"
        )
    };
    assert!(read(&whole("", "")).0.is_some());
    let cases = [
        (String::new(), "disco::invalid_service"),
        (whole("", "").replace("projects = \"p\"", ""), "disco::missing_attribute"),
        (whole("listen = \"somewhere\"", ""), "disco::invalid_service"),
        (whole("listen = \"0.0.0.0:80\"", ""), "disco::invalid_service"),
        (whole("public_url = \"https://h.example.org/path\"", ""), "disco::invalid_service"),
        (whole("", "interface = \"outer\""), "disco::unknown_word"),
        (whole("", "").replace("https://k.example.org/v3", "k.example.org"), "disco::invalid_service"),
        (whole("", "").replace("https://k.", "https://anna:hunter2@k."), "disco::invalid_service"),
        (whole("", "").replace("cloud \"lab\"", "cloud \"../lab\""), "disco::invalid_service"),
        (whole("", "see = \"reader\""), "disco::wrong_type"),
        (whole("", "") + "limits {\n  requests = 0\n}\n", "disco::out_of_range"),
        (whole("", "") + "service {\n  projects = \"q\"\n}\n", "disco::duplicate_block"),
        (whole("", "") + "cluster \"lab\" {}\n", "disco::unknown_block"),
    ];
    for (text, code) in cases {
        let (settings, found) = read(&text);
        assert!(settings.is_none() && found.contains(code), "{text}\n{found:?}");
    }
}
