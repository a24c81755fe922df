//! DISCO's answers beside Terraform's: every row of every table in `terraform/`, values and types to the letter.
//!
//! `terraform/answers.py` writes the tables and tells their form. Terraform itself is not needed here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use disco::expression::{FileReader, Kind, Scope, Type, Value, functions, type_of};
use disco::source::{Diagnostics, Sources};
use disco::syntax::parse;

use crate::support::snapshot;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expression/terraform")
}

/// An expression, what Terraform answers, and what DISCO answers where that differs.
struct Row {
    line: usize,
    expression: String,
    terraform: String,
    disco: Option<String>,
}

impl Row {
    fn wanted(&self) -> &str {
        self.disco.as_deref().unwrap_or(&self.terraform)
    }
}

/// Tables by name.
fn tables() -> BTreeMap<String, Vec<Row>> {
    let mut tables = BTreeMap::new();
    for entry in fs::read_dir(folder()).expect("tables") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "txt") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            tables.insert(name, rows(&fs::read_to_string(&path).expect("a table")));
        }
    }
    tables
}

fn rows(text: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut begun: Vec<&str> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("= ") || line.starts_with("! ") {
            let expression = begun.join("\n");
            rows.push(Row { line: index + 1 - begun.len(), expression, terraform: line.to_owned(), disco: None });
            begun.clear();
        } else if let Some(answer) = line.strip_prefix("~ ") {
            rows.last_mut().expect("a row").disco = Some(answer.to_owned());
        } else if !(begun.is_empty() && (line.is_empty() || line.starts_with('#'))) {
            begun.push(line);
        }
    }
    rows
}

/// The files beside the tables.
struct Files;

