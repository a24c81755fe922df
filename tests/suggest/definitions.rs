//! Every sheet of answers ends with a definition that validates and plans without a cloud.

use disco::project::{Operation, Place, Project, Request};
use disco::source::Severity;
use disco::suggest::suggest;

use super::sheets::{count, sheet};
use crate::support::snapshot;

fn project(folder: &std::path::Path) -> Project {
    Project::new(Request {
        directory: folder.to_owned(),
        home: None,
        user: "tester".to_owned(),
        host: "here".to_owned(),
        environment: Vec::new(),
        variables: Vec::new(),
        verbose: false,
        lock_timeout: std::time::Duration::from_secs(5),
        program: None,
        clouds: disco::project::CloudAccess::OwnMachine,
    })
}

#[tokio::test]
async fn every_sheet_ends_with_a_definition_that_plans() {
    let empty = tempfile::tempdir().unwrap();
    let asked = project(empty.path());
    let (on, _) = asked.suggestible(Some(&Place::Simulated)).await.unwrap();
    for seed in 0..count(25) {
        let sheet = sheet(seed);
        let result = suggest(&sheet, &on.catalogue, &on.facts);
        let first = result.first().unwrap();
        let (text, diagnostics) = asked.suggested_definition(&result, first, &on, "suggested", None).unwrap();
        let errors: Vec<_> = diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "sheet {seed}:\n{}\n{text}\n{errors:#?}", sheet.text());
        let folder = tempfile::tempdir().unwrap();
        let there = project(folder.path());
        there.write_suggested(std::path::Path::new(""), "suggested", &text).unwrap();
        let session = there.open_offline(Operation::Plan).await.unwrap();
        let planned = session.plan(false).unwrap_or_else(|failure| panic!("sheet {seed}:\n{text}\n{failure:#?}"));
        assert!(planned.plan.has_changes());
    }
}

#[tokio::test]
async fn a_definition_tells_its_reasons() {
    let empty = tempfile::tempdir().unwrap();
    let asked = project(empty.path());
    let (on, _) = asked.suggestible(None).await.unwrap();
    for (name, text) in [
        (
            "fraud",
            "work = [\"stream\"]\nanswer = \"10ms\"\nrate = { events = 40000, bytes = 500 }\nloss = { events = \"exactly-once\" }",
        ),
        (
            "warehouse",
            "work = [\"batch\", \"sql\"]\nvolume = { now = \"20 TB\", growth = \"50 %\" }\nhome = \"cluster\"\nlife = \"always\"\n\
             run = { data = \"20 TB\", within = \"1 h\" }\nlanguages = [\"sql\", \"python\"]",
        ),
        ("small", "work = [\"sql\"]\nvolume = { now = \"50 GB\" }\nlanguages = [\"sql\"]"),
        ("impossible", "work = [\"lookup\"]\nvolume = { now = \"5 TB\" }\nhardware = { gpu = true }"),
    ] {
        let result = suggest(&super::answers(text), &on.catalogue, &on.facts);
        let first = result.first().unwrap();
        let (definition, _) = asked.suggested_definition(&result, first, &on, "suggested", None).unwrap();
        snapshot!(format!("definition_{name}"), definition);
        snapshot!(format!("told_{name}"), disco::report::suggestions(&result, 110));
    }
}
