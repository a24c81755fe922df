//! `for_each`, `count`, `enabled` and `dynamic`: several things of one block.

use crate::support::TestProject;

const SITES: &str = r#"variable "sites" {
  type = map(number)
  default = {
    bonn   = 1
    madrid = 2
    oslo   = 3
  }
}

cluster "site" {
  for_each = var.sites
  image    = "debian-12"
  network { cidr = cidrsubnet("10.0.0.0/8", 8, each.value) }
  master { flavor = "m1.small" }
  slaves "disk" {
    for_each = toset(["a", "b"])
    count    = each.key == "a" ? 1 : 0
    flavor   = "m1.small"
    volume "v" {
      for_each = { one = 1, two = 2 }
      size     = each.value
    }
  }
}

output "names" { value = { for key, site in cluster.site : key => site.name } }
output "node" { value = cluster.site["bonn"].disk-a[0].name }
"#;

#[test]
fn a_cluster_for_each_site_comes_and_goes_without_the_others() {
    let project = TestProject::with(SITES);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let outputs: serde_json::Value = serde_json::from_str(&project.disco("output --json").ends_with(0).stdout).unwrap();
    let names = serde_json::json!({ "bonn": "site-bonn", "madrid": "site-madrid", "oslo": "site-oslo" });
    assert_eq!(outputs["names"]["value"], names, "{outputs}");
    assert_eq!(outputs["node"]["value"], "site-bonn-disk-a-0");
    let run = project.disco("plan --accept-data-loss --var sites={bonn=1,oslo=3,rome=4}").ends_with(0);
    assert!(!run.stdout.contains("site-bonn.") && !run.stdout.contains("site-oslo."), "{}", run.stdout);
    assert!(run.stdout.contains("- cluster.site-madrid.master[0]"), "{}", run.stdout);
    assert!(run.stdout.contains("+ cluster.site-rome.master[0]"), "{}", run.stdout);
    project.disco("destroy --auto-approve").ends_with(0);
}

#[test]
fn a_count_of_clusters_tells_each_its_number() {
    let project = TestProject::with(
        r#"cluster "lab" {
  count = 2
  image = "debian-12"
  network { cidr = "10.1.${count.index}.0/24" }
  master { flavor = "m1.small" }
}
cluster "other" {
  enabled = false
  image   = "debian-12"
  network { cidr = "10.2.0.0/24" }
  master { flavor = "m1.small" }
}
output "first" { value = cluster.lab[0].network.cidr }
output "all" { value = cluster.lab[*].name }
"#,
    );
    project.disco("apply --auto-approve").ends_with(0);
    let run = project.disco("output").ends_with(0);
    assert!(run.stdout.contains("10.1.0.0/24") && run.stdout.contains("lab-1"), "{}", run.stdout);
    assert!(!project.read("disco.state.json").contains("other"));
}

#[test]
fn rules_are_repeated_and_dynamic_blocks_are_what_they_stand_for() {
    let definition = |rules: &str| {
        format!(
            "cluster \"lab\" {{\n  image = \"debian-12\"\n  network {{\n    cidr             = \"10.1.0.0/24\"\n    external_network = \
             \"public\"\n  }}\n  security {{\n{rules}\n  }}\n  master {{ flavor = \"m1.small\" }}\n}}\n"
        )
    };
    let native = "    allow \"custom\" {\n      for_each = { web = \"8443\", more = \"9000\" }\n      ports    = [each.value]\n      \
                  from     = [\"203.0.113.0/24\"]\n    }";
    let dynamic = "    dynamic \"allow\" {\n      for_each = { web = \"8443\", more = \"9000\" }\n      labels   = \
                   [\"custom\"]\n      content {\n        ports = [allow.value]\n        from  = [\"203.0.113.0/24\"]\n      }\n    }";
    for rules in [native, dynamic] {
        let run = TestProject::with(&definition(rules)).disco("plan").ends_with(0);
        assert!(run.stdout.contains("tcp 8443") && run.stdout.contains("tcp 9000"), "{}", run.stdout);
    }
    let none = native.replace("{ web = \"8443\", more = \"9000\" }", "{}");
    let run = TestProject::with(&definition(&none)).disco("plan").ends_with(0);
    assert!(!run.stdout.contains("tcp 8443"), "{}", run.stdout);
}

