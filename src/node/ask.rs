//! A question to what runs on a node: a program for its Python, which is sent when somebody asks and kept nowhere, so that
//! no node's configuration changes with it.

use serde_json::json;

/// The program, without the question.
const PROGRAM: &str = include_str!("ask.py");

/// The program that asks these addresses and these units, each at most so many seconds.
pub fn question(urls: &[String], units: &[String], patience_seconds: u32) -> String {
    let question = json!({"urls": urls, "units": units, "patience": patience_seconds}).to_string();
    // A string of JSON is a string of Python.
    let literal = serde_json::Value::String(question).to_string();
    format!("{PROGRAM}\n\nprint(json.dumps(ask(json.loads({literal}))))\n")
}
