//! What is too large is pointed at, and what only needs more stacks has them.

use std::fmt::Write as _;

use crate::support::TestProject;

fn cluster(parts: &str, framework: &str) -> String {
    format!(
        "cluster \"lab\" {{\n  image = \"debian-12\"\n  network {{ cidr = \"10.61.0.0/16\" }}\n  \
         master {{ flavor = \"m1.medium\" }}\n  slaves {{\n    count  = 1\n    flavor = \"m1.medium\"\n  }}\n{parts}\n{framework}\n}}\n"
    )
}

#[test]
fn rules_and_files_that_are_too_large_are_named() {
    let rule = "  security {\n    allow \"ssh\" { from = [for i in concat(range(0, 600), range(600, 1200)) : cidrsubnet(\"10.128.0.0/9\", 15, i)] }\n  }";
    let told = TestProject::with(&cluster(rule, "")).disco("validate").ends_with(1).stderr;
    assert!(told.contains("1200 security rules") && told.contains("main.disco.hcl:10:5"), "{told}");

    let project = TestProject::with(&cluster(
        "",
        "  framework \"hadoop\" {\n    config \"log4j.properties\" { content = file(\"big\") }\n  }",
    ));
    std::fs::write(project.file("big"), "# a line of forty characters in a file\n".repeat(15_000)).unwrap();
    let told = project.disco("validate").ends_with(1).stderr;
    assert!(told.contains("most of it is here: 585000 bytes of") && told.contains("main.disco.hcl:11:"), "{told}");
    assert!(!told.contains("count  = 1\n"), "{told}");
}

#[test]
fn many_groups_are_spread_over_several_stacks() {
    let mut groups = String::new();
    for group in 0..20 {
        let _ = writeln!(groups, "  slaves \"g{group}\" {{\n    count  = 1\n    flavor = \"m1.medium\"\n  }}");
    }
    let project = TestProject::with(&cluster(&groups, "  framework \"hadoop\" {}"));
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
    assert!(project.read("disco.state.json").contains("lab.shard-2"));
}

/// Each slave has a stack of its own where its files are large: it is a batch of its own, too.
#[test]
fn nodes_whose_services_stop_take_turns_even_where_each_has_a_stack_of_its_own() {
    let project = TestProject::with(
        r#"variable "lines" { default = 9 }
locals { thousand = join("", [for i in range(1000) : "one of many words, 12345"]) }
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.1.0.0/24" }
  master { flavor = "m1.medium" }
  slaves {
    count  = 3
    flavor = "m1.medium"
  }
  framework "hadoop" {
    config "log4j.properties" {
      content = join("", [for i in range(var.lines) : local.thousand])
    }
  }
}
"#,
    );
    project.disco("apply --auto-approve").ends_with(0);
    let run = project.disco("plan --var lines=14").ends_with(0);
    let (_, steps) = run.stdout.split_once("\nSteps").unwrap();
    for shard in 1..=3 {
        assert!(steps.contains(&format!("lab.shard-{shard}: ")), "{steps}");
    }
    assert!(!steps.contains("side by side"), "{steps}");
}
