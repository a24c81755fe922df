//! Exit codes, and what is said with them.

use crate::support::TestProject;

#[test]
fn a_slip_of_the_keyboard_is_no_waiting_change() {
    let project = TestProject::example("hadoop");
    for words in ["plam", "plan --bogus", "", "apply --lock-timeout=soon", "-q -v plan"] {
        let run = project.disco(words).ends_with(1);
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{words}: {run:?}");
    }
    project.disco("--version").ends_with(0);
    project.disco("version").ends_with(0);
}

#[test]
fn terraform_spelling_is_taken() {
    let project = TestProject::example("hadoop");
    project.disco("plan -detailed-exitcode -var slaves=1 -no-color").ends_with(2);
    let run = project.disco("plan -detailed-exitcode -var=slaves=0").ends_with(1);
    assert!(run.stderr.contains("at least one slave"), "{}", run.stderr);
}

#[test]
fn the_later_of_var_and_var_file_wins() {
    let project = TestProject::example("hadoop");
    project.write("two.vars", "slaves = 2\n");
    project.write("one.auto.vars.hcl", "slaves = 1\n");
    let adds = |words: &str| {
        let run = project.disco(&format!("plan {words}")).ends_with(0);
        run.stdout.lines().find(|line| line.contains(".slaves[")).unwrap_or_default().to_owned()
    };
    assert!(adds("").contains("slaves[0] "), "{}", adds(""));
    assert!(adds("--var-file two.vars").contains("slaves[0..1]"));
    assert!(adds("--var-file two.vars --var slaves=4").contains("slaves[0..3]"));
    assert!(adds("--var slaves=4 --var-file two.vars").contains("slaves[0..1]"));
}

#[test]
fn a_folder_without_a_project_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let project = TestProject::with("");
    for path in [folder.path().to_path_buf(), folder.path().join("nowhere")] {
        let run = project.disco(&format!("-C {} plan", path.display())).ends_with(1);
        assert!(run.stderr.starts_with("Error: "), "{}", run.stderr);
        assert!(!path.join(".disco").exists(), "nothing is made where there is no project");
    }
}

#[test]
fn quiet_is_results_and_errors_only() {
    let project = TestProject::lab();
    project.write("output.disco.hcl", "output \"nodes\" {\n  value = 2\n}\n");
    let quiet = |words: &str| {
        let run = project.disco(words).ends_with(0);
        assert_eq!(run.stderr, "", "{words}");
        run.stdout
    };
    // What `plan` is asked for is the plan.
    let planned = quiet("plan -q");
    assert!(planned.contains("+ cluster.lab.master[0]"), "{planned}");
    quiet("plan -q --out a.plan");
    assert_eq!(quiet("validate -q"), "Success! The definitions are valid.\n");
    let applied = quiet("apply -q -auto-approve");
    assert!(applied.starts_with("Apply complete! Resources: 6 added, 0 changed, 0 destroyed. ("), "{applied}");
    assert!(applied.ends_with(")\n\nOutputs:\n\nnodes = 2\n"), "{applied}");
    let again = quiet("apply -q -auto-approve");
    assert!(again.starts_with("No changes. Your infrastructure matches the configuration.\n\nOutputs:"), "{again}");
    // Who has to say yes sees what to.
    let asked = project.disco_answering("destroy -q", "no\n").ends_with(1);
    assert!(asked.stdout.contains("- cluster.lab.master[0]") && asked.stderr.contains("Enter a value"), "{asked:?}");
    let types = |words: &str| -> Vec<String> {
        let lines = quiet(words);
        let message = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["type"].to_string();
        lines.lines().map(|line| message(line).trim_matches('"').to_owned()).collect()
    };
    assert_eq!(types("plan -q --json --var slaves=2"), ["version", "plan", "change_summary", "end"]);
    let grown = types("apply -q --json -auto-approve --var slaves=2");
    assert_eq!(grown, ["version", "change_summary", "outputs", "end"]);
    let destroyed = quiet("destroy -q -auto-approve");
    assert!(destroyed.starts_with("Destroy complete! Resources: ") && destroyed.lines().count() == 1, "{destroyed}");
}

#[test]
fn verbose_says_what_is_read_and_asked() {
    let project = TestProject::example("hadoop");
    project.disco("apply -auto-approve").ends_with(0);
    let read = project.disco("validate -v").ends_with(0);
    assert!(read.stderr.contains("read hadoop.disco.hcl"), "{}", read.stderr);
    let verbose = project.disco("destroy -v -auto-approve").ends_with(0);
    for words in
        ["router-interface deleted", "read hadoop.disco.hcl", "state disco.state.json, serial 1", "cloud: the emb"]
    {
        assert!(verbose.stderr.contains(words), "no `{words}` in {}", verbose.stderr);
    }
}

#[test]
fn every_mistake_of_a_project_comes_out_in_one_run() {
    let project = TestProject::with(
        "provider \"local\" {\n  nodes = \"real\"\n}\n\
         cluster \"lab\" {\n  image = \"debian-12\"\n  network {\n    cidr = \"10.1.0.0/24\"\n  }\n  \
         master {\n    flavor = \"m1.meduim\"\n  }\n  framework \"hadop\" {}\n}\noutput \"x\" {\n  value = var.nothing\n}\n",
    );
    for command in ["validate", "plan", "apply -auto-approve", "template"] {
        let run = project.disco(command).ends_with(1);
        for found in ["unknown_word", "unknown_flavor", "unknown_framework", "nothing", "4 errors"] {
            assert!(run.stderr.contains(found), "{command} does not say {found}:\n{}", run.stderr);
        }
    }
    assert!(!project.file("disco.state.json").exists());
}

#[test]
fn commands_that_are_named_work_from_where_one_stands() {
    let project = TestProject::lab();
    let elsewhere = TestProject::with("");
    let there = project.path().display();
    let refused = elsewhere.disco(&format!("-C {there} output nothing")).ends_with(1);
    assert!(refused.stderr.contains(&format!("`disco -C {there} apply`")), "{}", refused.stderr);
    let planned = elsewhere.disco(&format!("-C {there} plan --out a.plan")).ends_with(0);
    assert!(planned.stderr.ends_with(&format!("\n    disco -C {there} apply a.plan\n")), "{}", planned.stderr);
    elsewhere.disco(&format!("-C {there} apply a.plan")).ends_with(0);
    // Where the folder is not typed, it is not typed in hints either.
    let here = project.disco("plan --out b.plan --var slaves=2").ends_with(0);
    assert!(here.stderr.ends_with("\n    disco apply b.plan\n"), "{}", here.stderr);
}
