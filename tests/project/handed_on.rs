//! What `disco template` prints, in the hands of OpenStack's own client: the stack is the cluster, with its outputs, and
//! `disco import` takes it up where its tags say whose it is.

use serde_json::Value as Json;

use super::openstack::Cloud;
use crate::local::openstack::{python_or_skip, run};

const DEFINITION: &str = r#"
variable "password" {
  default   = "Gr33n-Light"
  sensitive = true
}
cluster "lab" {
  image = "debian-12"
  network {
    cidr             = "10.20.0.0/24"
    external_network = "public"
  }
  master {
    flavor      = "m1.medium"
    floating_ip = true
  }
  slaves {
    count  = 1
    flavor = "m1.medium"
  }
  framework "hadoop" {
    config "core-site.xml" { set = { "lab.password" = var.password } }
  }
}
output "page" { value = cluster.lab.ui.hdfs }
"#;

impl Cloud {
    /// Runs commands of `openstack` in one process; gives what each printed.
    fn openstack(&self, python: &std::path::Path, commands: &[String]) -> Vec<Json> {
        let known = self.credentials();
        let text = |name: &str| known[name].as_str().unwrap().to_owned();
        let variables = vec![
            ("OS_AUTH_URL", format!("http://{}{}", self.address(), text("auth_path"))),
            ("OS_USERNAME", text("username")),
            ("OS_PASSWORD", text("password")),
            ("OS_PROJECT_NAME", text("project_name")),
            ("OS_USER_DOMAIN_ID", "default".to_owned()),
            ("OS_PROJECT_DOMAIN_ID", "default".to_owned()),
            ("OS_IDENTITY_API_VERSION", "3".to_owned()),
            ("HOME", self.project.path().display().to_string()),
        ];
        let mut answers = run(python, &commands.join("\n"), &variables);
        let answer = |command: &String| {
            let answer = answers.remove(command).unwrap();
            assert_eq!(answer["code"], 0, "{command}: {}", answer["err"]);
            // What happened in the meantime stands before it.
            let out = answer["out"].as_str().unwrap();
            let start = out.find("\n{").map_or(0, |at| at + 1);
            serde_json::from_str(&out[start..]).unwrap_or_else(|error| panic!("{command}: {error}: {out}"))
        };
        commands.iter().map(answer).collect()
    }
}

#[test]
fn a_printed_template_is_a_stack_for_the_openstack_client() {
    let Some(python) = python_or_skip() else { return };
    let cloud = Cloud::serve();
    cloud.project.write("main.disco.hcl", DEFINITION);
    let template = cloud.disco("template").ends_with(0).stdout;
    cloud.project.write("lab.yaml", &template);
    let parameters: Json = serde_saphyr::from_str::<Json>(&template).unwrap()["parameters"].take();
    let names: Vec<&String> = parameters.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 1, "{parameters}");
    assert!(parameters[names[0]]["description"].as_str().unwrap().ends_with("value of `var.password`"), "{parameters}");
    cloud.project.write("secrets.yaml", &format!("parameters:\n  {}: Gr33n-Light\n", names[0]));
    let file = |name: &str| cloud.project.file(name).display().to_string();
    let create = format!("stack create -t {} -e {} --wait lab -f json", file("lab.yaml"), file("secrets.yaml"));
    let shown = cloud.openstack(&python, &[create, "stack output show lab page -f json".to_owned()]);
    assert_eq!(shown[0]["stack_status"], "CREATE_COMPLETE");
    let page = shown[1]["output_value"].as_str().unwrap();
    assert!(page.starts_with("http://198.18.0.") && page.ends_with(":9870/"), "{page}");

    // Nothing says from which state it is: it is not ours until it is told.
    let help = ["stack `lab` has no tags of DISCO", "openstack stack update --existing --tags "];
    cloud.disco("import lab lab").ends_with(1).says(&help);
    cloud.disco("plan").ends_with(1).says(&["disco::foreign_stack"]);
    cloud.disco("template --out hot").ends_with(0);
    let order: Json = serde_json::from_str(&cloud.project.read("hot/stacks.json")).unwrap();
    let tags: Vec<&str> = order["steps"][0]["tags"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    let update = format!("stack update --existing --tags {} --wait lab -f json", tags.join(","));
    cloud.openstack(&python, &[update]);
    let imported = cloud.disco("import lab lab").ends_with(0);
    assert!(imported.stdout.starts_with("Imported cluster.lab: 1 stack, 2 nodes."), "{}", imported.stdout);
    let planned = cloud.disco("plan -detailed-exitcode").ends_with(0);
    assert!(!planned.stdout.contains("Gr33n"), "{}", planned.stdout);
    cloud.disco("destroy -auto-approve").ends_with(0);
}

#[test]
fn a_written_folder_is_a_stack_with_its_tags() {
    let Some(python) = python_or_skip() else { return };
    let cloud = Cloud::serve();
    cloud.project.write("main.disco.hcl", DEFINITION);
    cloud.disco("template --out hot").ends_with(0);
    let order: Json = serde_json::from_str(&cloud.project.read("hot/stacks.json")).unwrap();
    let step = &order["steps"][0];
    let secrets = step["parameters"].as_object().unwrap().keys();
    let parameters: Vec<String> = secrets.map(|name| format!("--parameter {name}=Gr33n-Light")).collect();
    let tags: Vec<&str> = step["tags"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    let file = cloud.project.file("hot").join(step["file"].as_str().unwrap());
    let create = format!(
        "stack create -t {} {} --tags {} --wait {} -f json",
        file.display(),
        parameters.join(" "),
        tags.join(","),
        step["stack"].as_str().unwrap()
    );
    let shown = cloud.openstack(&python, &[create]);
    assert_eq!(shown[0]["stack_status"], "CREATE_COMPLETE");
    // It is the project's own as it stands: nothing has to be imported for `plan` to say so, and nothing is changed.
    let imported = cloud.disco("import lab lab").ends_with(0);
    assert!(imported.stdout.starts_with("Imported cluster.lab: 1 stack, 2 nodes."), "{}", imported.stdout);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    cloud.disco("drift").ends_with(0);
    cloud.disco("destroy -auto-approve").ends_with(0);
}
