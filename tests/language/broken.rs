//! Every definition in `tests/broken/` is refused with a place and a way out, and with all its mistakes at once.
#![expect(clippy::disallowed_methods, reason = "the definitions lie in a folder of the tests")]
#![expect(clippy::expect_used, reason = "a test may fail where its files cannot be read")]

use std::collections::BTreeMap;
use std::path::Path;

use disco::catalogue::Catalogue;
use disco::expression::NoFiles;
use disco::language::{self, VariableInputs};
use disco::source::{Severity, Sources};

use super::project::Project;
use crate::support::{evaluated, snapshot};

fn definitions() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut all: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the folder of broken definitions")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".disco.hcl"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().trim_end_matches(".disco.hcl").to_owned();
            (name, std::fs::read_to_string(&path).expect("a string"))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn every_broken_definition_is_explained() {
    let all = definitions();
    assert!(all.len() >= 40, "only {} broken definitions", all.len());
    let mut faults = Vec::new();
    for (name, text) in &all {
        let file = format!("{name}.disco.hcl");
        let project = Project::read(&[(&file, text)], &[], |_| VariableInputs::default());
        let found = project.evaluate().1;
        if !found.has_errors() {
            faults.push(format!("{name}: nothing wrong was found"));
        }
        for one in found.iter().filter(|one| one.severity == Severity::Error) {
            if one.labels.is_empty() {
                faults.push(format!("{name}: no place: {}", one.message));
            }
            if one.help.as_ref().is_none_or(|help| help.trim().is_empty()) {
                faults.push(format!("{name}: no way out: {}", one.message));
            }
            if !one.code.starts_with("disco::") || one.message.is_empty() || one.message.ends_with('.') {
                faults.push(format!("{name}: not in our style: {} {}", one.code, one.message));
            }
        }
        let drawn = project.drawn(&found);
        for secret in ["correct horse", "c2VjcmV0"] {
            if drawn.contains(secret) {
                faults.push(format!("{name}: shows a secret"));
            }
        }
        snapshot!(format!("broken-{name}"), drawn);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn definitions_cut_off_anywhere_do_not_break_anything() {
    let sources = Sources::new();
    let catalogue = Catalogue::default();
    for (name, text) in definitions() {
        for (end, _) in text.char_indices().step_by(11) {
            let (body, mut found) = disco::syntax::parse(&sources, sources.add(name.as_str(), &text[..end]));
            let (definition, problems) = language::read(&sources, vec![body], &VariableInputs::default());
            found.extend(problems);
            found.extend(definition.settings(&sources, &NoFiles).1);
            found.extend(evaluated(&definition, &catalogue, &BTreeMap::new(), &sources, &NoFiles).1);
            for label in found.iter().flat_map(|found| &found.labels) {
                sources.locate(label.span);
            }
        }
    }
}
