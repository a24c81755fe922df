//! `moved`, `removed` and `import`: what lives changes its address, goes without being destroyed, and comes back.

use std::collections::BTreeMap;

use crate::support::TestProject;

fn cluster(name: &str, number: u8, groups: &str) -> String {
    format!(
        "cluster \"{name}\" {{\n  image = \"debian-12\"\n  network {{ cidr = \"10.{number}.0.0/24\" }}\n  \
         master {{ flavor = \"m1.small\" }}\n  {groups}\n}}\n"
    )
}

fn group(name: &str) -> String {
    format!("slaves \"{name}\" {{\n    count  = 2\n    flavor = \"m1.small\"\n  }}")
}

/// Ids of all servers, by their names.
fn servers(project: &TestProject) -> BTreeMap<String, String> {
    let state: serde_json::Value = serde_json::from_str(&project.disco("state pull").ends_with(0).stdout).unwrap();
    let mut found = BTreeMap::new();
    for cluster in state["clusters"].as_object().unwrap().values() {
        for stack in cluster["stacks"].as_object().unwrap().values() {
            for (name, resource) in stack["resources"].as_object().unwrap() {
                let text = resource.to_string();
                if name.ends_with("-server") || text.contains("OS::Nova::Server\"") {
                    let key = format!("{}/{name}", stack["id"]);
                    found.insert(key, resource["id"].as_str().unwrap_or(&text).to_owned());
                }
            }
        }
    }
    assert!(!found.is_empty(), "{state}");
    found
}

