//! Where values of variables come from, and which of them counts.

use std::collections::BTreeMap;

use disco::language::{CommandLineVariable, VariableInputs};
use disco::source::Sources;

use super::project::Project;

const DEFINITION: &str = r#"
variable "slaves" {
  type    = number
  default = 1
}
variable "office" {
  type    = list(string)
  default = []
}
variable "loose" { default = null }
output "slaves" { value = var.slaves }
output "office" { value = join(",", var.office) }
output "loose" { value = var.loose }
"#;

fn project(inputs: impl FnOnce(&Sources) -> VariableInputs) -> Project {
    Project::read(&[("main.disco.hcl", DEFINITION)], &[], inputs)
}

fn environment(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned()), ("HOME".to_owned(), "/root".to_owned())]
}

fn assignment(text: &str) -> CommandLineVariable {
    CommandLineVariable::Assignment(text.to_owned())
}

/// The value of an output, as text.
fn output(project: &Project, name: &str) -> String {
    let (spec, found) = project.evaluate();
    assert!(found.is_empty(), "{}", project.drawn(&found));
    let none = BTreeMap::new();
    let (outputs, found) =
        project.definition.outputs(&spec, &none, &BTreeMap::new(), &BTreeMap::new(), &project.sources, &project.files);
    assert!(found.is_empty(), "{}", project.drawn(&found));
    let output = outputs.into_iter().find(|output| output.name == name);
    output.map_or_else(String::new, |output| disco::expression::found(&output.value))
}

#[test]
fn later_sources_win() {
    let file = |sources: &Sources, text: &str| sources.add("some.vars.hcl", text);
    assert_eq!(output(&project(|_| VariableInputs::default()), "slaves"), "number 1");
    let weakest =
        project(|_| VariableInputs { environment: environment("DISCO_VAR_slaves", "2"), ..Default::default() });
    assert_eq!(output(&weakest, "slaves"), "number 2");
    let files = project(|sources| VariableInputs {
        environment: environment("DISCO_VAR_slaves", "2"),
        files: vec![file(sources, "slaves = 3"), file(sources, "slaves = 4")],
        ..Default::default()
    });
    assert_eq!(output(&files, "slaves"), "number 4");
    let all = |last: &[&str], file_last: bool| {
        let last: Vec<_> = last.iter().map(|text| assignment(text)).collect();
        project(move |sources| {
            let mut command_line = last;
            let at = if file_last { command_line.len() } else { 0 };
            command_line.insert(at, CommandLineVariable::File(file(sources, "slaves = 9")));
            VariableInputs {
                environment: environment("DISCO_VAR_slaves", "2"),
                files: vec![file(sources, "slaves = 3")],
                command_line,
                ..VariableInputs::default()
            }
        })
    };
    assert_eq!(output(&all(&["slaves=5", "slaves=6"], false), "slaves"), "number 6");
    assert_eq!(output(&all(&["slaves=5", "slaves=6"], true), "slaves"), "number 9");
}

#[test]
fn texts_of_the_command_line_are_expressions_only_where_the_type_says_so() {
    let given = |text: &str| {
        let text = text.to_owned();
        project(|_| VariableInputs { command_line: vec![assignment(&text)], ..Default::default() })
    };
    assert_eq!(output(&given(r#"office=["a", "b"]"#), "office"), r#"string "a,b""#);
    assert_eq!(output(&given("loose=[1]"), "loose"), r#"string "[1]""#);
    assert_eq!(output(&given("loose=a=b"), "loose"), r#"string "a=b""#);
    assert_eq!(
        given("slaves=many").messages(),
        ["disco::wrong_type variable `slaves`: expected number, found string \"many\""]
    );
    assert_eq!(given("office=[oops").messages().len(), 1);
    assert_eq!(given("office=[var.slaves]").messages().len(), 1);
    assert_eq!(given("slaves").messages(), ["disco::invalid_assignment `--var` needs a name and a value"]);
}

#[test]
fn names_that_are_not_declared_are_refused_wherever_they_come_from() {
    let project = project(|sources| VariableInputs {
        environment: environment("DISCO_VAR_slave", "2"),
        verbose: true,
        files: vec![sources.add("disco.vars.hcl", "ofice = []\nvariable \"x\" {}\n")],
        command_line: vec![assignment("nothing=1")],
        ..VariableInputs::default()
    });
    let (_, found) = project.evaluate();
    let mut helps: Vec<&str> = found.iter().filter_map(|found| found.help.as_deref()).collect();
    helps.sort_unstable();
    assert_eq!(
        helps,
        [
            "declare it in a `.disco.hcl` file; here write `x = …`",
            "declare it with `variable \"nothing\" { … }`, or do not set it",
            "did you mean `office`?",
            "did you mean `slaves`?",
        ]
    );
}

#[test]
fn null_is_the_default_where_null_is_not_allowed() {
    let text = r#"
variable "size" {
  type     = number
  nullable = false
  default  = 7
}
variable "must" {
  type     = number
  nullable = false
}
output "size" { value = var.size }
"#;
    let project = Project::read(&[("main.disco.hcl", text)], &[], |sources| VariableInputs {
        files: vec![sources.add("disco.vars.hcl", "size = null\nmust = 1")],
        ..Default::default()
    });
    assert_eq!(output(&project, "size"), "number 7");
    let project = Project::read(&[("main.disco.hcl", text)], &[], |sources| VariableInputs {
        files: vec![sources.add("disco.vars.hcl", "must = null")],
        ..Default::default()
    });
    assert_eq!(project.messages(), ["disco::null_value variable `must` cannot be `null`"]);
}

#[test]
fn secrets_are_not_shown_whatever_is_wrong_with_them() {
    let text = r#"
variable "password" {
  type      = object({ text = string, length = number })
  sensitive = true
  validation {
    condition     = var.password.length > 1000
    error_message = "not ${var.password.text}"
  }
}
variable "pin" {
  type      = number
  sensitive = true
}
output "password" { value = var.password.text }
"#;
    let file = "password = { text = \"hunter2\", length = 3 }\npin = \"hunter2\"\n";
    let of_file = Project::read(&[("main.disco.hcl", text)], &[], |sources| VariableInputs {
        files: vec![sources.add("disco.vars.hcl", file)],
        ..Default::default()
    });
    let of_command_line = Project::read(&[("main.disco.hcl", text)], &[], |_| VariableInputs {
        environment: environment("DISCO_VAR_pin", "hunter2"),
        command_line: vec![assignment("password={ text = \"hunter2\", length = \"hunter2\" }")],
        ..Default::default()
    });
    for project in [of_file, of_command_line] {
        let (_, found) = project.evaluate();
        assert!(found.len() >= 2, "{}", project.drawn(&found));
        let drawn = project.drawn(&found);
        assert!(!drawn.contains("hunter2"), "{drawn}");
    }
}
