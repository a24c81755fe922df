//! `precondition`, `check` and `depends_on`.

use crate::support::TestProject;

/// A cluster that has `lifecycle` in it.
fn cluster(name: &str, number: u8, lifecycle: &str) -> String {
    format!(
        "cluster \"{name}\" {{\n  image = \"debian-12\"\n  network {{\n    cidr = \"10.{number}.0.0/24\"\n    external_network = \"public\"\n  }}\n  \
         master {{\n    flavor = \"m1.small\"\n    floating_ip = true\n  }}\n  {lifecycle}\n}}\n"
    )
}

#[test]
fn a_precondition_stops_what_it_guards_as_soon_as_it_is_known() {
    let guarded = cluster(
        "lab",
        1,
        "lifecycle {\n  precondition {\n    condition     = var.size < 4\n    error_message = \"${var.size} is too many.\"\n  }\n}",
    );
    let project = TestProject::with(&format!("variable \"size\" {{ default = 3 }}\n{guarded}"));
    project.disco("validate").ends_with(0);
    project.disco("validate --var size=5").ends_with(1).says(&[
        "disco::precondition_failed",
        "cluster `lab`: 5 is too many\n",
        "this is false",
    ]);
    // Known only after apply: it is not in the way before.
    let later = "output \"o\" {\n  value = 1\n  precondition {\n    condition     = cluster.lab.master[0].floating_ip == \"192.0.2.1\"\n    error_message = \"another address: ${cluster.lab.master[0].floating_ip}\"\n  }\n}\n";
    let project = TestProject::with(&(cluster("lab", 1, "") + later));
    project.disco("validate").ends_with(0);
    project.disco("apply --auto-approve").ends_with(1).says(&["output `o`: another address: 198.18.0."]);
    // What was made is known all the same.
    assert!(project.disco("state list").ends_with(0).stdout.contains("cluster.lab"));
}

#[test]
fn a_check_warns_and_stops_nothing() {
    let checks = r#"variable "size" { default = 1 }
check "size" {
  assert {
    condition     = var.size < 4
    error_message = "large"
  }
  assert {
    condition     = cluster.lab.master[0].floating_ip == "192.0.2.1"
    error_message = "the address is ${cluster.lab.master[0].floating_ip}"
  }
}
"#;
    let project = TestProject::with(&(cluster("lab", 1, "") + checks));
    let run = project.disco("plan").ends_with(0);
    assert!(!run.stderr.contains("check_failed"), "{}", run.stderr);
    // What is known only now is said now, once.
    let run = project.disco("apply --auto-approve --var size=5").ends_with(0);
    run.says(&["check `size`: large", "check `size`: the address is 198.18.0."]);
    let run = project.disco("plan --detailed-exitcode").ends_with(0).says(&["check `size`: the address is 198"]);
    assert_eq!(run.stderr.matches("check_failed").count(), 1, "{}", run.stderr);
    project.write("main.disco.hcl", &(cluster("lab", 1, "") + "check \"nothing\" {}\n"));
    project.disco("validate").ends_with(1).says(&["`check` needs an `assert` block"]);
}

#[test]
fn what_a_cluster_depends_on_comes_before_it() {
    let second = cluster("a", 1, "").replacen('{', "{\n  depends_on = [cluster.b, module.m]", 1);
    let project = TestProject::with(&(second + &cluster("b", 2, "") + "module \"m\" { source = \"./m\" }\n"));
    project.write("m/m.disco.hcl", &cluster("c", 3, ""));
    let run = project.disco("plan").ends_with(0);
    let at = |step: &str| run.stdout.find(step).unwrap_or_else(|| panic!("{step} in {}", run.stdout));
    assert!(
        at("create b\n") < at("create a, after b and m-c") && at("create m-c\n") < at("create a, after b and m-c"),
        "{}",
        run.stdout
    );
    let needs = |name: &str, number, other: &str| {
        cluster(name, number, "").replacen('{', &format!("{{\n  depends_on = [cluster.{other}]"), 1)
    };
    project.write("main.disco.hcl", &(needs("a", 1, "b") + &needs("b", 2, "a")));
    project.disco("validate").ends_with(1).says(&["clusters depend on each other: a → b → a"]);
    project.write("main.disco.hcl", &needs("a", 1, "a"));
    project.disco("validate").ends_with(1).says(&["clusters depend on each other: a → a"]);
    let wrong = cluster("a", 1, "").replacen('{', "{\n  depends_on = [cluster.bee, \"b\", var.x]", 1);
    project.write("main.disco.hcl", &(wrong + &cluster("b", 2, "")));
    let run = project.disco("validate").ends_with(1).says(&["cluster `bee` does not exist", "use `a` or `b`"]);
    assert_eq!(run.stderr.matches("`depends_on` is a list of clusters and modules").count(), 2, "{}", run.stderr);
}