#[test]
fn a_cluster_gets_another_name_and_no_node_is_touched() {
    let project = TestProject::with(&cluster("old", 1, ""));
    project.disco("apply --auto-approve").ends_with(0);
    let before = servers(&project);
    let moved = "moved {\n  from = cluster.old\n  to   = cluster.site[\"bonn\"]\n}\n";
    let named = cluster("site", 1, "").replacen('{', "{\n  for_each = toset([\"bonn\"])", 1);
    let output = "output \"name\" { value = cluster.site[\"bonn\"].master[0].name }\n";
    project.write("main.disco.hcl", &(named.clone() + output));
    // Without the block it is another one, and the old one goes.
    let run = project.disco("plan").ends_with(0);
    assert!(run.stdout.contains("- cluster.old.master[0]"), "{}", run.stdout);
    project.write("main.disco.hcl", &(named.clone() + output + moved));
    let run = project.disco("plan --detailed-exitcode").ends_with(2);
    assert!(
        run.stdout.contains("cluster.old is now cluster.site[\"bonn\"], and stays `old` on the cloud"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.ends_with("Plan: 0 to add, 0 to change, 0 to destroy, 1 to move.\n"), "{}", run.stdout);
    let offline = project.disco("plan --offline --detailed-exitcode").ends_with(2);
    assert!(offline.stdout.contains("1 to move"), "{}", offline.stdout);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    // The state remembers it: the block may go.
    project.write("main.disco.hcl", &(named.clone() + output));
    project.disco("plan --detailed-exitcode").ends_with(0);
    assert_eq!(servers(&project), before);
    let run = project.disco("output name").ends_with(0);
    assert_eq!(run.stdout.trim(), "\"old-master-0\"");
    // It is called by its address and by its name.
    for word in ["cluster.site[\"bonn\"].master[0]", "cluster.old.master[0]"] {
        project.disco(&format!("state show {word}")).ends_with(0);
    }
    let show = project.disco("show").ends_with(0);
    assert!(show.stdout.contains("# cluster.site[\"bonn\"]"), "{}", show.stdout);
    // Its name is not given to another: that one gets a number.
    project.write("main.disco.hcl", &(named + &cluster("old", 2, "")));
    let run = project.disco("plan").ends_with(0);
    assert!(
        run.stdout.contains("# cluster.old\n") && run.stdout.contains("+ cluster.old-2.master[0]"),
        "{}",
        run.stdout
    );
    // A block that got a `for_each` without being moved is told what to do.
    project.write("main.disco.hcl", &cluster("old", 1, "").replacen('{', "{\n  count = 1", 1));
    project.disco("plan").ends_with(0);
    project.disco("destroy --auto-approve").ends_with(0);
}

#[test]
fn a_group_gets_another_name_and_its_nodes_keep_theirs() {
    let project = TestProject::with(&cluster("lab", 1, &group("burst")));
    project.disco("apply --auto-approve").ends_with(0);
    let before = servers(&project);
    let moved = "moved {\n  from = cluster.lab.burst\n  to   = cluster.lab.extra\n}\n";
    let rules =
        "security {\n    allow \"ssh\" {\n      from = [\"192.0.2.0/24\"]\n      to   = \"extra\"\n    }\n  }\n  ";
    let output = "output \"names\" { value = cluster.lab.extra[*].name }\n";
    project.write("main.disco.hcl", &(cluster("lab", 1, &(rules.to_owned() + &group("extra"))) + moved + output));
    let run = project.disco("plan").ends_with(0);
    assert!(run.stdout.contains("cluster.lab.burst is now cluster.lab.extra"), "{}", run.stdout);
    assert!(run.stdout.contains("to burst") && !run.stdout.contains("- cluster.lab"), "{}", run.stdout);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    assert_eq!(servers(&project), before);
    let run = project.disco("output names").ends_with(0);
    assert!(run.stdout.contains("lab-burst-0") && run.stdout.contains("lab-burst-1"), "{}", run.stdout);
    // It grows and shrinks as any other.
    let three = cluster("lab", 1, &group("extra").replace("= 2", "= 3"));
    project.write("main.disco.hcl", &three);
    let run = project.disco("apply --auto-approve").ends_with(0);
    assert!(run.stdout.contains("+ cluster.lab.burst[2]"), "{}", run.stdout);
    project.write("main.disco.hcl", &cluster("lab", 1, &(group("extra") + "\n  " + &group("burst"))));
    project.disco("plan").ends_with(1).says(&["the nodes of group `extra` are called `burst`"]);
    project.disco("destroy --auto-approve").ends_with(0);
}

/// A network plan, a site for each, and what watches over all: three modules.
fn sites(keys: &[&str], name: &str) -> String {
    let numbers = ["a", "b", "c", "d", "e", "f", "g", "h", "m"];
    let sites: Vec<String> = keys
        .iter()
        .map(|key| format!("    {key} = {}", numbers.iter().position(|number| number == key).unwrap()))
        .collect();
    format!(
        r#"locals {{
  sites = {{
{}
  }}
}}
module "net" {{
  source = "./modules/net"
  sites  = local.sites
}}
module "{name}" {{
  source   = "./modules/site"
  for_each = local.sites
  cidr     = module.net.cidrs[each.key]
}}
module "watch" {{
  source    = "./modules/watch"
  addresses = {{ for key, site in module.{name} : key => site.address }}
}}
output "watched" {{ value = module.watch.watched }}
"#,
        sites.join("\n")
    )
}

