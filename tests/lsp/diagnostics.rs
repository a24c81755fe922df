//! What is wrong is told while it is typed, file by file.

use serde_json::json;

use super::client::Client;
use crate::support::{LAB, TestProject};

#[test]
fn mistakes_appear_and_vanish_with_the_text_that_is_open() {
    let project = TestProject::with(LAB);
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", LAB);
    let broken = LAB.replacen("flavor", "flavour", 1);
    let clean = client.found("main.disco.hcl");
    assert!(clean.iter().all(|one| one["severity"] == 2), "{clean:#?}");
    client.write("main.disco.hcl", &broken);
    let found = client.found("main.disco.hcl");
    let wrong = found.iter().find(|one| one["code"] == "disco::unknown_attribute").unwrap();
    assert_eq!((&wrong["severity"], &wrong["source"]), (&json!(1), &json!("disco")));
    assert!(wrong["message"].as_str().unwrap().contains("help: did you mean `flavor`?"), "{wrong}");
    let line = broken.lines().position(|line| line.contains("flavour")).unwrap();
    let column = broken.lines().nth(line).unwrap().find("flavour").unwrap();
    assert_eq!(wrong["range"]["start"], json!({ "line": line, "character": column }));
    assert_eq!(wrong["range"]["end"]["character"], column + "flavour".len());
    client.write("main.disco.hcl", LAB);
    assert_eq!(client.found("main.disco.hcl"), clean, "mended without being saved");
    assert_eq!(project.read("main.disco.hcl"), LAB);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_change_is_told_without_being_asked_for() {
    let project = TestProject::with(LAB);
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", "locals {\n  a = local.b\n}\n");
    while client.diagnostics.is_empty() {
        client.next();
    }
    let uri = client.uri("main.disco.hcl");
    assert_eq!(client.diagnostics[&uri][0]["code"], "disco::unknown_name");
    assert_eq!(client.end(), 0);
}

/// The same codes in the same lines as `disco validate` finds.
#[test]
fn all_files_of_the_folder_are_looked_at() {
    let project = TestProject::with("output \"a\" {\n  value = \"${var.é}${nope()}\"\n}\n");
    project.write("variables.disco.hcl", "variable \"é\" {\n  type = number\n}\nvariable \"é\" {}\n");
    project.write("disco.vars.hcl", "é = \"many\"\nother = 1\n");
    let json: serde_json::Value = serde_json::from_str(&project.disco("validate --json").stdout).unwrap();
    let mut expected: Vec<(String, String, u64)> = Vec::new();
    for one in json["diagnostics"].as_array().unwrap() {
        let place = &one["range"];
        expected.push((
            place["filename"].as_str().unwrap().to_owned(),
            one["code"].as_str().unwrap().to_owned(),
            place["start"]["line"].as_u64().unwrap() - 1,
        ));
    }
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", &project.read("main.disco.hcl"));
    client.found("main.disco.hcl");
    let mut told = Vec::new();
    for (uri, found) in &client.diagnostics {
        for one in found.as_array().unwrap() {
            told.push((
                uri.rsplit('/').next().unwrap().to_owned(),
                one["code"].as_str().unwrap().to_owned(),
                one["range"]["start"]["line"].as_u64().unwrap(),
            ));
        }
    }
    expected.sort();
    told.sort();
    assert_eq!(told, expected);
    assert!(told.len() >= 4 && told.iter().any(|(file, ..)| file == "disco.vars.hcl"), "{told:?}");
    let twice = &client.diagnostics[&client.uri("variables.disco.hcl")];
    let twice = twice.as_array().unwrap().iter().find(|one| one["code"] == "disco::duplicate_name").unwrap();
    let related = &twice["relatedInformation"][0];
    assert_eq!(related["message"], "the first one");
    assert_eq!(related["location"]["range"]["start"]["line"], 0);
    // The last text of the folder is closed: nothing is told of it any more.
    client.tell("textDocument/didClose", &json!({ "textDocument": { "uri": client.uri("main.disco.hcl") } }));
    client.answer("nothing", &json!({}));
    assert!(client.diagnostics.values().all(|found| found == &json!([])), "{:#?}", client.diagnostics);
    assert_eq!(client.end(), 0);
}

#[test]
fn texts_that_are_in_no_file_yet_count() {
    let project = TestProject::with("output \"a\" {\n  value = var.x\n}\n");
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", &project.read("main.disco.hcl"));
    assert_eq!(client.found("main.disco.hcl")[0]["code"], "disco::unknown_name");
    client.open("new.disco.hcl", "variable \"x\" {}\n");
    assert!(client.found("main.disco.hcl").iter().all(|one| one["severity"] == 2));
    client.open("lab.auto.vars.hcl", "y = 1\n");
    assert_eq!(client.found("lab.auto.vars.hcl")[0]["code"], "disco::undeclared_variable");
    // A file that only `--var-file` names is looked at for its syntax.
    client.open("other.vars.hcl", "y = [1\n");
    assert_eq!(client.found("other.vars.hcl")[0]["code"], "disco::not_closed");
    assert_eq!(client.end(), 0);
}

/// Nothing that is typed on the way to a definition stops the server.
#[test]
fn every_beginning_of_a_definition_is_borne() {
    let project = TestProject::with(LAB);
    let mut client = Client::start(&project);
    let text = format!("{LAB}\nlocals {{\n  ü = \"🙂${{upper(var.slaves)}}\" # é\n  h = <<-EOT\n    a ${{1\n");
    client.open("main.disco.hcl", "");
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(7).chain([text.len()]).collect();
    for end in ends {
        client.write("main.disco.hcl", &text[..end]);
        let position = super::client::position(&text[..end]);
        for method in ["completion", "hover", "definition", "documentSymbol", "formatting"] {
            let answer = client.at_position("main.disco.hcl", method, &position, &json!({}));
            assert!(answer.get("error").is_none(), "{method} after {}: {answer}", &text[..end]);
        }
    }
    client.write("main.disco.hcl", LAB);
    assert!(client.found("main.disco.hcl").iter().all(|one| one["severity"] == 2));
    assert_eq!(client.end(), 0);
}

#[test]
fn a_project_that_cannot_be_read_is_told_at_the_top() {
    let project = TestProject::with("");
    std::fs::remove_file(project.file("main.disco.hcl")).unwrap();
    project.write("disco.vars.hcl", "x = 1\n");
    let mut client = Client::start(&project);
    client.open("disco.vars.hcl", "x = 1\n");
    let found = client.found("disco.vars.hcl");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 0, "character": 0 }));
    assert!(found[0]["message"].as_str().unwrap().contains("definition"), "{found:?}");
    assert_eq!(client.end(), 0);
}
