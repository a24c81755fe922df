//! The protocol itself: beginning and end, changes in pieces, and what no server should fall over.

use serde_json::{Value as Json, json};

use super::client::{Client, position};
use crate::support::{LAB, TestProject};

#[test]
fn a_server_says_what_it_can_do_and_ends_as_it_is_told() {
    let project = TestProject::with(LAB);
    let mut client = Client::silent(&project, "");
    let early = client.answer("textDocument/hover", &json!({}));
    assert_eq!(early["error"]["code"], -32002);
    let encodings = json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } });
    let welcome = client.initialize(&encodings);
    assert_eq!(welcome["capabilities"]["positionEncoding"], "utf-8");
    assert_eq!(welcome["serverInfo"]["name"], "disco");
    client.open("main.disco.hcl", "");
    let marked = "locals { a = \"é🙂\", b = 1 }\n";
    client.write("main.disco.hcl", marked);
    let found = client.found("main.disco.hcl");
    assert_eq!(found[0]["range"]["start"]["character"], marked.find(',').unwrap(), "bytes: {found:?}");
    assert_eq!(client.answer("initialize", &json!({}))["error"]["code"], -32600);
    client.ask("shutdown", &Json::Null);
    assert_eq!(client.answer("textDocument/hover", &json!({}))["error"]["code"], -32600);
    client.tell("exit", &Json::Null);
    assert_eq!(client.code(), 0);

    let mut rude = Client::start(&project);
    rude.tell("exit", &Json::Null);
    assert_eq!(rude.code(), 1, "exit without shutdown");
    assert_eq!(Client::start(&project).code(), 1, "its input ends");
    let mut gone = Client::start(&project);
    gone.ask("shutdown", &Json::Null);
    assert_eq!(gone.code(), 0, "its input ends after shutdown");
}

#[test]
fn what_is_no_request_is_answered_and_forgotten() {
    let project = TestProject::with(LAB);
    let mut client = Client::start(&project);
    let mut refused = |bytes: &[u8], code: i32| {
        client.raw(bytes);
        loop {
            let message = client.next();
            if message.get("error").is_some() {
                assert_eq!((&message["id"], &message["error"]["code"]), (&Json::Null, &json!(code)), "{message}");
                break;
            }
        }
    };
    refused(b"Content-Length: 5\r\n\r\n{nope", -32700);
    refused(b"Content-Length: 2\r\n\r\n\xff\xfe", -32700);
    refused(b"Hello\r\n\r\n", -32700);
    refused(b"Content-Length: 2\r\n\r\n[]", -32600);
    refused(b"Content-Length: 16\r\n\r\n{\"id\":{},\"a\":1} ", -32600);
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    refused(format!("Content-Length: {}\r\n\r\n{deep}", deep.len()).as_bytes(), -32700);
    for (method, params, code) in [
        ("workspace/frobnicate", json!({}), -32601),
        ("textDocument/hover", json!({}), -32602),
        ("textDocument/hover", json!([1, 2]), -32602),
        ("textDocument/hover", json!({ "textDocument": { "uri": "file:///nowhere" }, "position": null }), -32602),
        ("textDocument/rename", json!({ "textDocument": 3 }), -32602),
    ] {
        let answer = client.answer(method, &params);
        assert_eq!(answer["error"]["code"], code, "{method}: {answer}");
    }
    client.tell("textDocument/didChange", &json!({ "textDocument": { "uri": "file:///nowhere" } }));
    client.tell("textDocument/didOpen", &json!("nonsense"));
    client.tell("$/setTrace", &json!({ "value": "off" }));
    client.open("main.disco.hcl", LAB);
    let beyond = json!({ "line": 4_000_000, "character": 4_000_000 });
    assert_eq!(client.at_position("main.disco.hcl", "hover", &beyond, &json!({}))["result"], Json::Null);
    assert_eq!(client.end(), 0);
}