#[test]
fn one_of_eight_sites_is_moved_and_one_removed_and_no_other_is_touched() {
    let project = TestProject::with(&sites(&["a", "b", "c", "d", "e", "f", "g", "h"], "site"));
    project.write(
        "modules/net/n.disco.hcl",
        "variable \"sites\" { type = map(number) }\noutput \"cidrs\" { value = { for key, number in var.sites : key => cidrsubnet(\"10.0.0.0/8\", 16, number) } }\n",
    );
    project.write(
        "modules/site/s.disco.hcl",
        &("variable \"cidr\" { type = string }\noutput \"address\" { value = cluster.lab.master[0].address }\n"
            .to_owned()
            + &cluster("lab", 1, &group("burst")).replace("\"10.1.0.0/24\"", "var.cidr")),
    );
    project.write(
        "modules/watch/w.disco.hcl",
        "variable \"addresses\" { type = map(string) }\noutput \"watched\" { value = length(var.addresses) }\ncheck \"all\" {\n  assert {\n    condition     = length(var.addresses) > 6\n    error_message = \"few sites\"\n  }\n}\n",
    );
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let before = servers(&project);
    assert_eq!(before.len(), 24);
    // `b` is called `m` from now on, keeping its network's number; `c` goes.
    let after = sites(&["a", "d", "e", "f", "g", "h", "m"], "site").replace("m = 8", "m = 1");
    project.write("main.disco.hcl", &after);
    project.write("moved.disco.hcl", "moved {\n  from = module.site[\"b\"]\n  to   = module.site[\"m\"]\n}\n");
    let run = project.disco("plan").ends_with(0);
    assert!(
        run.stdout.contains("3 to destroy, 1 to move") || run.stdout.contains("to destroy, 1 to move."),
        "{}",
        run.stdout
    );
    for line in run.stdout.lines().filter(|line| line.contains("cluster.site-")) {
        assert!(line.contains("site-c-lab") || line.contains("is now"), "{line}\n{}", run.stdout);
    }
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let rest = servers(&project);
    assert_eq!(rest.len(), 21);
    assert!(rest.iter().all(|(name, id)| before.get(name) == Some(id)));
    // The whole module gets another name.
    project.write(
        "main.disco.hcl",
        &after.replace("module \"site\"", "module \"place\"").replace("module.site", "module.place"),
    );
    project.write("moved.disco.hcl", "moved {\n  from = module.site\n  to   = module.place\n}\n");
    let run = project.disco("apply --auto-approve").ends_with(0);
    assert!(run.stdout.contains("0 to destroy, 7 to move"), "{}", run.stdout);
    assert_eq!(servers(&project), rest);
    project.disco("plan --detailed-exitcode").ends_with(0);
    project.disco("destroy --auto-approve").ends_with(0);
}

