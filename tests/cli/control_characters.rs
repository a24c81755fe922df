//! What would act on a terminal is written out wherever people read it, and exact where programs do.

use crate::support::TestProject;

const DEFINITION: &str = r##"
variable "word" {
  type    = string
  default = "old"
}

locals {
  text = "# ${jsondecode("\"\\u001b[2J\\u001b[31m\\u009b1m\\u202e\"")}${var.word}\n"
}

cluster "lab" {
  image = "debian-12"
  network { cidr = "10.61.0.0/24" }
  master { flavor = "m1.medium" }
  slaves {
    count  = 1
    flavor = "m1.medium"
  }
  framework "hadoop" {
    config "log4j.properties" { content = local.text }
  }
}

output "lines" { value = local.text }
"##;

/// Whether a terminal would do something with it.
fn acts(text: &str) -> bool {
    text.contains(|char: char| char.is_control() && !matches!(char, '\n' | '\t') || char == '\u{202e}')
}

#[test]
fn files_and_outputs_cannot_paint_on_the_terminal() {
    let project = TestProject::with(DEFINITION);
    let applied = project.disco("apply --auto-approve").ends_with(0);
    let planned = project.disco("plan --var word=new").ends_with(0);
    let output = project.disco("output").ends_with(0);
    let named = project.disco("output lines --json").ends_with(0);
    for run in [&applied, &planned, &output, &named] {
        assert!(!acts(&run.stdout) && !acts(&run.stderr), "{}{}", run.stdout, run.stderr);
    }
    assert!(planned.stdout.contains("\\u001b[2J\\u001b[31m\\u009b1m\\u202enew"), "{}", planned.stdout);
    let text: String = serde_json::from_str(&named.stdout).unwrap_or_default();
    assert_eq!(text, "# \u{1b}[2J\u{1b}[31m\u{9b}1m\u{202e}old\n");
    assert_eq!(project.disco("output lines --raw").ends_with(0).stdout, text);
}

#[test]
fn mistakes_cannot_paint_on_the_terminal() {
    let project = TestProject::with("\u{feff}cluster \"\u{1b}]0;x\u{7}\" {\n\u{9b}2J = 1\n}\n");
    let run = project.disco("validate").ends_with(1);
    assert!(!acts(&run.stdout) && !acts(&run.stderr), "{}", run.stderr);
}

#[test]
fn what_is_no_text_is_told_once() {
    let project = TestProject::lab();
    for (bytes, told) in [
        (&b"\x7fELF\x02\x01\x00\x00"[..], "`main.disco.hcl` is a binary file"),
        (&b"\xff\xfea\x00"[..], "`main.disco.hcl` is UTF-16 text"),
        (&b"# caf\xe9\n"[..], "`main.disco.hcl` is not UTF-8 text"),
    ] {
        project.write_bytes("main.disco.hcl", bytes);
        let run = project.disco("validate").ends_with(1);
        assert!(run.stderr.contains(told) && run.stderr.matches('×').count() == 1, "{}", run.stderr);
    }
}

#[test]
fn what_to_do_about_a_binary_file_is_said_by_what_it_is_read_for() {
    for (name, command, told) in [
        ("more.disco.hcl", "validate", "files of this name are read as definitions"),
        ("disco.vars.hcl", "validate", "files of this name are read for values of variables"),
        ("x.auto.vars.hcl", "validate", "files of this name are read for values of variables"),
        ("other", "validate --var-file other", "help: name a file with lines of `NAME = VALUE`"),
    ] {
        let project = TestProject::lab();
        project.write_bytes(name, b"\x7fELF\x02\x01\x00\x00");
        let run = project.disco(command).ends_with(1);
        assert!(run.stderr.contains(&format!("`{name}` is a binary file")), "{}", run.stderr);
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
}

#[test]
fn values_of_the_command_line_are_told_how_to_quote() {
    let project =
        TestProject::with("variable \"n\" {\n  type = number\n}\nvariable \"l\" {\n  type = list(string)\n}\n");
    let run = project.disco("validate --var n=\"3 --var l=[10.0.0.0/8]").ends_with(1);
    for told in ["`--var 'n=3'`", "`--var 'l=[\"10.0.0.0/8\"]'`"] {
        assert!(run.stderr.replace("\n        ", " ").contains(told), "{}", run.stderr);
    }
}
