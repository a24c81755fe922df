//! A question to what runs on a node: a program for its Python, which is sent when somebody asks and kept nowhere, so that
//! no node's configuration changes with it.

use serde_json::{Value as Json, json};

use crate::catalogue::Asked;

/// The program, without the question.
const PROGRAM: &str = include_str!("ask.py");

/// The program that asks these addresses, commands and units, each at most so many seconds, commands longer.
pub fn question(asked: &[&Asked], units: &[String], patience_seconds: u32, command_seconds: u32) -> String {
    let urls = asked.iter().filter_map(|one| match one {
        Asked::Address(url) => Some(url),
        Asked::Command(_) => None,
    });
    let commands = asked.iter().filter_map(|one| match one {
        Asked::Address(_) => None,
        Asked::Command(of) => {
            Some(json!({"key": one.key(), "command": of.command, "user": of.user, "pattern": of.pattern}))
        }
    });
    let (urls, commands): (Vec<&String>, Vec<Json>) = (urls.collect(), commands.collect());
    let question = json!({
        "urls": urls,
        "commands": commands,
        "units": units,
        "patience": patience_seconds,
        "command_patience": command_seconds,
    });
    // A string of JSON is a string of Python.
    let literal = Json::String(question.to_string()).to_string();
    format!("{PROGRAM}\n\nprint(json.dumps(ask(json.loads({literal}))))\n")
}