#[test]
fn what_is_wrong_with_a_repetition_is_said() {
    let cases = [
        ("for_each = [1, 2]", "expected a map or a set of strings"),
        ("for_each = \"a\"", "expected a map or a set of strings"),
        ("for_each = { Bonn = 1 }", "key `Bonn` of `for_each` cannot be part of a name"),
        ("for_each = [\"a\", \"a\"]", "`for_each` has `a` twice"),
        ("for_each = { a = 1 }\n  count = 2", "`for_each` and `count` cannot be used together"),
        ("for_each = sensitive({ a = 1 })", "`for_each` goes over a sensitive value"),
        ("for_each = { for k in [cluster.lab.id] : k => 1 }", "known only after apply"),
        ("count = -1", "count"),
        ("enabled = each.key == \"a\"", "each"),
    ];
    let lab = "cluster \"lab\" {\n  image = \"debian-12\"\n  network { cidr = \"10.1.0.0/24\" }\n  master { flavor = \"m1.small\" }\n}\n";
    for (repetition, words) in cases {
        let definition = format!(
            "{lab}cluster \"site\" {{\n  {repetition}\n  image = \"debian-12\"\n  network {{ cidr = \"10.2.0.0/24\" }}\n  \
             master {{ flavor = \"m1.small\" }}\n}}\n"
        );
        let run = TestProject::with(&definition).disco("validate").ends_with(1);
        assert!(run.stderr.contains(words), "{repetition}:\n{}", run.stderr);
    }
    let twice =
        format!("{lab}cluster \"l\" {{\n  for_each = [\"ab\"]\n  image = \"debian-12\"\n}}\ncluster \"l-ab\" {{}}\n");
    TestProject::with(&twice).disco("validate").ends_with(1).says(&["two clusters have the name `l-ab`"]);
    for (block, words) in [
        ("dynamic \"allow\" {}", "`dynamic` needs a `content` block"),
        ("dynamic {}", "a `dynamic` block has the kind"),
        ("dynamic \"allow\" {\n content {}\n}", "`dynamic` needs `for_each`"),
    ] {
        let definition = lab.replace("  master", &format!("  security {{\n    {block}\n  }}\n  master"));
        let run = TestProject::with(&definition).disco("validate").ends_with(1);
        assert!(run.stderr.contains(words), "{block}:\n{}", run.stderr);
    }
}

/// After apply the plan is empty, also where a block stands for nothing.
#[test]
fn what_stands_for_nothing_is_known() {
    let project = TestProject::with(
        r#"variable "sites" {
  type    = map(number)
  default = {}
}
cluster "site" {
  for_each = var.sites
  image    = "debian-12"
  network { cidr = cidrsubnet("10.0.0.0/8", 8, each.value) }
  master { flavor = "m1.small" }
  slaves {
    count  = 1
    flavor = "m1.small"
  }
}
cluster "several" {
  count = 0
  image = "debian-12"
  network { cidr = "10.200.0.0/24" }
  master { flavor = "m1.small" }
}
cluster "off" {
  enabled = false
  image   = "debian-12"
  network { cidr = "10.201.0.0/24" }
  master { flavor = "m1.small" }
}
output "sites" { value = keys(cluster.site) }
output "several" { value = length(cluster.several) }
output "off" { value = cluster.off == null }
"#,
    );
    project.disco("apply --auto-approve").ends_with(0);
    let outputs: serde_json::Value = serde_json::from_str(&project.disco("output --json").ends_with(0).stdout).unwrap();
    let value = |name: &str| outputs[name]["value"].clone();
    assert_eq!([value("sites"), value("several"), value("off")], [serde_json::json!([]), 0.into(), true.into()]);
    project.disco("plan --detailed-exitcode").ends_with(0);
    // A key may be the name of a part that every cluster has.
    project.write("one.disco.hcl", "output \"one\" { value = cluster.site[\"master\"].slaves[0].name }\n");
    project.disco("apply --auto-approve --var sites={master=1}").ends_with(0);
    assert_eq!(project.disco("output --raw one").ends_with(0).stdout, "site-master-slaves-0\n");
}
