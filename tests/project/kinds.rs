//! What bears the name of a file and is none: a link that leads nowhere, a named pipe, a folder, a device, a socket.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use crate::support::{Run, Store, TestProject};

/// Puts each kind at a path, in turn, with the words that tell it.
fn each_kind(path: &Path, mut try_it: impl FnMut(&str)) {
    type Put = fn(&Path);
    let kinds: [(Put, &str); 5] = [
        (|path| symlink("away", path).unwrap(), "is a link to away, which does not exist"),
        (|path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()), "is a named pipe, not a file"),
        (|path| fs::create_dir(path).unwrap(), "is a folder, not a file"),
        (|path| symlink("/dev/zero", path).unwrap(), "is a device, not a file"),
        (|path| drop(UnixListener::bind(path).unwrap()), "is a socket, not a file"),
    ];
    for (put, words) in kinds {
        put(path);
        try_it(words);
        if fs::symlink_metadata(path).unwrap().is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) }
            .unwrap();
    }
}

#[test]
fn a_definition_that_cannot_be_read_is_not_one_that_was_deleted() {
    let project = TestProject::applied_lab();
    for name in ["other.disco.hcl", "more.auto.vars.hcl", "disco.vars.hcl"] {
        each_kind(&project.file(name), |words| {
            for command in ["validate", "plan", "apply -auto-approve", "destroy -auto-approve", "template", "graph"] {
                let run = project.disco(command).ends_with(1);
                run.says(&["disco::unreadable_file", name, words, "help: "]);
            }
        });
    }
    assert_eq!(Store::read(project.path()).machines(), 2);
    project.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn everything_that_cannot_be_read_is_told_in_one_run() {
    let project = TestProject::with("cluster \"lab\" {\n  imagee = 7\n}\n");
    symlink("away", project.file("a.disco.hcl")).unwrap();
    fs::create_dir(project.file("b.disco.hcl")).unwrap();
    let run = project.disco("validate --var-file nowhere").ends_with(1);
    run.says(&["a.disco.hcl", "b.disco.hcl", "nowhere` does not exist", "name a file that exists"]);
}

#[test]
fn a_link_to_a_definition_is_a_definition() {
    let project = TestProject::lab();
    fs::create_dir(project.file("shared")).unwrap();
    fs::rename(project.file("main.disco.hcl"), project.file("shared/lab")).unwrap();
    symlink("shared/lab", project.file("lab.disco.hcl")).unwrap();
    // An editor's lock is a hidden link that leads nowhere.
    symlink("somebody@somewhere.4711", project.file(".#lab.disco.hcl")).unwrap();
    project.disco("validate").ends_with(0);
}

#[test]
fn variables_may_come_through_a_pipe_that_is_named() {
    let project = TestProject::lab();
    let shell = project.command("plan --var-file /dev/stdin");
    let mut inside = Command::new("sh");
    inside.args(["-c", "echo 'slaves = 5' | \"$0\" \"$@\""]).arg(shell.get_program()).args(shell.get_args());
    inside.current_dir(project.path()).envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = inside.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("slaves[0..4]"), "{output:?}");
}

/// What `validate` says of mistakes, on long lines.
fn wide(project: &TestProject) -> Run {
    Run::of(&project.command("validate").env("COLUMNS", "200").output().unwrap()).ends_with(1)
}

#[test]
fn files_of_functions_and_catalogues() {
    let project = TestProject::with(
        "disco {\n  catalogues = [\"own\"]\n}\noutput \"all\" {\n  value = fileset(\"notes\", \"*.txt\")\n}\n\
         output \"one\" {\n  value = file(\"notes/b.conf\")\n}\n",
    );
    project.write("notes/a.txt", "a");
    project.write("notes/b.conf", "b");
    project.write("own/README", "frameworks");
    // A folder is no file, whatever its name.
    fs::create_dir(project.file("notes/x.txt")).unwrap();
    project.disco("validate").ends_with(0);
    each_kind(&project.file("notes/b.txt"), |words| {
        if words.contains("folder") {
            project.disco("validate").ends_with(0);
        } else {
            wide(&project).says(&["fileset", words, "help: "]);
        }
    });
    fs::remove_file(project.file("notes/b.conf")).unwrap();
    each_kind(&project.file("notes/b.conf"), |words| {
        wide(&project).says(&["notes/b.conf", words]);
    });
    project.write("notes/b.conf", "b");
    fs::create_dir(project.file("own/mine")).unwrap();
    each_kind(&project.file("own/mine/manifest.hcl"), |words| {
        if !words.contains("folder") {
            wide(&project).says(&["mine/manifest.hcl", words]);
        }
    });
    symlink("..", project.file("own/mine/round")).unwrap();
    wide(&project).says(&["mine/round", "links to a folder that it lies in"]);
}

