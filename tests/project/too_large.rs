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
