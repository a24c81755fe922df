//! Plans of real clusters, as the person who has to approve them reads them.

use crate::support::TestProject;

/// One slave with Hadoop, and whatever else is said of the cluster.
fn hadoop(variables: &str, network: &str, rest: &str) -> TestProject {
    let project = TestProject::with(&format!(
        r#"{variables}
cluster "lab" {{
  image = "debian-12"
  network {{
    cidr             = "{network}"
    external_network = "public"
  }}
  master {{ flavor = "m1.medium" }}
{rest}}}
"#
    ));
    project.disco("apply --auto-approve -q").ends_with(0);
    project
}

/// What a plan says, from the first line that has `from`.
#[track_caller]
fn planned(project: &TestProject, words: &str, from: &str) -> Vec<String> {
    let run = project.disco(&format!("plan {words}")).ends_with(0);
    let lines = run.stdout.lines().skip_while(|line| !line.contains(from));
    let lines: Vec<String> = lines.map(|line| line.trim_end().to_owned()).collect();
    assert!(!lines.is_empty(), "nothing of `{from}` in:\n{}", run.stdout);
    lines
}

const SLAVE: &str = "  slaves {\n    count  = 1\n    flavor = \"m1.medium\"\n  }\n";

#[test]
fn every_key_that_changes_is_shown_whole() {
    let variables = r#"
variable "lines" { default = "one\ntwo A\nthree" }
variable "blank" { default = "value" }
variable "tail" { default = "A" }
"#;
    let long = "org.example.security.First,org.example.security.Second,org.example.security.Third,org.example.";
    let framework = format!(
        "{SLAVE}  framework \"hadoop\" {{\n    config \"core-site.xml\" {{\n      set = {{\n        \
         \"x.lines\" = var.lines\n        \"x.blank\" = var.blank\n        \"x.long\" = \"{long}${{var.tail}}\"\n      }}\n    }}\n  }}\n"
    );
    let project = hadoop(variables, "10.93.0.0/24", &framework);
    project.write("all.vars.hcl", "lines = \"one\\ntwo B\\nthree\"\nblank = \"value \"\ntail = \"B\"\n");
    let lines = planned(&project, "--var-file all.vars.hcl", "core-site.xml");
    let keys = [
        "          ~ x.blank: value → \"value \"".to_owned(),
        "          ~ x.lines: \"one\\ntwo A\\nthree\" → \"one\\ntwo B\\nthree\"".to_owned(),
        format!("          ~ x.long: {long}A → {long}B"),
    ];
    let told: Vec<&str> = lines[1..4].iter().filter_map(|line| line.split("  # ").next()).collect();
    assert_eq!(told, keys);
    let text = project.read("main.disco.hcl");
    let line = text.lines().position(|line| line.contains("x.long")).unwrap() + 1;
    assert!(lines[3].ends_with(&format!("  # main.disco.hcl:{line}")), "{lines:#?}");
}

#[test]
fn ends_of_lines_and_places_of_secrets_are_told() {
    let variables = r#"
variable "end" { default = "\n" }
variable "password" {
  default   = "first"
  sensitive = true
}
"#;
    let framework = format!(
        "{SLAVE}  framework \"hadoop\" {{\n    config \"log4j.properties\" {{ content = \"a=1${{var.end}}b=2\" }}\n    \
         config \"core-site.xml\" {{ set = {{ \"x.password\" = var.password }} }}\n  }}\n"
    );
    let project = hadoop(variables, "10.61.0.0/24", &framework);
    project.write("ends.vars.hcl", "end = \"\\r\\n\"\n");
    let lines = planned(&project, "--var-file ends.vars.hcl", "log4j.properties");
    assert_eq!(lines[1], "          ~ line ends: LF → CRLF");
    let lines = planned(&project, "--var password=second", "core-site.xml");
    assert_eq!(lines[1], "          ~ x.password: (sensitive value) → (new sensitive value)");
}

