//! What stands on a terminal in the end: lines, and no bar that nobody turns any more.

use std::process::Command;

use crate::support::TestProject;

/// Runs the program on a terminal; what stands there in the end.
fn screen(project: &TestProject, options: &[&str], words: &str) -> String {
    let command = project.command(words);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/terminal.py");
    let mut python = Command::new("python3");
    python.arg(script).args(options).arg(command.get_program()).args(command.get_args()).current_dir(project.path());
    python
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("DISCO_LOCAL_TIME_SCALE", "0.05");
    let output = python.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn is_clean(screen: &str, code: i32) {
    let spinner = |char: char| ('\u{2801}'..='\u{28ff}').contains(&char);
    assert!(!screen.contains(spinner), "a bar is left:\n{screen}");
    assert!(screen.ends_with(&format!("exit code {code}\n")), "{screen}");
}

#[test]
fn no_bar_is_left_on_a_terminal() {
    let project = TestProject::lab();
    // Beyond sixteen nodes each group has a line.
    let made = screen(&project, &["-a", "yes"], "apply --no-color --var slaves=30");
    is_clean(&made, 0);
    assert!(made.contains("Apply complete!") && made.contains("bars drawn: many"), "{made}");
    let left = screen(&project, &["-i", "1.5"], "destroy --no-color");
    is_clean(&left, 130);
    assert!(left.contains("interrupted before anything was changed"), "{left}");
    is_clean(&screen(&project, &["-a", "yes"], "destroy --no-color"), 0);
}

#[test]
fn an_interrupt_from_the_keyboard_leaves_no_bar() {
    let project = TestProject::lab();
    // Each node has a line; further on each group has one.
    for slaves in [3, 30] {
        let words = format!("apply --no-color --auto-approve --var slaves={slaves}");
        let left = screen(&project, &["-b", "cluster.lab.[a-z]+(\\[\\d+\\])?: [^ ]* *building"], &words);
        is_clean(&left, 130);
        assert!(left.contains("Interrupt: watching stops") && left.contains("Run `disco apply` again"), "{left}");
        let after = left.split("interrupt again to leave at once.").nth(1).unwrap();
        let lines: Vec<&str> = after.lines().filter(|line| !line.trim().is_empty()).collect();
        assert!(lines.iter().all(|line| !line.contains("building")), "a bar is left:\n{left}");
    }
}
