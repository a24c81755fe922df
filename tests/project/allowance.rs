//! Whether the cloud lets a plan be carried out is said before anything is created.

use crate::support::{Run, TestProject};

const DEFINITION: &str = r#"
variable "slaves" { default = 3 }
variable "flavor" { default = "m1.medium" }
variable "cidr" { default = "10.61.0.0/24" }
variable "zone" {
  default  = null
  type     = string
}
cluster "lab" {
  image = "debian-12"
  network {
    cidr             = var.cidr
    external_network = "public"
  }
  master {
    flavor      = "m1.medium"
    floating_ip = true
  }
  slaves {
    count             = var.slaves
    flavor            = var.flavor
    availability_zone = var.zone
  }
}
"#;

/// Runs the program on an engine with these limits.
fn limited(project: &TestProject, words: &str, limits: &str) -> Run {
    Run::of(&project.command(words).env("DISCO_LOCAL_LIMITS", limits).output().unwrap())
}

#[test]
fn a_quota_that_is_exceeded_is_said_with_its_numbers_at_the_line_that_asks_most() {
    let project = TestProject::with(DEFINITION);
    let refused = limited(
        &project,
        "plan",
        "instances=3,cores=6,ram=8192,ports=3,floating_ips=0,security_groups=0,security_group_rules=1,networks=0",
    )
    .ends_with(1);
    let refused = refused.says(&[
        "quota for `instances` is exceeded: 4 wanted, 0 used, limit 3",
        "quota for `cores` is exceeded: 8 wanted, 0 used, limit 6",
        "quota for `MiB of RAM` is exceeded: 16384 wanted, 0 used, limit 8192",
        // Four nodes, and the router's.
        "quota for `ports` is exceeded: 5 wanted, 0 used, limit 3",
        "quota for `floating IPs` is exceeded: 1 wanted, 0 used, limit 0",
        // One more is the project's own, which comes with the first.
        "quota for `security groups` is exceeded: 2 wanted, 0 used, limit 0",
        // Three inside, two of each group, two more of the project's own.
        "quota for `security group rules` is exceeded: 9 wanted, 0 used, limit 1",
        "quota for `networks` is exceeded: 1 wanted, 0 used, limit 0",
        "quota for `subnets` is exceeded: 1 wanted, 0 used, limit 0",
        "quota for `routers` is exceeded: 1 wanted, 0 used, limit 0",
        "main.disco.hcl:20:25",
        "3 of 4 are for `cluster.lab.slaves`",
        "10 errors",
    ]);
    assert!(refused.stdout.contains("Plan: 8 to add"), "the plan is shown all the same: {}", refused.stdout);
    limited(&project, "apply -auto-approve", "instances=3").ends_with(1).says(&["disco::quota_exceeded"]);
    assert!(!project.file("disco.state.json").exists(), "nothing was created");
    limited(&project, "apply -auto-approve", "instances=4,cores=8,ram=16384,ports=5,floating_ips=1").ends_with(0);
}

#[test]
fn only_what_a_plan_adds_has_to_fit() {
    let project = TestProject::with(DEFINITION);
    let full = "instances=4,cores=8,ram=16384";
    limited(&project, "apply -auto-approve", full).ends_with(0);
    // A full quota does not matter to what changes nothing, or makes it smaller.
    limited(&project, "plan -detailed-exitcode", full).ends_with(0);
    limited(&project, "plan --accept-data-loss --var slaves=2", full).ends_with(0);
    limited(&project, "plan --var slaves=5", full)
        .ends_with(1)
        .says(&["quota for `instances` is exceeded: 2 wanted, 4 used, limit 4"]);
    // A larger flavor takes the difference only.
    let grown = limited(&project, "plan --var flavor=m1.large", full).ends_with(1);
    assert!(!grown.stderr.contains("instances"), "{}", grown.stderr);
    grown.says(&["quota for `cores` is exceeded: 6 wanted, 8 used, limit 8", "`MiB of RAM`", ": 12288 wanted"]);
    limited(&project, "plan --var flavor=m1.large", "instances=4,cores=14,ram=28672").ends_with(0);
    // What shrinking gives back is there for what grows after it.
    limited(&project, "plan --accept-data-loss --var flavor=m1.large --var slaves=1", full).ends_with(0);
    // Another network replaces it and all that is in it: the new ones are made before the old ones go.
    let replaced = limited(&project, "plan --accept-data-loss --var cidr=10.62.0.0/24", full);
    assert!(!replaced.stderr.contains("networks"), "{}", replaced.stderr);
    limited(&project, "plan --accept-data-loss --var cidr=10.62.0.0/24", "networks=1")
        .ends_with(1)
        .says(&["quota for `subnets` is exceeded: 1 wanted, 1 used, limit 1"]);
    // A limit that nobody has is no limit.
    let wrong = limited(&project, "plan", "instances=many").ends_with(1);
    wrong.says(&["DISCO_LOCAL_LIMITS has `instances=many`, expected a limit such as `instances=2`"]);
}

#[test]
fn names_are_looked_up_where_the_cloud_has_them() {
    let project = TestProject::with(DEFINITION);
    project.disco("plan --var zone=nvoa").ends_with(1).says(&[
        "disco::unknown_availability_zone",
        "availability zone `nvoa` does not exist in the cloud",
        "main.disco.hcl:22:25",
        "did you mean `nova`?",
    ]);
    project.disco("apply -auto-approve --var zone=nova").ends_with(0);
    project.disco("plan -detailed-exitcode --var zone=nova").ends_with(0);
    let facts = &project.state()["clusters"]["lab"]["facts"];
    assert_eq!(facts["zones"], serde_json::json!(["nova"]));
    // An id is as good as a name, and so is remembered.
    project.disco("plan --var flavor=4 --var zone=nova").ends_with(0);
    project.disco("plan --var flavor=44 --var zone=nova").ends_with(1).says(&["flavor `44` does not exist"]);
}

#[test]
fn types_of_volumes_are_those_of_the_cloud() {
    let volume = "  slaves {\n    volume \"data\" {\n      size = 10\n      type = \"fast\"\n    }\n";
    let project = TestProject::with(&DEFINITION.replace("  slaves {\n", volume));
    project.disco("plan").ends_with(1).says(&[
        "disco::unknown_volume_type",
        "volume type `fast` does not exist in the cloud",
        "main.disco.hcl:22:14",
        "`__DEFAULT__`",
    ]);
    project.write("main.disco.hcl", &project.read("main.disco.hcl").replace("\"fast\"", "\"__DEFAULT__\""));
    limited(&project, "plan", "volumes=2,gigabytes=25").ends_with(1).says(&[
        "quota for `volumes` is exceeded: 3 wanted, 0 used, limit 2",
        "quota for `GiB of volumes` is exceeded: 30 wanted, 0 used, limit 25",
        "3 of 3 are for `cluster.lab.slaves`",
    ]);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
    let facts = &project.state()["clusters"]["lab"]["facts"];
    assert!(facts["volume_types"]["__DEFAULT__"].is_string(), "{facts}");
}