#[test]
fn what_is_public_beside_a_secret_is_told() {
    let variables = r#"
variable "level" { default = "INFO" }
variable "password" {
  default   = "pass-word-1"
  sensitive = true
}
"#;
    let framework = format!(
        "{SLAVE}  framework \"hadoop\" {{\n    config \"log4j.properties\" {{ content = \"root=${{var.level}}\\npassword=${{var.password}}\\n\" }}\n  }}\n"
    );
    let project = hadoop(variables, "10.64.0.0/24", &framework);
    let lines = planned(&project, "--var level=DEBUG", "log4j.properties");
    assert_eq!(lines[1], "          ~ root: INFO → DEBUG");
    assert!(!lines[2].contains("sensitive"), "{lines:?}");
    let lines = planned(&project, "--var password=pass-word-2", "log4j.properties");
    assert_eq!(lines[1], "          ~ password: (sensitive value) → (new sensitive value)");
    for run in [project.disco("plan --json --var password=pass-word-2"), project.disco("template")] {
        assert!(!run.stdout.contains("pass-word"), "{}", run.stdout);
    }
}

#[test]
fn rules_are_told_one_by_one_and_the_world_is_warned_of() {
    let rest = format!("{SLAVE}  security {{\n    allow \"ssh\" {{ from = [var.office] }}\n  }}\n");
    let project = hadoop("variable \"office\" { default = \"10.9.0.0/16\" }\n", "10.62.0.0/24", &rest);
    let run = project.disco("plan --var office=0.0.0.0/0").ends_with(0).says(&[
        "`ssh` (tcp 22) on all nodes of cluster `lab` is open to every address on the internet",
        "main.disco.hcl:15:27",
    ]);
    for line in [
        "~ cluster.lab.security  1 rule added, 1 rule removed",
        "+ ssh  tcp 22  from 0.0.0.0/0    to all nodes",
        "- ssh  tcp 22  from 10.9.0.0/16  to all nodes",
        "Plan: 1 to add, 0 to change, 1 to destroy.",
    ] {
        assert!(run.stdout.contains(line), "nothing of `{line}` in:\n{}", run.stdout);
    }
    assert!(!project.disco("plan").ends_with(0).stderr.contains("internet"), "what stays is no news");
}

#[test]
fn nodes_learn_new_names_before_the_new_nodes_come() {
    let rest = "  slaves {\n    count  = var.slaves\n    flavor = \"m1.medium\"\n  }\n  framework \"hadoop\" {}\n";
    let project = hadoop("variable \"slaves\" { default = 12 }\n", "10.63.0.0/24", rest);
    let lines = planned(&project, "--var slaves=150", "cluster.lab.master[0]");
    let reason = "· the range of `slaves` addresses grows from";
    assert!(lines[1].trim_start().starts_with(reason), "{lines:#?}");
    let steps: Vec<&str> =
        lines.iter().skip_while(|line| !line.starts_with("Steps")).skip(2).take(2).map(|line| line.trim()).collect();
    assert_eq!(
        steps,
        ["2. lab: update host names on master[0], slaves[0..11]", "3. lab.shard-1: create lab.shard-1"],
        "{lines:#?}"
    );
    project.disco("apply --auto-approve -q --var slaves=20").ends_with(0);
    assert_eq!(project.disco("plan --detailed-exitcode --var slaves=20").code, 0);
}

#[test]
fn a_rule_is_called_the_same_when_it_comes_and_when_it_goes() {
    let open = "  security {\n    allow \"hdfs\" { from = [\"203.0.113.0/24\"] }\n  }\n";
    let project = hadoop("", "10.94.0.0/24", &format!("{SLAVE}{open}  framework \"hadoop\" {{}}\n"));
    let rule = |from: &str| {
        let lines = planned(&project, from, "tcp 9870");
        lines[0].trim().trim_start_matches('-').trim_start().to_owned()
    };
    let named = rule("--destroy");
    assert!(named.starts_with("hdfs "), "{named}");
    project.write("main.disco.hcl", "");
    let unnamed = rule("--destroy");
    assert!(unnamed.starts_with("rule "), "{unnamed}");
}
