//! `disco workspace`: several sets of clusters of the same definitions, side by side on one cloud.

use serde_json::Value as Json;

use crate::support::{Run, Store, TestProject};

const DEFINITION: &str = "\
variable \"slaves\" {
  type    = number
  default = 1
}

cluster \"lab\" {
  image = \"debian-12\"
  network {
    cidr             = \"10.20.0.0/24\"
    external_network = \"public\"
  }
  master {
    flavor      = \"m1.small\"
    floating_ip = true
  }
  slaves {
    count  = var.slaves
    flavor = \"m1.small\"
  }
}

output \"where\" {
  value = \"${workspace.name}: ${cluster.lab.name}\"
}
";

fn within(project: &TestProject, workspace: &str, words: &str) -> Run {
    Run::of(&project.command(words).env("DISCO_WORKSPACE", workspace).output().unwrap())
}

/// Names of the stacks, sorted.
fn names(store: &Store) -> Vec<String> {
    let stacks = store.stacks();
    let mut names: Vec<String> = stacks.values().map(|stack| stack["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn two_workspaces_live_side_by_side() {
    let project = TestProject::with(DEFINITION);
    std::fs::create_dir(project.file("vars")).unwrap();
    project.write("vars/staging.vars.hcl", "slaves = 2\n");
    let run = project.disco("apply --auto-approve").ends_with(0);
    assert!(run.stdout.contains("default: lab") && !run.stdout.contains("Workspace"), "{}", run.stdout);
    let before = project.read("disco.state.json");

    project.disco("workspace new staging").ends_with(0);
    let run = project.disco_answering("apply", "no\n").ends_with(1);
    assert!(run.stdout.starts_with("Workspace: staging\nPlanned against"), "{}", run.stdout);
    run.says(&["Do you want to do this in workspace `staging`?"]);
    let run = project.disco("apply --auto-approve").ends_with(0);
    assert!(run.stdout.contains("cluster.lab.slaves[0..1]") && run.stdout.contains("staging: lab"), "{}", run.stdout);
    assert_eq!(project.read("disco.state.json"), before);
    let store = Store::read(project.path());
    assert_eq!(names(&store), ["lab", "staging_lab"]);
    assert_eq!(store.machines(), 5);
    for workspace in ["default", "staging"] {
        within(&project, workspace, "plan --detailed-exitcode").ends_with(0);
        within(&project, workspace, "plan --detailed-exitcode --offline").ends_with(0);
    }

    // Every command is about the current one.
    let shown = project.disco("show").ends_with(0).stdout;
    assert!(shown.starts_with("Workspace: staging\n") && shown.contains("stack staging_lab"), "{shown}");
    let json = |words: &str| serde_json::from_str::<Json>(&project.disco(words).stdout).unwrap();
    assert_eq!(json("show --json")["workspace"], "staging");
    assert_eq!(json("status --json")["workspace"], "staging");
    assert!(project.disco("status").ends_with(0).stdout.starts_with("Workspace: staging\n"));
    assert!(project.disco("state list").ends_with(0).stdout.contains("cluster.lab.slaves[1]"));
    let behind = project.disco("state show cluster.lab.master[0]").ends_with(0).stdout;
    assert!(behind.contains("staging_lab/master-0-server"), "{behind}");
    assert_eq!(project.disco("force-unlock").ends_with(0).stdout, "The project is not locked.\n");
    let other = within(&project, "default", "show").ends_with(0).stdout;
    assert!(!other.contains("staging") && !other.contains("slaves[1]"), "{other}");

    // One with clusters stays.
    project.disco("workspace select default").ends_with(0);
    let run = project.disco("workspace delete staging").ends_with(1);
    run.says(&["workspace `staging` has cluster `lab`", "DISCO_WORKSPACE=staging disco destroy"]);
    within(&project, "staging", "destroy --auto-approve").ends_with(0);
    assert!(project.file(".disco/workspaces/staging/states").is_dir() && !project.file(".disco/states").exists());
    let store = Store::read(project.path());
    assert_eq!(names(&store), ["lab"]);
    project.disco("plan --detailed-exitcode").ends_with(0);
    project.disco("workspace delete staging").ends_with(0);
    assert!(!project.file("disco.state.staging.json").exists());
    assert!(!project.file(".disco/workspaces/staging").exists());
    project.disco("destroy --auto-approve").ends_with(0);
    assert_eq!(Store::read(project.path()).left(), Vec::<String>::new());
}

#[test]
fn workspaces_are_listed_selected_and_deleted() {
    let project = TestProject::with(DEFINITION);
    assert_eq!(project.disco("workspace list").ends_with(0).stdout, "* default\n");
    assert_eq!(project.disco("workspace show").ends_with(0).stdout, "default\n");
    project.disco("workspace new staging").ends_with(0);
    project.disco("workspace new prod").ends_with(0);
    assert_eq!(project.disco("workspace list").ends_with(0).stdout, "  default\n* prod\n  staging\n");
    project.disco("workspace new prod").ends_with(1).says(&["exists already", "disco workspace select prod"]);
    project.disco("workspace new Prod_2").ends_with(1).says(&["cannot be the name of a workspace"]);
    project.disco("workspace select stagin").ends_with(1).says(&["does not exist", "did you mean `staging`?"]);
    project.disco("workspace select other").ends_with(1).says(&["disco workspace new other"]);
    project.disco("workspace select -or-create other").ends_with(0).says(&[]);
    project.disco("workspace select staging").ends_with(0);
    project.disco("workspace delete staging").ends_with(1).says(&["is the current one"]);
    project.disco("workspace delete default").ends_with(1).says(&["cannot be deleted"]);
    project.disco("workspace delete pro").ends_with(1).says(&["did you mean `prod`?"]);
    project.disco("workspace delete other").ends_with(0);

    // What the environment says wins, and is not mixed with a selection.
    assert_eq!(within(&project, "prod", "workspace show").ends_with(0).stdout, "prod\n");
    let listed: Json =
        serde_json::from_str(&within(&project, "prod", "workspace list --json").ends_with(0).stdout).unwrap();
    assert_eq!((&listed["current"], &listed["overridden"]), (&"prod".into(), &true.into()));
    for words in ["workspace select staging", "workspace new x"] {
        within(&project, "prod", words).ends_with(1).says(&["while DISCO_WORKSPACE is set, to `prod`"]);
    }
    within(&project, "prod", "workspace delete prod").ends_with(1).says(&["unset DISCO_WORKSPACE first"]);
    within(&project, "../x", "plan").ends_with(1).says(&["DISCO_WORKSPACE: `../x` cannot be the name"]);
    project.write(".disco/workspace", "a b\n");
    project.disco("plan").ends_with(1).says(&["does not say which workspace is selected"]);
    project.disco("workspace select default").ends_with(0);
    project.disco("plan").ends_with(0);
}

#[test]
fn states_and_plans_stay_in_their_workspace() {
    let project = TestProject::with(DEFINITION);
    project.disco("workspace new staging").ends_with(0);
    project.disco("plan --out staging.plan").ends_with(0);
    let plan: Json = serde_json::from_str(&project.read("staging.plan")).unwrap();
    assert_eq!(plan["workspace"], "staging");
    within(&project, "default", "apply staging.plan")
        .ends_with(1)
        .says(&["the saved plan is for workspace `staging`, this is `default`"]);
    project.disco("apply staging.plan").ends_with(0);
    let state = project.read("disco.state.staging.json");
    project.write("disco.state.json", &state);
    let run = within(&project, "default", "plan").ends_with(1);
    run.says(&["is of workspace `staging`, this is `default`"]);
    std::fs::remove_file(project.file("disco.state.json")).unwrap();
    within(&project, "default", "state push disco.state.staging.json --force")
        .ends_with(1)
        .says(&["the pushed state is of workspace `staging`"]);

    // A clone has the states only: they tell which workspaces there are.
    std::fs::remove_dir_all(project.file(".disco/workspaces")).unwrap();
    project.write("disco.state.other.json", &state);
    project.disco("workspace select default").ends_with(0);
    assert_eq!(project.disco("workspace list").ends_with(0).stdout, "* default\n  staging\n");

    // A state that was lost is read from the stacks of the workspace.
    std::fs::remove_file(project.file("disco.state.staging.json")).unwrap();
    project.disco("import cluster.lab staging_lab").ends_with(1).says(&["is of workspace `staging`"]);
    project.disco("workspace select --or-create staging").ends_with(0);
    project.disco("import cluster.lab staging_lab").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);

    // Whoever insists is told what stays.
    project.disco("workspace select default").ends_with(0);
    let run = project.disco("workspace delete --force staging").ends_with(0);
    run.says(&["stay on the cloud", "    staging_lab"]);
    assert_eq!(Store::read(project.path()).stacks().len(), 1);
}
