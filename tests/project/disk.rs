//! Disks that are full, cannot be written, or refuse more: nothing is lost, and it is said what to do.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use crate::support::{LAB, OwnDisk, Run, Store, TestProject};

/// Nothing twice, nothing orphaned, and the state knows it all.
#[track_caller]
fn settled(store: &Store, machines: usize) {
    assert_eq!(store.faults(), [] as [String; 0]);
    assert_eq!(store.machines(), machines);
}

#[test]
fn a_full_disk_under_the_state() {
    let Some(disk) = OwnDisk::new() else { return };
    let project = TestProject::lab();
    fs::create_dir(project.file("disk")).unwrap();
    symlink("disk/state.json", project.file("disco.state.json")).unwrap();
    disk.mount("-t tmpfs -o size=4k none", &project.file("disk"));
    let folder = disk.seen(project.path());
    // A link that leads nowhere is no new project: its disk may only be missing.
    disk.disco(&project, "apply -auto-approve").ends_with(1).says(&["points to", "which does not exist", "help: "]);
    fs::write(folder.join("disk/state.json"), "").unwrap();
    disk.disco(&project, "plan").ends_with(1).says(&["cannot be used", "empty", "help: "]);
    fs::remove_file(folder.join("disco.state.json")).unwrap();
    fs::remove_file(folder.join("disk/state.json")).unwrap();
    disk.disco(&project, "plan").ends_with(0);

    let project = TestProject::with(&project.read("main.disco.hcl").replace(
        "variable \"slaves\"",
        "disco {\n  state \"local\" {\n    path = \"disk/disco.state.json\"\n  }\n}\n\nvariable \"slaves\"",
    ));
    fs::create_dir(project.file("disk")).unwrap();
    disk.mount("-t tmpfs -o size=4k none", &project.file("disk"));
    let folder = disk.seen(project.path());
    fs::write(folder.join("disk/full"), [b'x'; 4096]).unwrap();
    let full = |run: Run| run.ends_with(1).says(&["disco::state_not_written", "disco.state.json", "help: fix that"]);
    full(disk.disco(&project, "apply -auto-approve")).says(&["create lab"]);
    assert_eq!(Store::read(&folder).stacks().len(), 0, "nothing is asked of the cloud before it is written down");

    // Room for what is begun, not for what comes of it.
    fs::remove_file(folder.join("disk/full")).unwrap();
    full(disk.disco(&project, "apply -auto-approve"));
    let state = fs::read_to_string(folder.join("disk/disco.state.json")).unwrap();
    assert!(state.ends_with("}\n") && state.contains("\"operation\":\"create\""), "{state}");
    assert_eq!(fs::read_dir(folder.join("disk")).unwrap().count(), 1, "nothing is left aside");
    disk.mount("-o remount,size=1m", &project.file("disk"));
    disk.disco(&project, "apply -auto-approve").ends_with(0).says(&["is being created"]);
    settled(&Store::read_at(&folder, "disk/disco.state.json"), 2);
    disk.disco(&project, "plan -detailed-exitcode").ends_with(0);

    disk.mount("-o remount,ro", &project.file("disk"));
    full(disk.disco(&project, "apply -auto-approve --var slaves=2")).says(&["Read-only"]);
    full(disk.disco(&project, "destroy -auto-approve"));
    disk.disco(&project, "plan -detailed-exitcode").ends_with(0);
    settled(&Store::read_at(&folder, "disk/disco.state.json"), 2);
    disk.mount("-o remount,rw", &project.file("disk"));
    disk.disco(&project, "destroy -auto-approve").ends_with(0);
    settled(&Store::read_at(&folder, "disk/disco.state.json"), 0);
}