#[test]
fn requests_that_were_taken_back_are_answered() {
    let project = TestProject::with(LAB);
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", LAB);
    client.found("main.disco.hcl");
    let request = |id: &str| {
        let uri = client.uri("main.disco.hcl");
        let place = json!({ "line": 0, "character": 0 });
        let params = json!({ "textDocument": { "uri": uri }, "position": place });
        json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/hover", "params": params })
    };
    // In one piece, so that all of it has come before the first is answered.
    let messages =
        [request("a"), request("b"), json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": "b" } })];
    let framed: Vec<String> = messages
        .iter()
        .map(|message| {
            let text = message.to_string();
            format!("Content-Length: {}\r\n\r\n{text}", text.len())
        })
        .collect();
    client.raw(framed.concat().as_bytes());
    let mut answers = Vec::new();
    while answers.len() < 2 {
        let message = client.next();
        if message.get("id").is_some() {
            answers.push(message);
        }
    }
    let b = answers.iter().find(|answer| answer["id"] == "b").unwrap();
    let done = b["error"]["code"] == -32800 || b.get("result").is_some();
    assert!(done && answers.iter().any(|answer| answer["id"] == "a"), "{answers:?}");
    assert_eq!(client.end(), 0);
}

#[test]
fn texts_are_changed_in_pieces() {
    let project = TestProject::with(LAB);
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", "locals {\r\n  a = \"é🙂\" + b\r\n}\r\n");
    let uri = client.uri("main.disco.hcl");
    let piece = |start: Json, end: Json, text: &str| json!({ "range": { "start": start, "end": end }, "text": text });
    let at = |line: u32, character: u32| json!({ "line": line, "character": character });
    let changes = json!([
        piece(at(1, 11), at(1, 15), ""),
        piece(at(1, 11), at(1, 11), "\r\n  c = local.a\r\n"),
        piece(at(1, 7), at(1, 10), "${1 + 1}"),
    ]);
    client.tell("textDocument/didChange", &json!({ "textDocument": { "uri": uri }, "contentChanges": changes }));
    let found = client.found("main.disco.hcl");
    assert!(found.iter().all(|one| one["severity"] == 2), "{found:#?}");
    let answer = client.at_position("main.disco.hcl", "hover", &at(2, 3), &json!({}));
    assert!(answer["result"]["contents"]["value"].as_str().unwrap().contains("```\n2\n```"), "{answer}");
    assert_eq!(client.end(), 0);
}

#[test]
fn formatting_is_that_of_fmt() {
    let project = TestProject::with("");
    let mut client = Client::start(&project);
    let text = "# é\nlocals {\na=1\n    bcd   = \"é🙂\"   # x\n}\n\n\nvariable \"x\" {}\n";
    client.open("main.disco.hcl", text);
    let options = json!({ "textDocument": { "uri": client.uri("main.disco.hcl") }, "options": { "tabSize": 8 } });
    let edits = client.ask("textDocument/formatting", &options);
    let edit = &edits[0];
    assert_eq!((&edit["range"]["start"]["line"], &edit["range"]["end"]["line"]), (&json!(2), &json!(4)));
    let laid: String = text.split_inclusive('\n').take(2).collect::<String>()
        + edit["newText"].as_str().unwrap()
        + &text.split_inclusive('\n').skip(4).collect::<String>();
    project.write("main.disco.hcl", text);
    project.disco("fmt").ends_with(0);
    assert_eq!(laid, project.read("main.disco.hcl"));
    client.write("main.disco.hcl", &laid);
    assert_eq!(client.ask("textDocument/formatting", &options), json!([]));
    client.write("main.disco.hcl", "locals {\na=1\n");
    assert_eq!(client.ask("textDocument/formatting", &options), json!([]), "what is broken stays");
    assert_eq!(client.end(), 0);
}

#[test]
fn blocks_are_an_outline() {
    let project = TestProject::with(LAB);
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", "locals {\n  é = 1\n}\ncluster \"lab\" {\n  master {}\n}\n");
    let outline =
        client.ask("textDocument/documentSymbol", &json!({ "textDocument": { "uri": client.uri("main.disco.hcl") } }));
    assert_eq!((&outline[0]["name"], &outline[0]["children"][0]["name"]), (&json!("locals"), &json!("é")));
    assert_eq!((&outline[1]["name"], &outline[1]["children"][0]["name"]), (&json!("cluster lab"), &json!("master")));
    assert_eq!(outline[1]["range"]["end"], json!({ "line": 5, "character": 1 }));
    assert_eq!(client.end(), 0);
}

/// What somebody else writes to the disk is looked at when the client tells of it.
#[test]
fn files_that_change_on_the_disk_count() {
    let project = TestProject::with("output \"a\" {\n  value = var.x\n}\n");
    let mut client = Client::silent(&project, "--var x=7");
    client.initialize(&json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } }));
    let registered = client.next();
    assert_eq!(registered["method"], "client/registerCapability");
    client.send(&json!({ "jsonrpc": "2.0", "id": registered["id"], "result": null }));
    let text = project.read("main.disco.hcl");
    client.open("main.disco.hcl", &text);
    let missing = client.found("main.disco.hcl");
    assert!(missing.iter().any(|one| one["code"] == "disco::unknown_name"), "{missing:#?}");
    project.write("x.disco.hcl", "variable \"x\" {}\n");
    client.tell("workspace/didChangeWatchedFiles", &json!({ "changes": [] }));
    assert!(client.found("main.disco.hcl").is_empty());
    let hover = client.at_position("main.disco.hcl", "hover", &position("output \"a\" {\n  value = var.x"), &json!({}));
    assert!(hover["result"]["contents"]["value"].as_str().unwrap().contains("given by `--var`"), "{hover}");
    assert_eq!(client.end(), 0);
}

/// Texts that belong to no project are formatted and outlined, and nothing is wrong with them.
#[test]
fn texts_outside_of_projects_are_left_alone() {
    let project = TestProject::with(LAB);
    let mut client = Client::start(&project);
    let document = json!({ "uri": "untitled:Untitled-1", "languageId": "hcl", "version": 1, "text": "a=1\n" });
    client.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    client.open("main.tf.hcl", "resource {");
    let untitled =
        json!({ "textDocument": { "uri": "untitled:Untitled-1" }, "position": { "line": 0, "character": 0 } });
    assert_eq!(client.ask("textDocument/hover", &untitled), Json::Null);
    assert_eq!(client.ask("textDocument/formatting", &untitled)[0]["newText"], "a = 1\n");
    assert!(client.diagnostics.is_empty());
    assert_eq!(client.end(), 0);
}
