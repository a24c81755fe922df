//! `ignore_changes`: what counts only when a cluster is created.

use crate::support::TestProject;

fn lab(count: u8, flavor: &str, image: &str, ignored: &str) -> String {
    format!(
        "variable \"keep\" {{ default = true }}\ncluster \"lab\" {{\n  image = \"{image}\"\n  network {{ cidr = \"10.1.0.0/24\" }}\n  \
         master {{ flavor = \"m1.small\" }}\n  slaves {{\n    count  = {count}\n    flavor = \"{flavor}\"\n  }}\n  \
         lifecycle {{\n    ignore_changes = {ignored}\n  }}\n}}\n"
    )
}

#[test]
fn nodes_that_live_keep_what_they_have() {
    let project = TestProject::with(&lab(2, "m1.small", "debian-12", "[image, slaves.count]"));
    project.disco("apply --auto-approve").ends_with(0);
    project.write("main.disco.hcl", &lab(5, "m1.small", "ubuntu-24.04", "[image, slaves.count]"));
    project.disco("plan --detailed-exitcode").ends_with(0);
    // What is not ignored counts; a group is asked for by its name, the image by the cluster's.
    project.write("main.disco.hcl", &lab(5, "m1.medium", "ubuntu-24.04", "[\"image\", \"slaves.count\"]"));
    let run = project.disco("plan").ends_with(0);
    assert!(run.stdout.contains("m1.small → m1.medium") && !run.stdout.contains("slaves[2]"), "{}", run.stdout);
    assert!(!run.stdout.contains("ubuntu"), "{}", run.stdout);
    // It is an expression, and without it the definition counts again.
    let by_variable = lab(3, "m1.small", "debian-12", "var.keep ? [\"count\"] : []");
    project.write("main.disco.hcl", &by_variable);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let run = project.disco("plan --var keep=false").ends_with(0);
    assert!(run.stdout.contains("+ cluster.lab.slaves[2]"), "{}", run.stdout);
    project.disco("destroy --auto-approve").ends_with(0);
    // What does not live yet is created as it is written.
    project.disco("apply --auto-approve").ends_with(0);
    assert!(project.disco("state list").ends_with(0).stdout.contains("cluster.lab.slaves[2]"));
}

#[test]
fn what_cannot_be_ignored_is_named() {
    for (ignored, message) in [
        ("[network]", "changes of `network` cannot be ignored"),
        ("[slave.count]", "changes of `slave.count` cannot be ignored"),
        ("[\"slaves.cont\"]", "did you mean `slaves.count`?"),
        ("3", "`ignore_changes` expects a list of strings"),
        ("[1]", "`ignore_changes` expects a list of strings"),
        ("[var.nothing]", "variable `nothing` does not exist"),
    ] {
        let project = TestProject::with(&lab(2, "m1.small", "debian-12", ignored));
        project.disco("validate").ends_with(1).says(&[message]);
    }
}