impl FileReader for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(folder().join(path)).map_err(|_| format!("file {path} does not exist"))
    }

    fn exists(&self, path: &str) -> Result<bool, String> {
        let there = folder().join(path);
        if there.is_dir() { Err(format!("{path} is a folder, not a file")) } else { Ok(there.is_file()) }
    }

    fn home(&self) -> Option<String> {
        Some("/home/somebody".to_owned())
    }

    fn folder(&self) -> Option<String> {
        Some("/project".to_owned())
    }

    fn list(&self, path: &str) -> Result<Vec<String>, String> {
        let root = folder().join(path);
        let mut found = Vec::new();
        let mut open = vec![root.clone()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(&next).map_err(|_| format!("folder {path} does not exist"))? {
                let entry = entry.map_err(|fault| fault.to_string())?.path();
                if entry.is_dir() {
                    open.push(entry);
                } else if let Ok(inside) = entry.strip_prefix(&root) {
                    found.push(inside.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Evaluates an expression where the names of the tables mean something.
fn evaluate(text: &str) -> (Value, Diagnostics, Sources) {
    let sources = Sources::new();
    let (value, found) = {
        let names = fs::read_to_string(folder().join("names.hcl")).expect("names");
        let id = sources.add("names.hcl", names);
        let (names, found) = parse(&sources, id);
        assert!(found.is_empty(), "{found:?}");
        // as an attribute, so that a heredoc may end where it ends in a file
        let id = sources.add("row", format!("row = {text}\n"));
        let (body, found) = parse(&sources, id);
        let scope = Scope::new(&sources, &Files);
        for attribute in &names.attributes {
            scope.define_lazy("local", &attribute.name.text, &attribute.value);
        }
        let unknown = [
            ("unknown", Type::Any),
            ("unknown_text", Type::String),
            ("unknown_number", Type::Number),
            ("unknown_bool", Type::Bool),
            ("unknown_list", Type::list(Type::String)),
            ("unknown_set", Type::set(Type::String)),
            ("unknown_map", Type::map(Type::String)),
        ];
        for (name, of) in unknown {
            scope.define_entry("local", name, Value::unknown(of));
        }
        scope.define_root("var");
        match body.attributes.first() {
            Some(row) if !found.has_errors() => (scope.evaluate(&row.value), scope.take_diagnostics()),
            _ => (Value::failed(), found),
        }
    };
    (value, found, sources)
}

/// A value as the tables write it.
fn shown(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(",");
    let text = |text: &str| serde_json::to_string(text).expect("a string");
    match value.kind() {
        Kind::Null(_) => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::String(string) => text(string),
        Kind::Unknown(_) => "unknown".to_owned(),
        Kind::Failed => "failed".to_owned(),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}:{}", text(key), shown(value)));
            format!("{{{}}}", joined(entries.collect()))
        }
        _ => format!("[{}]", joined(value.elements().unwrap_or_default().into_iter().map(shown).collect())),
    }
}

fn answer(text: &str) -> String {
    let (value, found, _) = evaluate(text);
    if found.has_errors() || value.contains_failed() {
        return "!".to_owned();
    }
    format!("= {} : {}", shown(&value), type_of(&value))
}

#[test]
fn every_answer_is_the_one_in_the_table() {
    let mut wrong = String::new();
    for (name, rows) in tables() {
        for row in rows {
            let (wanted, answer) = (row.wanted(), answer(&row.expression));
            let right = if wanted.starts_with('!') { answer == "!" } else { answer == wanted };
            if !right {
                let _ = writeln!(
                    wrong,
                    "{name}.txt:{}: {}\n  wanted {wanted}\n  found  {answer}",
                    row.line, row.expression
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers differ:\n{wrong}", wrong.matches("\n  wanted").count());
}

/// What is wrong, where, and the way out, each complaint in one line.
fn told(text: &str) -> String {
    let (_, found, sources) = evaluate(text);
    let mut lines = Vec::new();
    for complaint in &found {
        let place = complaint.span().map(|span| sources.snippet(span)).unwrap_or_default();
        let help = complaint.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        lines.push(format!("`{}` {}{help}", one_line(&place), complaint.message));
    }
    lines.join("\n            ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn mistakes_are_told_as_well_as_terraform_tells_them() {
    for (name, rows) in tables() {
        let mut drawn = String::new();
        for row in rows.iter().filter(|row| row.wanted().starts_with('!')) {
            let terraform = row.terraform.strip_prefix("! ").unwrap_or("no mistake");
            let _ = write!(
                drawn,
                "> {}\nTerraform:  {terraform}\nDISCO:      {}\n\n",
                row.expression,
                told(&row.expression)
            );
        }
        snapshot!(format!("terraform-{name}"), drawn.trim_end());
    }
}

/// Functions that are left out on purpose.
const LEFT_OUT: [&str; 5] = ["bcrypt", "plantimestamp", "rsadecrypt", "timestamp", "uuid"];

/// Functions that Terraform does not have, or only in its console.
const BEYOND: [&str; 2] = ["setsymmetricdifference", "type"];

#[test]
fn every_function_of_terraform_is_there_and_held_to_it() {
    let text = fs::read_to_string(folder().join("functions.json")).expect("functions");
    let theirs: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let ours: Vec<&str> = functions::all().map(|function| function.name).chain(["can", "try"]).collect();
    for name in &ours {
        assert!(theirs.contains_key(*name) != BEYOND.contains(name), "{name} is not Terraform's");
    }
    let rows: Vec<Row> = tables().into_values().flatten().collect();
    for (name, signature) in &theirs {
        if LEFT_OUT.contains(&name.as_str()) {
            let why = told(&format!("{name}()"));
            assert!(why.starts_with(&format!("`{name}` function `{name}` does not exist: ")), "{why}");
            continue;
        }
        assert!(ours.contains(&name.as_str()), "{name} is missing");
        let call = format!("{name}(");
        let with: Vec<&Row> = rows.iter().filter(|row| calls(&row.expression, &call)).collect();
        let mistakes = with.iter().filter(|row| row.terraform.starts_with('!')).count();
        assert!(with.len() >= 5 && mistakes >= 1, "{name} has {} rows, {mistakes} of them mistakes", with.len());
        if let Some(function) = functions::all().find(|function| function.name == name) {
            let parameters = signature["parameters"].as_array().expect("parameters").len();
            let most = if function.variadic.is_some() { usize::MAX } else { function.parameters.len() };
            let theirs_most = if signature["variadic"].is_null() { parameters } else { usize::MAX };
            // `lookup` says itself that it takes at most one more
            assert!(most == theirs_most || name == "lookup", "{name} takes another number of arguments");
        }
    }
}

/// Whether an expression has that call, and not one of a function whose name only ends so.
fn calls(expression: &str, call: &str) -> bool {
    expression
        .match_indices(call)
        .any(|(at, _)| !expression[..at].ends_with(|before: char| before.is_ascii_alphanumeric()))
}
