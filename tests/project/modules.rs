//! Modules: definitions of another folder, as often as they are called.

use crate::support::TestProject;

const NET: &str = r#"variable "names" { type = list(string) }
output "cidrs" { value = { for at, name in var.names : name => cidrsubnet("10.0.0.0/8", 16, at) } }
"#;

const SITE: &str = r#"variable "slaves" {
  type = number
  validation {
    condition     = var.slaves > 0
    error_message = "a site needs a slave"
  }
}
variable "cidr" { type = string }
variable "peers" {
  type     = list(string)
  default  = ["192.0.2.0/24"]
  nullable = false
}
cluster "lab" {
  image = "debian-12"
  network { cidr = var.cidr }
  security {
    allow "ssh" { from = var.peers }
  }
  master { flavor = "m1.small" }
  slaves {
    count  = var.slaves
    flavor = "m1.small"
  }
}
output "master" { value = cluster.lab.master[0].address }
output "folder" { value = path.module }
output "id" { value = cluster.lab.id }
"#;

const MAIN: &str = r#"variable "sites" {
  type    = map(number)
  default = { bonn = 1, madrid = 2 }
}
module "net" {
  source = "./modules/net"
  names  = keys(var.sites)
}
module "site" {
  source   = "./modules/site"
  for_each = var.sites
  slaves   = each.value
  cidr     = module.net.cidrs[each.key]
  peers    = each.key == "bonn" ? [module.net.cidrs["madrid"]] : null
}
output "masters" { value = { for name, site in module.site : name => site.master } }
output "folder" { value = module.site["bonn"].folder }
output "id" { value = module.site["madrid"].id }
"#;

fn sites() -> TestProject {
    let project = TestProject::with(MAIN);
    project.write("modules/net/net.disco.hcl", NET);
    project.write("modules/site/site.disco.hcl", SITE);
    project
}

#[test]
fn values_go_into_modules_and_come_out_of_them() {
    let project = sites();
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let outputs: serde_json::Value = serde_json::from_str(&project.disco("output --json").ends_with(0).stdout).unwrap();
    let masters = serde_json::json!({ "bonn": "10.0.0.16", "madrid": "10.0.1.16" });
    assert_eq!(outputs["masters"]["value"], masters, "{outputs}");
    assert_eq!(outputs["folder"]["value"], "modules/site");
    assert_eq!(outputs["id"]["value"].as_str().map(str::len), Some(36), "{outputs}");
    let run = project.disco("plan --var sites={bonn=1,madrid=3}").ends_with(0);
    assert!(!run.stdout.contains("site-bonn-lab."), "{}", run.stdout);
    assert!(run.stdout.contains("+ cluster.site-madrid-lab.slaves[2]"), "{}", run.stdout);
    // Who gives the values is said, and what they come to.
    project.disco("validate --var sites={bonn=0}").ends_with(1).says(&[
        "variable `slaves`: a site needs a slave",
        "given by module `site`",
        "modules/site/site.disco.hcl",
    ]);
    project.disco("destroy --auto-approve").ends_with(0);
}

#[test]
fn clusters_of_modules_are_named_by_their_addresses() {
    let project = sites();
    for (words, count) in [
        ("--target module.site[\"bonn\"].cluster.lab", 1),
        ("--target module.site[\"bonn\"]", 1),
        ("--target module.site", 2),
        ("--exclude module.site[\"bonn\"].cluster.lab", 1),
        ("--target cluster.site-bonn-lab", 1),
    ] {
        let run = project.disco(&format!("plan {words}")).ends_with(0);
        assert_eq!(run.stdout.matches(".network  ").count(), count, "{words}: {}", run.stdout);
    }
    project
        .disco("plan --target module.site[\"berlin\"]")
        .ends_with(1)
        .says(&["there is no `module.site[\"berlin\"]`"]);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --replace module.site[\"bonn\"].cluster.lab.slaves[0]").ends_with(0);
    project.disco("destroy --auto-approve --target module.site[\"bonn\"]").ends_with(0);
    let left = project.disco("state list").ends_with(0).stdout;
    assert!(left.contains("cluster.site-madrid-lab") && !left.contains("cluster.site-bonn-lab"), "{left}");
}

#[test]
fn a_change_in_a_module_makes_a_saved_plan_stale() {
    let project = sites();
    project.disco("plan --out p").ends_with(0);
    project.write("modules/net/net.disco.hcl", &NET.replace("10.0.0.0/8", "10.64.0.0/10"));
    project.disco("apply p").ends_with(1).says(&["modules/net/net.disco.hcl"]);
}

