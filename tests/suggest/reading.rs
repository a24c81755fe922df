//! Files of answers.

use disco::source::Sources;
use disco::suggest::{Question, read};

use super::answers;

fn complaints(text: &str) -> Vec<(String, Option<String>, String)> {
    let sources = Sources::new();
    let (_, diagnostics) = read(&sources, sources.add("answers.hcl", text));
    diagnostics
        .iter()
        .map(|found| {
            let place = found.span().map(|span| sources.snippet(span)).unwrap_or_default();
            (found.message.clone(), found.help.clone(), place)
        })
        .collect()
}

#[test]
fn json_and_hcl_say_the_same() {
    let hcl =
        answers("work = [\"stream\", \"sql\"]\nvolume = { now = \"2 TB\", growth = \"50 %\" }\npeople = 5\ncode = []");
    let json = answers(
        "{\"work\": [\"stream\", \"sql\"], \"volume\": {\"now\": \"2 TB\", \"growth\": \"50 %\"},\n \"people\": 5, \"code\": []}",
    );
    assert_eq!(hcl, json);
    assert!(answers("work = null").work.is_empty());
}

#[test]
fn mistakes_are_told_at_their_place() {
    let cases = [
        (
            "work = [\"streams\"]",
            "`work` is `streams`, expected some of batch, sql",
            "did you mean `stream`?",
            "[\"streams\"]",
        ),
        ("wrk = [\"stream\"]", "there is no question `wrk`", "did you mean `work`?", "wrk"),
        ("volume = \"2 TB\"", "`volume` must be an object", "write `volume = { now = … }`", "\"2 TB\""),
        ("volume = { now = 2 }", "`volume.now` is `2`, expected an amount such as 500 GB", "", "2"),
        ("volume = { growth = \"5 %\" }", "`volume` has no `now`: data now", "add `now = …`", "{ growth = \"5 %\" }"),
        ("volume = { noww = \"5 TB\" }", "`volume` has no `noww`", "did you mean `now`?", "noww"),
        ("people = -1", "`people` must be a literal: a whole number", "", "-1"),
        ("answer = var.x", "`answer` must be a literal: 10ms, 1s, 1min or hours", "", "var.x"),
        ("matters = [\"fast\", \"few\", \"simple\"]", "expected at most two of them", "", "[\"fast\""),
        ("work {\n}", "a file of answers has no block `work`", "write `work = …`", "work"),
        (
            "run = { data = \"5 TB\", within = \"1 h\", measured_cores = 4 }",
            "`run` has no `measured_data`: data of a run that was measured",
            "add `measured_data = …`",
            "{ data",
        ),
    ];
    for (text, message, help, place) in cases {
        let found = complaints(text);
        let hit = found.iter().any(|(said, helped, at)| {
            said.contains(message) && helped.clone().unwrap_or_default().contains(help) && at.contains(place)
        });
        assert!(hit, "{text}: {found:#?}");
    }
}

#[test]
fn questions_are_skipped_where_they_decide_nothing() {
    let skipped = |text: &str, question: Question| question.skipped(&answers(text), true).is_some();
    for (text, question) in [
        ("work = [\"simulation\", \"tasks\"]", Question::Arrival),
        ("work = [\"transport\"]", Question::Answer),
        ("arrival = \"lies\"", Question::Rate),
        ("work = [\"simulation\"]", Question::Home),
        ("home = \"object\"", Question::Files),
        ("work = [\"lookup\"]", Question::Run),
        ("work = [\"batch\"]", Question::Hardware),
    ] {
        assert!(skipped(text, question), "{text}: {}", question.name());
        assert!(!skipped("work = [\"ml\"]\nhome = \"cluster\"", question), "{}", question.name());
    }
    // What is skipped does not count.
    let result = super::suggested("work = [\"batch\"]\nhome = \"object\"\nfiles = \"1 MB\"");
    assert_eq!(result.unused.len(), 1);
    assert!(result.answers.files.is_none());
}
