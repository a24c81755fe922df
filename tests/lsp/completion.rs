//! What is offered in each kind of place.

use serde_json::{Value as Json, json};

use super::client::Client;
use crate::support::TestProject;

const BEGINNING: &str = "\
variable \"slaves\" {
  type = number
}

variable \"sizes\" {
  default = { small = 1, large = 2 }
}

locals {
  prefix = \"lab\"
}

cluster \"lab\" {
  image = \"debian-12\"
  network { cidr = \"10.20.0.0/24\" }
  master { flavor = \"m1.medium\" }
  slaves \"stores\" {
    count  = 3
    flavor = \"m1.medium\"
  }
  framework \"hadoop\" {}
}

";

/// The items that are offered at `|` behind the definition above.
#[track_caller]
fn items(client: &mut Client<'_>, marked: &str) -> Vec<Json> {
    let answer = client.at("main.disco.hcl", "completion", &format!("{BEGINNING}{marked}"), &json!({}));
    answer["result"]["items"].as_array().unwrap_or_else(|| panic!("{marked}: {answer}")).clone()
}

#[track_caller]
fn labels(client: &mut Client<'_>, marked: &str) -> Vec<String> {
    items(client, marked).iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_place_has_its_own_words() {
    let project = TestProject::with("");
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", "");
    project.write("part/part.disco.hcl", "output \"size\" { value = 3 }\n");
    let part =
        |text: &str| format!("module \"part\" {{ source = \"./part\" }}\noutput \"x\" {{\n  value = {text}\n}}\n");
    let inside = |text: &str| format!("cluster \"two\" {{\n  {text}\n}}\n");
    let config =
        |text: &str| inside(&format!("framework \"hadoop\" {{\n config \"hdfs-site.xml\" {{\n {text}\n }}\n }}"));
    let places: Vec<(String, &[&str], &[&str])> = vec![
        ("|".into(), &["cluster", "variable", "provider \"local\"", "output"], &["master", "flavor"]),
        ("clu|".into(), &["cluster"], &[]),
        (inside("|"), &["image", "network", "master", "slaves", "framework", "dynamic"], &["variable", "cidr"]),
        (inside("image = \"x\"\n  |"), &["network", "count"], &["image"]),
        (inside("master {\n    fl|\n  }"), &["flavor", "floating_ip", "volume"], &["network"]),
        (inside("master {\n    flavor = |\n  }"), &["\"m1.medium\"", "var", "max"], &["debian-12"]),
        (inside("master {\n    flavor = \"|\"\n  }"), &["m1.medium"], &["var", "debian-12"]),
        (inside("image = \"|"), &["debian-12"], &["m1.medium"]),
        (inside("network { external_network = \"|\" }"), &["public"], &[]),
        (inside("slaves {\n    anti_affinity = \"|\"\n  }"), &["none", "soft", "hard"], &["m1.medium"]),
        (inside("slaves {\n    floating_ip = |\n  }"), &["true", "false", "each"], &[]),
        (inside("framework \"|\""), &["hadoop", "spark"], &["lab"]),
        (inside("framework \"hadoop\" {\n    |\n  }"), &["replication", "version", "config"], &["image"]),
        (inside("framework \"hadoop\" {\n    version = \"|\"\n  }"), &["3.5.0"], &[]),
        (inside("framework \"hadoop\" {\n    config \"|\"\n  }"), &["hdfs-site.xml", "core-site.xml"], &[]),
        (
            config("set = { \"dfs.bl|\" }"),
            &["dfs.blocksize", "dfs.replication"],
            &["yarn.nodemanager.resource.memory-mb"],
        ),
        (config("set = {\n  |\n }"), &["dfs.blocksize"], &[]),
        ("output \"x\" {\n  value = var.|\n}\n".into(), &["slaves", "sizes"], &["prefix"]),
        ("output \"x\" {\n  value = var.sizes.|\n}\n".into(), &["small", "large"], &["slaves"]),
        ("output \"x\" {\n  value = \"é ${local.|}\"\n}\n".into(), &["prefix"], &["slaves"]),
        ("output \"x\" {\n  value = cluster.|\n}\n".into(), &["lab"], &[]),
        ("output \"x\" {\n  value = cluster.lab.|\n}\n".into(), &["stores", "master", "ui", "ssh"], &["hadoop"]),
        ("output \"x\" {\n  value = cluster.lab.ui.|\n}\n".into(), &["hdfs", "yarn"], &[]),
        ("output \"x\" {\n  value = cluster.lab.stores[0].|\n}\n".into(), &["address", "floating_ip"], &["ui"]),
        ("output \"x\" {\n  value = up|\n}\n".into(), &["upper", "try"], &[]),
        (part("|"), &["module", "local"], &["part"]),
        (part("module.|"), &["part"], &["lab"]),
        (part("module.part.|"), &["size"], &["part"]),
        ("variable \"y\" {\n  type = |\n}\n".into(), &["list(string)", "number"], &["var"]),
        ("provider \"|\" {}\n".into(), &["local", "openstack"], &[]),
        ("provider \"local\" {\n  nodes = \"|\"\n}\n".into(), &["simulated", "container"], &[]),
        ("provider \"openstack\" {\n  |\n}\n".into(), &["cloud", "region"], &["nodes"]),
        ("disco {\n  lint {\n    error = [\"|\"]\n  }\n}\n".into(), &["open_to_the_world"], &[]),
        (inside("security {\n    allow \"|\" {\n    }\n  }"), &["ssh", "web-ui", "custom"], &[]),
        (inside("slaves {\n    for_each = toset([])\n    count = each.|\n  }"), &["key", "value"], &[]),
        (inside("dynamic \"slaves\" {\n    content {\n      |\n    }\n  }"), &["flavor", "count"], &["image_x"]),
        ("# |".into(), &[], &["cluster"]),
        ("output \"x\" {\n  value = \"var.|\"\n}\n".into(), &[], &["slaves"]),
    ];
    for (marked, has, lacks) in places {
        let labels = labels(&mut client, &marked);
        for word in has {
            assert!(labels.iter().any(|label| label == word), "{marked}: no {word} in {labels:?}");
        }
        for word in lacks {
            assert!(!labels.iter().any(|label| label == word), "{marked}: {word} is offered");
        }
    }
    // A rule of the cluster above names its ports and groups.
    let ports =
        BEGINNING.replace("framework \"hadoop\" {}", "framework \"hadoop\" {}\n  security {\n    allow \"|\" {}\n  }");
    let answer = client.at("main.disco.hcl", "completion", &ports, &json!({}));
    assert!(answer.to_string().contains("hdfs-rpc"), "{answer}");
    let to = ports.replace("allow \"|\" {}", "allow \"ssh\" {\n      to = \"|\"\n    }");
    let answer = client.at("main.disco.hcl", "completion", &to, &json!({}));
    assert!(answer.to_string().contains("\"stores\""), "{answer}");
    assert_eq!(client.end(), 0);
}

#[test]
fn what_is_accepted_replaces_the_word_and_has_places_to_fill_in() {
    let project = TestProject::with("");
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", "");
    let line = BEGINNING.matches('\n').count() + 1;
    let all = items(&mut client, "cluster \"é🙂\" {\n  /* é🙂 */ ima|ge\n}\n");
    let image = all.iter().find(|item| item["label"] == "image").unwrap();
    let range = &image["textEdit"]["range"];
    assert_eq!(range["start"], json!({ "line": line, "character": 12 }), "in UTF-16");
    assert_eq!(range["end"], json!({ "line": line, "character": 17 }));
    assert_eq!((&image["textEdit"]["newText"], &image["insertTextFormat"]), (&json!("image = \"$0\""), &json!(2)));
    assert!(image["documentation"]["value"].as_str().unwrap().contains("What the nodes boot from."));
    let all = items(&mut client, "cluster \"x\" {\n  ima| = \"debian-12\"\n}\n");
    let image = all.iter().find(|item| item["label"] == "image").unwrap();
    assert_eq!(image["textEdit"]["newText"], "image", "what follows stays");
    assert_eq!(client.end(), 0);

    let mut plain = Client::silent(&project, "");
    plain.initialize(&json!({}));
    plain.open("main.disco.hcl", "");
    let all = items(&mut plain, "cluster \"x\" {\n  |\n}\n");
    assert!(
        all.iter()
            .all(|item| item["insertTextFormat"] == 1 && !item["textEdit"]["newText"].as_str().unwrap().contains('$'))
    );
    assert_eq!(plain.end(), 0);
}

#[test]
fn files_of_variables_offer_the_variables_that_lack_a_value() {
    let project = TestProject::with(BEGINNING);
    let mut client = Client::start(&project);
    client.open("disco.vars.hcl", "");
    let answer = client.at("disco.vars.hcl", "completion", "sizes = {}\n|", &json!({}));
    let items = answer["result"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{answer}");
    assert_eq!((&items[0]["label"], &items[0]["detail"]), (&json!("slaves"), &json!("number")));
    assert_eq!(client.end(), 0);
}