#[test]
fn modules_may_use_each_others_outputs_both_ways() {
    let project = TestProject::with(
        r#"module "a" {
  source = "./m"
  given  = "x"
}
module "b" {
  source = "./m"
  given  = module.a.given
  other  = module.a.fixed
}
module "c" {
  source = "./m"
  count  = length(module.b.given)
  given  = module.d.fixed
}
module "d" {
  source  = "./m"
  enabled = module.c[0].fixed == "fixed"
  given   = module.c[0].fixed
}
output "b" { value = module.b }
output "c" { value = module.c[0].given }
"#,
    );
    project.write("m/m.disco.hcl", "variable \"given\" {}\nvariable \"other\" { default = null }\noutput \"given\" { value = var.given }\noutput \"fixed\" { value = \"fixed\" }\n");
    let run = project.disco("plan").ends_with(0);
    for line in ["fixed = \"fixed\"", "given = \"x\"", "c = \"fixed\""] {
        assert!(
            run.stdout.replace("\"fixed\" =", "fixed =").replace("\"given\" =", "given =").contains(line),
            "{line} in {}",
            run.stdout
        );
    }
}

#[test]
fn what_depends_on_itself_through_a_module_is_explained() {
    let project = TestProject::with(
        "module \"a\" {\n  source = \"./m\"\n  given  = module.a.given\n}\noutput \"o\" { value = module.a.given }\n",
    );
    project.write("m/m.disco.hcl", "variable \"given\" {}\noutput \"given\" { value = var.given }\n");
    project.disco("validate").ends_with(1).says(&["depend on each other", "output.given", "var.given"]);
}

#[test]
fn a_module_that_contains_itself_is_refused() {
    let project = TestProject::with("module \"a\" { source = \"./a\" }\n");
    project.write("a/a.disco.hcl", "module \"b\" { source = \"../b\" }\n");
    project.write("b/b.disco.hcl", "module \"a\" { source = \"../a\" }\n");
    project.disco("validate").ends_with(1).says(&["disco::module_cycle", "b/b.disco.hcl:1", "leads there"]);
    let project = TestProject::with("module \"a\" { source = \".\" }\n");
    project.disco("validate").ends_with(1).says(&["module `a` is the folder of the project itself"]);
}

#[test]
fn mistakes_in_calls_and_in_modules_are_told_apart() {
    let project = TestProject::with(
        r#"module "a" {
  source = "./m"
  size   = "three"
  colour = 1
}
module "b" { source = "hashicorp/consul/aws" }
module "c" { source = "./nowhere" }
module "d" { source = "./${var.x}" }
module "e" {}
module "f" {
  source = "./m"
  size   = null
  other  = 2
}
output "x" { value = module.a.nothing }
"#,
    );
    project.write(
        "m/m.disco.hcl",
        "variable \"size\" {\n  type     = number\n  nullable = false\n}\nvariable \"other\" {}\nprovider \"local\" {}\noutput \"bad\" { value = var.sise }\n",
    );
    let run = project.disco("validate").ends_with(1).says(&[
        "module `a` has no attribute `colour`",
        "module `a` needs a value for `other`",
        "`source` is not a folder of this project",
        "the folder `nowhere` of module `c` does not exist",
        "`source` is not a plain string",
        "`module` needs the attribute `source`",
        "variable `size` cannot be `null`",
        "a module cannot have a `provider` block",
        "this object has no attribute `nothing`",
        "variable `sise` does not exist",
        "module `a` is used here",
    ]);
    assert_eq!(run.stderr.matches("variable `sise` does not exist").count(), 1, "{}", run.stderr);
}

#[test]
fn secrets_stay_secret_on_their_way_through_modules() {
    let project = TestProject::with(
        r#"variable "word" {
  sensitive = true
  default   = "geheim"
}
module "a" {
  source = "./m"
  word   = var.word
}
output "open" { value = module.a.shouted }
output "closed" {
  value     = module.a.shouted
  sensitive = true
}
"#,
    );
    project.write(
        "m/m.disco.hcl",
        "variable \"word\" {}\noutput \"shouted\" {\n  value     = upper(var.word)\n  sensitive = true\n}\noutput \"leak\" { value = var.word }\n",
    );
    let run = project.disco("plan").ends_with(1).says(&["output `open` would show", "output `leak` would show"]);
    assert!(!(run.stderr + &run.stdout).to_lowercase().contains("geheim"));
}

#[test]
fn names_that_come_to_the_same_are_refused() {
    let cluster = "cluster \"lab\" {\n  image = \"debian-12\"\n  network { cidr = \"10.0.0.0/24\" }\n  master { flavor = \"m1.small\" }\n}\n";
    let project =
        TestProject::with(&format!("module \"a\" {{ source = \"./m\" }}\n{}", cluster.replace("lab", "a-lab")));
    project.write("m/m.disco.hcl", cluster);
    project.disco("validate").ends_with(1).says(&["two clusters have the name `a-lab`"]);
}
