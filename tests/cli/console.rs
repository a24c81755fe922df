//! `disco console`: what expressions give, from a pipe and on a terminal.

use std::process::Command;

use crate::support::{Run, TestProject};

fn console(project: &TestProject, typed: &str) -> Run {
    project.disco_answering("console", typed)
}

#[test]
fn expressions_have_the_projects_scope() {
    let project = TestProject::applied_lab();
    let run = console(
        &project,
        "var.slaves + 2\n[for x in [1,\n  2] : x * 2]\n\n# a comment\ncluster.lab.slaves[0].name\n<<EOT\na\nEOT\nexit\nvar.none\n",
    );
    let run = run.ends_with(0);
    assert_eq!(run.stdout, "3\n[\n  2,\n  4,\n]\n\"lab-slaves-0\"\n<<EOT\na\n\nEOT\n");
    assert_eq!(run.stderr, "");
    // What the state knows of a cluster is known here, too.
    let id = console(&project, "cluster.lab.id\n").ends_with(0).stdout;
    assert!(id.starts_with('"') && id.len() > 30, "{id}");
    assert_eq!(console(&TestProject::lab(), "cluster.lab.id\n").ends_with(0).stdout, "(known after apply)\n");
    assert_eq!(project.disco_answering("console --var slaves=7", "var.slaves").ends_with(0).stdout, "\"7\"\n");
}

#[test]
fn a_mistake_keeps_no_other_expression_from_its_value() {
    let project = TestProject::lab();
    let run = console(&project, "1\nvar.slavs\n2\n[1,\n").ends_with(1);
    assert_eq!(run.stdout, "1\n2\n");
    run.says(&["variable `slavs` does not exist", "<console>:1", "did you mean", "this `[` is never closed"]);
    let refused = project.disco("console --json").ends_with(1).stdout;
    assert!(refused.contains("no JSON output") && refused.contains("jsonencode"), "{refused}");
}

#[test]
fn secrets_are_not_printed() {
    let project =
        TestProject::with("variable \"key\" {\n  type = string\n  sensitive = true\n  default = \"hush\"\n}\n");
    let run = console(&project, "var.key\n{ a = \"x${var.key}\" }\nlength(var.key)\nvar.key + 1\n").ends_with(1);
    assert_eq!(run.stdout, "(sensitive value)\n{\n  \"a\" = (sensitive value)\n}\n(sensitive value)\n");
    assert!(!run.stderr.contains("hush"), "{}", run.stderr);
}

#[test]
fn functions_need_no_project() {
    let project = TestProject::with("");
    std::fs::remove_file(project.file("main.disco.hcl")).unwrap();
    assert_eq!(console(&project, "max(1, 2)\n").ends_with(0).stdout, "2\n");
    console(&project, "var.x\n").ends_with(1).says(&["variable `x` does not exist"]);
}

#[test]
fn definitions_with_mistakes_can_be_looked_into() {
    let project = TestProject::with("locals {\n  a = 1\n  b = local.a + nothing\n}\ncluster \"lab\" {\n}\n");
    let run = console(&project, "local.a\nlocal.b\n").ends_with(1);
    assert_eq!(run.stdout, "1\n");
    run.says(&["`nothing` is not defined", "The definitions have mistakes"]);
    project.write("main.disco.hcl", "locals {\n  a = \n}\n");
    console(&project, "1\n").ends_with(1).says(&["disco::syntax"]);
}

/// Runs the console on a terminal, with these keys; what it printed, and the lines that it kept.
fn typed(project: &TestProject, keys: &str) -> (String, String) {
    let history = project.file("history");
    let command = project.command("console --no-color");
    let output = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/keys.py"))
        .arg(keys)
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(project.path())
        .env("DISCO_CONSOLE_HISTORY", &history)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    (String::from_utf8(output.stdout).unwrap(), std::fs::read_to_string(&history).unwrap_or_default())
}

#[test]
fn lines_are_edited_completed_and_kept_on_a_terminal() {
    let project = TestProject::lab();
    // A tab completes, Ctrl-A and Ctrl-E move, the arrow brings the last line back, Ctrl-D ends.
    let (screen, history) =
        typed(&project, "var.sl\\t\\x05 + 40\\x01 1 +\\r\\x1b[A\\x7f2\\r secret\\x03max(1,\\r3)\\r\\x04");
    assert!(screen.contains("\n42\n") && screen.contains("\n44\n"), "{screen}");
    assert!(screen.contains("^C") && screen.contains("\n3\n"), "{screen}");
    assert!(screen.ends_with("exit code 0\n"), "{screen}");
    assert_eq!(history, "max(1,\n3)\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(project.file("history")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The next one begins where this one ended; two tabs list what there is.
    let (screen, _) = typed(&project, "\\x1b[A\\x1b[A\\r2)\\rcidr\\t\\texit\\x15exit\\r");
    assert!(screen.contains("\n2\n") && screen.contains("cidrhost(  ") && screen.contains("cidrsubnet("), "{screen}");
}