#[test]
fn a_plan_takes_the_place_of_an_older_plan_only() {
    let project = TestProject::lab();
    let run = project.disco("plan --out main.disco.hcl").ends_with(1);
    run.says(&["main.disco.hcl", "is a file that is not a plan of DISCO", "help: name a file"]);
    project.write("notes.json", "{\"disco_plan\": \"1.0\"}");
    project.disco("plan --out notes.json").ends_with(1).says(&["not a plan of DISCO"]);
    project.disco("plan --out deep/er/a.plan").ends_with(1).says(&["the folder", "does not exist", "mkdir -p"]);
    assert!(!project.file("deep").exists());
    project.disco("plan --out /dev/null").ends_with(1).says(&["is a device, not a file"]);
    each_kind(&project.file("a.plan"), |words| {
        let run = project.disco("plan --out a.plan").ends_with(1);
        assert_eq!(run.stdout, "", "it is refused before a plan is made");
        run.says(&["cannot write the plan to", words, "help: "]);
        assert!(fs::symlink_metadata(project.file("a.plan")).is_ok(), "it is left as it is");
        for command in ["show a.plan", "apply a.plan"] {
            project.disco(command).ends_with(1).says(&["a.plan", words, "help: "]);
        }
    });
    // As `mktemp` makes one.
    project.write("a.plan", "");
    project.disco("plan --out a.plan").ends_with(0);
    symlink("a.plan", project.file("link.plan")).unwrap();
    project.disco("plan --out link.plan --var slaves=2").ends_with(0);
    assert!(fs::symlink_metadata(project.file("link.plan")).unwrap().is_symlink());
    project.disco("apply a.plan").ends_with(0);
    assert_eq!(Store::read(project.path()).machines(), 3);
}

#[test]
fn templates_are_written_to_a_folder_of_their_own() {
    let project = TestProject::lab();
    project.disco("template --out deep/er").ends_with(1).says(&["deep does not exist", "help: "]);
    assert!(!project.file("deep").exists());
    each_kind(&project.file("hot"), |words| {
        if !words.contains("folder") {
            project.disco("template --out hot").ends_with(1).says(&["hot", "help: "]);
        }
    });
    // Somebody else's file of that name is not ours.
    project.write("mine/stacks.json", "{}");
    project.disco("template --out mine").ends_with(1).says(&["stacks.json", "help: "]);
    project.write("git/.git/config", "");
    project.disco("template --out git").ends_with(1).says(&["`.git`"]);
    project.disco("template --out hot").ends_with(0);
    let name = "1-create-lab.yaml";
    fs::remove_file(project.file("hot").join(name)).unwrap();
    each_kind(&project.file("hot").join(name), |_| {
        project.disco("template --out hot").ends_with(1).says(&[name, "help: "]);
    });
    project.disco("template --out hot").ends_with(0);
}

#[test]
fn a_state_is_an_ordinary_file_in_a_folder_that_exists() {
    let definition = |path: &str| {
        format!(
            "disco {{\n  state \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n{}",
            include_str!("../scenarios/lab.disco.hcl")
        )
    };
    let project = TestProject::with(&definition("kept/state.json"));
    for command in ["plan", "apply -auto-approve"] {
        project.disco(command).ends_with(1).says(&["cannot keep the state in", "does not exist", "mkdir -p"]);
    }
    assert!(!project.file("kept").exists());
    fs::create_dir(project.file("kept")).unwrap();
    each_kind(&project.file("kept/state.json"), |words| {
        for command in ["plan", "apply -auto-approve", "destroy -auto-approve", "show", "output"] {
            let run = project.disco(command).ends_with(1);
            if !words.contains("link") {
                run.says(&["cannot read", "kept/state.json", words, "help: "]);
            }
        }
    });
    project.write("main.disco.hcl", &definition("/dev/null"));
    project.disco("apply -auto-approve").ends_with(1).says(&["/dev/null", "is a device, not a file"]);
}

#[test]
fn nothing_else_has_the_names_of_what_disco_keeps() {
    for name in [".disco/lock", ".disco/engine/lock", ".disco/engine/log.jsonl"] {
        let project = TestProject::applied_lab();
        let _ = fs::remove_file(project.file(name));
        each_kind(&project.file(name), |words| {
            // The lock may well lie elsewhere.
            if !(words.contains("link") && name.ends_with("lock")) {
                project.disco("plan").ends_with(1).says(&["because", "help: "]);
            }
        });
    }
    let project = TestProject::lab();
    each_kind(&project.file(".disco"), |words| {
        if !words.contains("folder") {
            project.disco("plan").ends_with(1).says(&["cannot be locked", "because", "help: "]);
        }
    });
    let mut faults = project.command("plan");
    assert!(Command::new("mkfifo").arg(project.file("faults")).status().unwrap().success());
    let output = faults.env("DISCO_LOCAL_FAULTS", project.file("faults")).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("is a named pipe, not a file"), "{output:?}");
}

#[test]
fn version_control_leaves_out_what_disco_keeps() {
    let project = TestProject::lab();
    project.disco("plan").ends_with(0);
    assert_eq!(project.read(".disco/.gitignore"), "*\n");
    project.write(".disco/.gitignore", "engine\n");
    project.disco("plan").ends_with(0);
    assert_eq!(project.read(".disco/.gitignore"), "engine\n", "what is there is left as it is");
}
