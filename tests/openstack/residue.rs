//! What only an administrator sees: the projects in which Heat keeps a stack's own users, and these users. A cluster that
//! is gone leaves none.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::{Duration, Instant};

use disco::heat::Service;
use serde_json::Value as Json;

use crate::support::{Eyes, LAB, TestCloud, TestProject, cloud_of, in_its_words, text};

const CLUSTER: &str = "residue";

/// Keystone's administrator, if the environment names one.
fn administrator() -> Option<Eyes> {
    let name = std::env::var("DISCO_TEST_ADMIN_CLOUD").ok().filter(|name| !name.is_empty())?;
    Some(Eyes::open(&cloud_of(&name)))
}

/// What Heat has made for the stacks of a project.
#[derive(Debug)]
struct StackUsers {
    /// Ids of the projects.
    projects: BTreeSet<String>,
    /// All users of Heat's own domain, and the project of each.
    users: BTreeMap<String, String>,
}

impl StackUsers {
    fn of(administrator: &Eyes, project: &str) -> Self {
        let version = if administrator.root(Service::Identity).ends_with("/v3") { "" } else { "/v3" };
        let listed = |path: &str, key: &str| -> Vec<Json> {
            administrator.get(Service::Identity, &format!("{version}{path}"))[key].as_array().unwrap().clone()
        };
        let all = listed("/projects", "projects");
        // Heat names such a project after the stack's own project and the stack.
        let ours = all.iter().filter(|it| text(it, "name").starts_with(&format!("{project}-")));
        let projects = ours.map(|it| text(it, "id").to_owned()).collect();
        let heats = all.iter().filter(|it| text(it, "description") == "Heat stack user project");
        let domains: BTreeSet<&str> = heats.map(|it| text(it, "domain_id")).collect();
        let users = domains.iter().flat_map(|domain| listed(&format!("/users?domain_id={domain}"), "users"));
        let users = users.map(|user| (text(&user, "id").to_owned(), text(&user, "default_project_id").to_owned()));
        Self { projects, users: users.collect() }
    }
}

#[test]
fn no_user_of_a_stack_outlives_it() {
    let Some(administrator) = administrator() else {
        let told = "this test needs DISCO_TEST_ADMIN_CLOUD, an entry of clouds.yaml that may list projects and users";
        std::io::stderr().write_all(format!("SKIPPED: {told}\n").as_bytes()).unwrap();
        return;
    };
    let cloud = TestCloud::chosen(CLUSTER);
    assert!(cloud.is_real(), "DISCO_TEST_CLOUD names the cloud of which DISCO_TEST_ADMIN_CLOUD is the administrator");
    let seen = || StackUsers::of(&administrator, cloud.eyes.project());
    let key_pairs = || cloud.eyes.get(Service::Compute, "/os-keypairs")["keypairs"].clone();
    let (before, pairs) = (seen(), key_pairs());
    let project = TestProject::lab();
    project.write("main.disco.hcl", &in_its_words(LAB).replace("cluster \"lab\"", &format!("cluster \"{CLUSTER}\"")));
    project.write("cloud.disco.hcl", "provider \"openstack\" {}\n");
    project.write("clouds.yaml", &cloud.settings());
    project.disco("apply -auto-approve").ends_with(0);
    let alive = seen();
    let projects: Vec<&String> = alive.projects.difference(&before.projects).collect();
    assert_eq!(projects.len(), 1, "the stack has a project for its users");
    let users: BTreeSet<&String> =
        alive.users.iter().filter(|(_, of)| projects.contains(of)).map(|(user, _)| user).collect();
    assert!(users.len() >= 4, "two nodes have two each, one for metadata and one for signals: {}", users.len());
    project.disco("destroy -auto-approve").ends_with(0);
    // Heat takes them away after it has said that the stack is deleted.
    let until = Instant::now() + Duration::from_mins(1);
    let left = loop {
        let now = seen();
        let of_projects = now.projects.difference(&before.projects);
        let left: Vec<String> =
            of_projects.chain(now.users.keys().filter(|user| users.contains(user))).cloned().collect();
        if left.is_empty() || Instant::now() > until {
            break left;
        }
        std::thread::sleep(Duration::from_secs(2));
    };
    assert_eq!(left, [""; 0], "projects and users of the stack are left");
    assert_eq!(key_pairs(), pairs, "key pairs are as they were");
    let told = format!("{} users and their project, none of them left\n", users.len());
    std::io::stderr().write_all(told.as_bytes()).unwrap();
}
