//! Manifests of the first form, as they were written before there was a second: they go on to plan, or say what has to change.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::lab::{Lab, framework};
use crate::support::snapshot;
use disco::catalogue::{configure, growth};
use disco::node::{Hosts, bundle};
use disco::source::Diagnostics;

/// The folders with manifests, by name.
fn old() -> BTreeMap<String, BTreeMap<String, String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/catalogue/version1");
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let texts = |path: &Path| {
        let files = fs::read_dir(path).unwrap().map(|file| file.unwrap().path());
        files.map(|file| (name(&file), fs::read_to_string(&file).unwrap())).collect()
    };
    folders.map(|path| (name(&path), texts(&path))).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn told(diagnostics: &Diagnostics, lab: &Lab) -> String {
    let mut text = String::new();
    for one in diagnostics {
        let place = one.span().map(|span| lab.sources.locate(span).0 + ": " + &lab.sources.snippet(span));
        let (place, help) = (place.unwrap_or_default(), one.help.as_deref().unwrap_or("-"));
        writeln!(text, "{}\n  {}\n  at {}\n  help: {help}", one.code, one.message, place.lines().next().unwrap())
            .unwrap();
    }
    text
}

#[test]
fn they_go_on_under_names_that_are_free() {
    let mut told_of_all = String::new();
    let all = old();
    assert_eq!(all.len(), 9);
    for (name, texts) in all {
        let mut lab = Lab::with(if name == "hbase" { &["hadoop", "zookeeper"] } else { &[] }, 3);
        lab.size("master", 16384, 8).size("slaves", 16384, 8);
        writeln!(told_of_all, "# {name}").unwrap();
        // All names are DISCO's own meanwhile.
        let found = lab.catalogue.clone().add_folder(&name, &format!("frameworks/{name}"), &texts, &lab.sources);
        let codes: Vec<&str> = found.iter().map(|one| one.code).collect();
        assert_eq!(codes, ["disco::duplicate_framework"], "{name}");
        told_of_all += &told(&found, &lab);
        let own = format!("our-{name}");
        let found = lab.catalogue.add_folder(&own, &format!("frameworks/{own}"), &texts, &lab.sources);
        assert!(found.is_empty(), "{}", told(&found, &lab));
        let place = lab.place();
        let version = lab.catalogue.framework(&own).unwrap().default_version().to_owned();
        lab.spec.frameworks.push(framework(&own, &version, place));
        let (composition, mistakes) = lab.composed();
        assert!(mistakes.is_empty(), "{}", told(&mistakes, &lab));
        let (configuration, found) = configure(lab.context(&composition));
        assert!(!found.has_errors(), "{}", told(&found, &lab));
        told_of_all += &told(&found, &lab);
        told_of_all += &told(&growth(lab.context(&composition), &configuration, &[own.as_str()]), &lab);
        // And they are on the nodes.
        let hosts = Hosts::of(&lab.spec, &lab.members);
        for group in &lab.spec.groups {
            let text = bundle(&lab.spec, group, &configuration, &hosts, "salt");
            let units = configuration.groups[&group.name].units.iter().filter(|unit| unit.framework == own);
            for unit in units {
                writeln!(told_of_all, "{}: {} {}", group.name, unit.name, unit.exec.join(" ")).unwrap();
                assert!(text.to_json().contains(&unit.name));
            }
        }
        told_of_all.push('\n');
    }
    snapshot!("first-form", told_of_all);
}
