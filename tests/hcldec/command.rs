//! The command line of the example: what no case can show.

use std::fs;

use super::decoder::{Outcome, run};

fn hcldec(arguments: &[&str], stdin: &str) -> Outcome {
    let arguments: Vec<String> = ["hcldec"].iter().chain(arguments).map(|argument| (*argument).to_owned()).collect();
    run(&arguments, &mut stdin.as_bytes())
}

/// A folder with a specification that takes one attribute, and its path.
fn specification() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.hcldec");
    fs::write(&file, "attr {\n  name = \"a\"\n}\n").unwrap();
    let file = file.display().to_string();
    (folder, file)
}

#[test]
fn without_an_input_stdin_is_read() {
    let (_folder, spec) = specification();
    let outcome = hcldec(&["-s", &spec], "a = [1, null]");
    assert_eq!((outcome.code, outcome.out.as_str(), outcome.err.as_str()), (0, "[1,null]\n", ""));
    let outcome = hcldec(&["--spec", &spec, "--diags", "json"], "a =\n");
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    assert!(outcome.err.contains("\"filename\": \"<stdin>\""), "{}", outcome.err);
}

#[test]
fn the_result_goes_into_a_file_where_asked() {
    let (folder, spec) = specification();
    let out = folder.path().join("out.json");
    let outcome = hcldec(&[&format!("-s{spec}"), "-o", &out.display().to_string()], "a = \"x\"\n");
    assert_eq!((outcome.code, outcome.out.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(&out).unwrap(), "\"x\"\n");
    let nowhere = folder.path().join("no/such/folder");
    let outcome = hcldec(&["--spec", &spec, "--out", &nowhere.display().to_string()], "a = \"x\"\n");
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.starts_with("Error: can't open "), "{}", outcome.err);
}

#[test]
fn complaints_are_drawn_where_nobody_asks_for_json() {
    let (_folder, spec) = specification();
    let outcome = hcldec(&["--spec", &spec], "a = 1 +\nb = 2\n");
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    crate::support::snapshot!("drawn", outcome.err);
}

#[test]
fn a_text_in_json_is_drawn_with_the_line_that_it_stands_in() {
    let (folder, spec) = specification();
    let input = folder.path().join("a.hcl.json");
    fs::write(&input, "{\n  \"a\": \"é ${b}\"\n}\n").unwrap();
    let outcome = hcldec(&["--spec", &spec, "--vars={\"c\": 1}", &input.display().to_string()], "");
    assert!(outcome.err.contains("a.hcl.json, the text in line 2:1:5]"), "{}", outcome.err);
}

#[test]
fn what_is_no_text_is_refused() {
    let (folder, spec) = specification();
    let input = folder.path().join("a.hcl");
    fs::write(&input, b"# \xc3\xa9\na = \"\xff\"\n").unwrap();
    let outcome = hcldec(&["--spec", &spec, "--diags=json", &input.display().to_string()], "");
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("\"line\": 2") && outcome.err.contains("not UTF-8"), "{}", outcome.err);
}

#[test]
fn usage_ends_with_two_and_a_missing_specification_with_one() {
    let outcome = hcldec(&[], "");
    assert_eq!((outcome.code, outcome.err.as_str()), (1, "Error: the --spec=... argument is required\n\n"));
    let outcome = hcldec(&["--no-such-option"], "");
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    let outcome = hcldec(&["--diags=yaml"], "");
    assert_eq!(outcome.code, 2);
    let outcome = hcldec(&["-v"], "");
    assert_eq!((outcome.code, outcome.out), (0, format!("hcldec {}\n", env!("CARGO_PKG_VERSION"))));
    let outcome = hcldec(&["--help"], "");
    assert_eq!(outcome.code, 0);
    assert!(outcome.out.contains("--var-refs") && outcome.out.contains("--vars"), "{}", outcome.out);
}