#[test]
fn what_is_removed_without_being_destroyed_stays_and_can_be_imported_again() {
    let both = cluster("keep", 1, "") + &cluster("go", 2, "");
    let project = TestProject::with(&both);
    project.disco("apply --auto-approve").ends_with(0);
    let before = servers(&project);
    let removed = "removed {\n  from    = cluster.go\n  destroy = false\n}\n";
    project.write("main.disco.hcl", &(cluster("keep", 1, "") + removed));
    let run = project.disco("plan --detailed-exitcode").ends_with(2);
    assert!(run.stdout.contains("cluster.go is forgotten: stack `go` and all that is in it stays"), "{}", run.stdout);
    assert!(run.stdout.contains("0 to destroy, 1 to forget."), "{}", run.stdout);
    project.disco("apply --auto-approve").ends_with(0);
    assert!(!project.disco("state list").ends_with(0).stdout.contains("cluster.go"));
    project.disco("plan --detailed-exitcode").ends_with(0);
    // Not even without the block is it taken for a left-over.
    project.write("main.disco.hcl", &cluster("keep", 1, ""));
    project.disco("plan --detailed-exitcode").ends_with(0);
    let import = "import {\n  to = cluster.go\n  id = \"go\"\n}\n";
    project.write("main.disco.hcl", &(both.clone() + import));
    let run = project.disco("plan --detailed-exitcode").ends_with(2);
    assert!(run.stdout.contains("cluster.go is imported from stack `go`: 1 node"), "{}", run.stdout);
    assert!(run.stdout.contains("Plan: 1 to import, 0 to add"), "{}", run.stdout);
    let json = project.disco("plan --json").ends_with(0).stdout;
    assert!(
        json.contains(r#""state_changes":[{"action":"import","cluster":"go","from":null,"to":"cluster.go"}]"#),
        "{json}"
    );
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    assert_eq!(servers(&project), before);
    // By hand it is the same.
    project.disco("state rm cluster.go").ends_with(0);
    project.write("main.disco.hcl", &cluster("keep", 1, ""));
    project.disco("plan --detailed-exitcode").ends_with(0);
    project.write("main.disco.hcl", &both);
    project.disco("apply --auto-approve").ends_with(0);
    assert_eq!(servers(&project), before);
    project.write("main.disco.hcl", &(cluster("keep", 1, "") + "removed { from = cluster.go }\n"));
    let run = project.disco("plan").ends_with(0);
    assert!(run.stdout.contains("- cluster.go.master[0]"), "{}", run.stdout);
    project.disco("destroy --auto-approve").ends_with(0);
}

#[test]
fn a_cluster_that_was_moved_and_forgotten_is_taken_in_again() {
    let project = TestProject::with(&cluster("a", 1, ""));
    project.disco("apply --auto-approve").ends_with(0);
    let before = servers(&project);
    project.disco("state mv a c").ends_with(0);
    // By its name, which lists print, as well as by its address.
    project.disco("state mv cluster.a cluster.b").ends_with(0);
    project.disco("state mv b c").ends_with(0);
    project.write("main.disco.hcl", &cluster("c", 1, ""));
    project.disco("plan --detailed-exitcode").ends_with(0);
    project.disco("state rm cluster.c").ends_with(0);
    // Nobody says that it is deleted, and nothing differs.
    project.write("main.disco.hcl", "output \"o\" { value = 1 }\n");
    let run = project.disco("plan").ends_with(0);
    assert!(!run.stdout.contains("not in the state"), "{}", run.stdout);
    project.disco("drift").ends_with(0);
    project.write("main.disco.hcl", &cluster("c", 1, ""));
    let run = project.disco("plan").ends_with(0);
    assert!(!run.stdout.contains("+ cluster"), "{}", run.stdout);
    project.disco("apply --auto-approve").ends_with(0);
    assert_eq!(servers(&project), before);
    project.disco("state rm cluster.c").ends_with(0);
    project.disco("import cluster.c a").ends_with(0);
    assert_eq!(servers(&project), before);
    project.disco("plan --detailed-exitcode").ends_with(0);
}

#[test]
fn blocks_that_contradict_the_definition_are_told() {
    let project =
        TestProject::with(&(cluster("a", 1, "") + "removed {\n  from    = cluster.a\n  destroy = false\n}\n"));
    project.disco("validate").ends_with(1).says(&["`cluster.a` is removed and still defined"]);
    let moved = "moved {\n  from = cluster.b\n  to   = cluster.aa\n}\n";
    project.write("main.disco.hcl", &(cluster("aaa", 1, "") + moved));
    project.disco("validate").ends_with(0).says(&["nothing is defined at `cluster.aa`", "did you mean `cluster.aaa`?"]);
}

#[test]
fn a_sensitive_key_is_no_address_and_is_not_shown() {
    let secret = "variable \"key\" {\n  default   = \"geheim\"\n  sensitive = true\n}\n";
    let moved = "moved {\n  from = cluster.a[var.key]\n  to   = cluster.b\n}\n";
    let project = TestProject::with(&(secret.to_owned() + moved));
    let run = project.disco("validate").ends_with(1).says(&["this is not the address of"]);
    assert!(!(run.stderr + &run.stdout).contains("geheim"));
}

#[test]
fn a_move_by_hand_is_the_same_as_one_by_a_block() {
    let project = TestProject::with(&cluster("a", 1, &group("burst")));
    project.disco("apply --auto-approve").ends_with(0);
    let run = project.disco("state mv a cluster.b").ends_with(0);
    assert!(run.stdout.contains("cluster.a is now cluster.b, and stays `a` on the cloud"), "{}", run.stdout);
    project.disco("state mv cluster.b.burst b.extra").ends_with(0);
    project.write("main.disco.hcl", &cluster("b", 1, &group("extra")));
    project.disco("plan --detailed-exitcode").ends_with(0);
    project.disco("state mv cluster.c cluster.d").ends_with(1);
    project.disco("state mv cluster.b module.d").ends_with(1).says(&["cannot be moved"]);
    project.disco("state mv b.slaves b.other").ends_with(1);
    project.disco("destroy --auto-approve").ends_with(0);
}
