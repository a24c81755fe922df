//! What is said of what the pointer is on.

use std::fmt::Write as _;

use serde_json::json;

use super::client::Client;
use crate::support::{TestProject, snapshot};

const DEFINITION: &str = "\
variable \"slaves\" {
  type        = number
  default     = 3
  description = \"How many.\"
}

variable \"password\" {
  default   = \"hunter2\"
  sensitive = true
}

variable \"lacking\" {
  type = string
}

locals {
  größe  = { \"é\" = var.slaves * 2 }
  secret = [var.password]
}

cluster \"lab\" {
  image = \"debian-12\"
  network {
    cidr             = \"10.20.0.0/24\"
    external_network = \"public\"
  }
  master { flavor = \"m1.medium\" }
  slaves {
    count         = var.slaves
    flavor        = \"m1.medium\"
    anti_affinity = \"soft\"
  }
  framework \"hadoop\" {
    replication = 2
    config \"hdfs-site.xml\" {
      set = { \"dfs.blocksize\" = \"64m\" }
    }
  }
}

output \"sizes\" {
  value = \"é🙂 ${max(var.slaves, local.größe[\"é\"])} ${cluster.lab.slaves[0].address} ${cluster.lab.ui.hdfs}\"
}

output \"rest\" {
  value     = [var.password, local.secret, var.lacking]
  sensitive = true
}
";

/// What is said of the first place of `word` behind `before`.
fn said(client: &mut Client<'_>, before: &str, word: &str) -> String {
    let start = DEFINITION.find(before).unwrap() + before.len();
    let at = start + DEFINITION[start..].find(word).unwrap();
    let position = super::client::position(&DEFINITION[..at + word.chars().next().unwrap().len_utf8()]);
    let answer = client.at_position("main.disco.hcl", "hover", &position, &json!({}));
    let result = &answer["result"];
    if result.is_null() {
        return "nothing\n".to_owned();
    }
    assert_eq!(result["contents"]["kind"], "markdown");
    let range = &result["range"];
    let line = DEFINITION.lines().nth(range["start"]["line"].as_u64().unwrap().try_into().unwrap()).unwrap();
    let units: Vec<u16> = line.encode_utf16().collect();
    let unit = |end: &str| usize::try_from(range[end]["character"].as_u64().unwrap()).unwrap();
    let covered = String::from_utf16(&units[unit("start")..unit("end")]).unwrap();
    assert!(covered.contains(word) || word.contains(&covered), "the range of `{word}` covers `{covered}`");
    format!("{}\n", result["contents"]["value"].as_str().unwrap())
}

#[test]
fn what_is_pointed_at_is_explained() {
    let project = TestProject::with(DEFINITION);
    project.write("disco.vars.hcl", "# é\nslaves = 4\n");
    let mut client = Client::start(&project);
    client.open("main.disco.hcl", DEFINITION);
    let mut told = String::new();
    for (before, word) in [
        ("", "variable"),
        ("variable \"", "slaves"),
        ("type ", "number"),
        ("variable \"lacking\" {\n  ", "type"),
        ("", "größe"),
        ("cluster \"lab\" {\n  ", "image"),
        ("image = \"", "debian-12"),
        ("  ", "network"),
        ("master { flavor = \"", "m1.medium"),
        ("count         = var.", "slaves"),
        ("anti_affinity = \"", "soft"),
        ("framework \"", "hadoop"),
        ("hadoop\" {\n    ", "replication"),
        ("config \"", "hdfs-site.xml"),
        ("set = { \"", "dfs.blocksize"),
        ("${", "max"),
        ("max(var.", "slaves"),
        ("local.", "größe"),
        ("slaves[0].", "address"),
        ("cluster.lab.ui.", "hdfs"),
        ("${cluster.", "lab"),
        ("[var.password, var.", "nothing"),
        ("value     = [var.", "password"),
        ("local.", "secret"),
        ("local.secret, var.", "lacking"),
        ("output \"", "rest"),
    ] {
        if !DEFINITION.contains(before) {
            continue;
        }
        let _ =
            writeln!(told, "### {}{word}\n\n{}", before.rsplit('\n').next().unwrap(), said(&mut client, before, word));
    }
    assert!(!told.contains("hunter2"), "{told}");
    snapshot!("hover", told);
    assert_eq!(client.end(), 0);
}

#[test]
fn variables_in_their_files_are_explained_too() {
    let project = TestProject::with(DEFINITION);
    let mut client = Client::start(&project);
    client.open("disco.vars.hcl", "");
    let answer = client.at("disco.vars.hcl", "hover", "password = \"x\"\nsla|ves = 5\n", &json!({}));
    let value = answer["result"]["contents"]["value"].as_str().unwrap().to_owned();
    assert!(value.contains("```\n5\n```") && value.contains("given by `disco.vars.hcl`, line 2"), "{value}");
    let answer = client.at("disco.vars.hcl", "hover", "pass|word = \"geheim\"\n", &json!({}));
    assert!(answer["result"]["contents"]["value"].as_str().unwrap().contains("<sensitive>"), "{answer}");
    assert!(!answer.to_string().contains("geheim"));
    assert_eq!(client.end(), 0);
}