#[test]
fn a_read_only_project() {
    let Some(disk) = OwnDisk::new() else { return };
    let project = TestProject::applied_lab();
    let folder = project.path().display().to_string();
    disk.mount(&format!("--bind {folder}"), project.path());
    disk.mount("-o remount,ro,bind", project.path());
    let before = fs::read(project.file(".disco/engine/log.jsonl")).unwrap();
    for words in ["plan", "apply -auto-approve --var slaves=2", "destroy -auto-approve"] {
        let run = disk.disco(&project, words).ends_with(1);
        run.says(&["cannot be locked", ".disco/lock", "Read-only", "help: "]);
    }
    for words in ["validate", "show", "template", "output"] {
        disk.disco(&project, words).ends_with(0);
    }
    assert_eq!(fs::read(project.file(".disco/engine/log.jsonl")).unwrap(), before);
    project.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn a_full_disk_under_the_engine() {
    let Some(disk) = OwnDisk::new() else { return };
    let project = TestProject::lab();
    let engine = project.file(".disco/engine");
    fs::create_dir_all(&engine).unwrap();
    disk.mount("-t tmpfs -o size=24k none", &engine);
    let folder = disk.seen(project.path());
    let run = disk.disco(&project, "apply -auto-approve").ends_with(1);
    run.says(&["create lab", "cannot write its store", "No space left", "help: "]);
    assert_eq!(Store::read(&folder).stacks().len(), 0, "what was not written was not answered for");
    disk.disco(&project, "plan -detailed-exitcode").ends_with(2);
    disk.mount("-o remount,size=10m", &engine);
    disk.disco(&project, "apply -auto-approve").ends_with(0);
    settled(&Store::read(&folder), 2);
    disk.disco(&project, "plan -detailed-exitcode").ends_with(0);
    // A folder that cannot be read is named.
    disk.mount("-o remount,ro", &engine);
    disk.disco(&project, "plan").ends_with(1).says(&["embedded Heat cannot be used", "Read-only", "help: "]);
}

/// Files may not grow beyond a limit: at some moment a write fails in the middle, or the process is killed for it.
#[test]
fn a_limit_on_the_size_of_files() {
    for (blocks, killed) in [(4, false), (40, true), (200, false), (300, true)] {
        let project = TestProject::lab();
        let trap = if killed { "" } else { "trap '' XFSZ; " };
        let limited = format!("{trap}ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let command = project.command("apply -auto-approve");
        let mut inside = Command::new("sh");
        inside.args(["-c", &limited]).arg(command.get_program()).args(command.get_args()).current_dir(project.path());
        inside.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = inside.output().unwrap();
        let run = Run::of(&output);
        if killed {
            assert_eq!(output.status.signal(), Some(25), "{blocks}: {run:?}");
        } else {
            assert!(run.code == 1 && run.stderr.contains("File too large"), "{blocks}: {run:?}");
        }
        // Whatever is there is whole.
        Store::read(project.path());
        project.disco("apply -auto-approve").ends_with(0);
        settled(&Store::read(project.path()), 2);
        project.disco("plan -detailed-exitcode").ends_with(0);
    }
}

#[test]
fn no_plan_takes_the_place_of_what_disco_keeps_or_reads() {
    let project = TestProject::applied_lab();
    for path in [".disco/lock", ".disco/engine/lock", ".disco/states/a.plan"] {
        project.disco(&format!("plan --out {path}")).ends_with(1).says(&[".disco is DISCO's own folder"]);
    }
    for path in ["new.disco.hcl", "disco.vars.hcl", "x.auto.vars.hcl"] {
        project.disco(&format!("plan --out {path}")).ends_with(1).says(&["is read as a definition or as variables"]);
        assert!(!project.file(path).exists());
    }
    // What `mktemp` makes may be taken.
    project.write("made.plan", "");
    project.disco("plan --out made.plan").ends_with(0);
}

#[test]
fn what_has_no_end_is_not_read_to_it() {
    let project = TestProject::lab();
    project.disco("plan --var-file /dev/zero").ends_with(1).says(&["gives more than 16 MiB"]);
    project.disco("plan --var-file .").ends_with(1).says(&["`.` is a folder"]);
    project
        .disco("template --out main.disco.hcl")
        .ends_with(1)
        .says(&["cannot write templates to", "it is not a folder"]);
}

#[test]
fn nothing_to_destroy_is_said_as_that() {
    let project = TestProject::lab();
    for words in ["plan -destroy", "destroy -auto-approve"] {
        let run = project.disco(words).ends_with(0);
        assert!(run.stdout.contains("No changes. No objects need to be destroyed."), "{}", run.stdout);
    }
}

#[test]
fn a_root_disk_that_would_have_to_shrink_is_warned_of() {
    let project = TestProject::lab();
    let large = "master { flavor = \"m1.large\" }";
    project.write("main.disco.hcl", &LAB.replace("master { flavor = \"m1.small\" }", large));
    project.disco("apply -auto-approve").ends_with(0);
    project.write("main.disco.hcl", LAB);
    let planned = project.disco("plan").ends_with(0);
    for words in ["disco::smaller_root_disk", "cannot keep a root disk of 80 GiB: flavor `m1.small` has 20 GiB"] {
        assert!(planned.stderr.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{}", planned.stderr);
    }
}
