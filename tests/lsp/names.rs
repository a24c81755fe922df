//! Where names are declared and used, and giving them other names.

use serde_json::{Value as Json, json};

use super::client::{Client, position};
use crate::support::TestProject;

const MAIN: &str = "\
locals {
  prefix = \"é🙂-${var.size}\"
}

cluster \"lab\" {
  image = \"debian-12\"
  network { cidr = \"10.20.0.0/24\" }
  master { flavor = \"m1.medium\" }
  slaves \"stores\" {
    count  = [for size in [1] : size + var.size][0]
    flavor = \"m1.medium\"
  }
}

output \"a\" {
  value = \"é🙂${var[\"size\"]}${local.prefix} ${cluster.lab.stores[0].address}\"
}
";

const VARIABLES: &str = "\
variable \"size\" {
  type    = number
  default = 1
  validation {
    condition     = var.size > 0
    error_message = \"must be positive, not ${var.size}\"
  }
}
";

fn project() -> TestProject {
    let project = TestProject::with(MAIN);
    project.write("variables.disco.hcl", VARIABLES);
    project.write("disco.vars.hcl", "size = 2\n");
    project
}

/// The text with all edits of a file done.
fn edited(text: &str, edits: &Json) -> String {
    let mut edits: Vec<(usize, usize, String)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let at = |end: &str| {
                let place = &edit["range"][end];
                let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
                let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
                let mut left = place["character"].as_u64().unwrap();
                let mut offset = start;
                for char in text[start..].chars() {
                    if left == 0 {
                        break;
                    }
                    left -= char.len_utf16() as u64;
                    offset += char.len_utf8();
                }
                offset
            };
            (at("start"), at("end"), edit["newText"].as_str().unwrap().to_owned())
        })
        .collect();
    edits.sort();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, &new);
    }
    text
}

fn behind(text: &str, word: &str) -> Json {
    position(&text[..text.find(word).unwrap() + word.len()])
}

#[test]
fn names_lead_to_their_declarations() {
    let project = project();
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", MAIN);
    let variables = client.uri("variables.disco.hcl");
    let main = client.uri("main.disco.hcl");
    for (word, uri, line, character) in [
        ("${var.si", &variables, 0, 10),
        ("var[\"size", &variables, 0, 10),
        ("local.pre", &main, 1, 2),
        ("cluster.la", &main, 4, 9),
        ("cluster.lab.sto", &main, 8, 10),
    ] {
        let answer = client.at_position("main.disco.hcl", "definition", &behind(MAIN, word), &json!({}));
        let place = &answer["result"][0];
        assert_eq!(place["uri"], **uri, "{word}: {answer}");
        assert_eq!(place["range"]["start"], json!({ "line": line, "character": character }), "{word}");
    }
    // What a `for` names is not the variable.
    let answer = client.at_position("main.disco.hcl", "definition", &behind(MAIN, "[1] : siz"), &json!({}));
    assert_eq!(answer["result"], json!([]));
    let uses = json!({ "context": { "includeDeclaration": true } });
    let answer = client.at_position("main.disco.hcl", "references", &behind(MAIN, "${var.si"), &uses);
    assert_eq!(answer["result"].as_array().unwrap().len(), 7, "{answer}");
    let uses = json!({ "context": { "includeDeclaration": false } });
    let answer = client.at_position("main.disco.hcl", "references", &behind(MAIN, "${var.si"), &uses);
    assert_eq!(answer["result"].as_array().unwrap().len(), 6);
    let answer = client.at_position("main.disco.hcl", "documentHighlight", &behind(MAIN, "${var.si"), &json!({}));
    assert_eq!(answer["result"].as_array().unwrap().len(), 3);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_name_changes_in_all_files_or_in_none() {
    let project = project();
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", MAIN);
    let at = || behind(MAIN, "${var.si");
    let answer = client.at_position("main.disco.hcl", "prepareRename", &at(), &json!({}));
    assert_eq!(answer["result"]["placeholder"], "size");
    let answer = client.at_position("main.disco.hcl", "rename", &at(), &json!({ "newName": "größe" }));
    let changes = &answer["result"]["changes"];
    assert_eq!(changes.as_object().unwrap().len(), 3, "{answer}");
    for (name, text) in [("main.disco.hcl", MAIN), ("variables.disco.hcl", VARIABLES), ("disco.vars.hcl", "size = 2\n")]
    {
        project.write(name, &edited(text, &changes[client.uri(name)]));
    }
    let main = project.read("main.disco.hcl");
    assert!(main.contains("é🙂-${var.größe}") && main.contains("é🙂${var[\"größe\"]}"), "{main}");
    assert!(main.contains("for size in [1] : size + var.größe"), "{main}");
    assert_eq!(project.read("disco.vars.hcl"), "größe = 2\n");
    project.disco("validate").ends_with(0);
    assert_eq!(client.end(), 0);
}

#[test]
fn what_would_replace_machines_is_not_renamed() {
    let project = project();
    project.write("more.disco.hcl", "variable \"other\" {}\n");
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", MAIN);
    for (word, new, why) in [
        ("cluster.la", "x", "would destroy it and create a new one"),
        ("slaves \"sto", "x", "would delete them and create new ones"),
        ("image = \"deb", "x", "only variables, local values and outputs"),
        ("${var.si", "other", "is the name of another one"),
        ("${var.si", "a b", "cannot be a name"),
    ] {
        let answer = client.at_position("main.disco.hcl", "rename", &behind(MAIN, word), &json!({ "newName": new }));
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(why), "{word}: {message}");
    }
    let answer = client.at_position("main.disco.hcl", "prepareRename", &behind(MAIN, "cluster.la"), &json!({}));
    assert!(answer["error"]["message"].as_str().unwrap().contains("another one would destroy"), "{answer}");
    client.open("more.disco.hcl", "variable \"other\" {\n");
    let answer = client.at_position("main.disco.hcl", "rename", &behind(MAIN, "${var.si"), &json!({ "newName": "n" }));
    assert!(answer["error"]["message"].as_str().unwrap().contains("`more.disco.hcl` has syntax errors"), "{answer}");
    assert_eq!(client.end(), 0);
}
