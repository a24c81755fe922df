//! A project in a folder, with a module, whatever is in its files: checked from its text to the resources of its clusters.

use std::fs;
use std::path::Path;
use std::time::Duration;

use disco::project::{Project, Request};
use disco::source::Diagnostics;

use super::Target;
use super::mutate::changed;

const MAIN: &str = r#"variable "sites" {
  type    = map(number)
  default = { bonn = 1, madrid = 2 }
}

locals { office = ["203.0.113.0/24"] }

module "net" {
  source = "./m"
  name   = "net"
}

module "site" {
  for_each = var.sites
  source   = "./m"
  name     = each.key
  slaves   = each.value
  range    = cidrsubnet(module.net.range, 4, index(keys(var.sites), each.key))
}

cluster "own" {
  image = "debian-12"
  network { cidr = "10.200.0.0/24" }
  master { flavor = "m1.small" }
  dynamic "slaves" {
    for_each = { a = 1, b = 2 }
    labels   = [slaves.key]
    content {
      count  = slaves.value
      flavor = "m1.small"
    }
  }
  security {
    allow "ssh" { from = local.office }
  }
}

output "masters" { value = { for key, site in module.site : key => site.master } }
output "own" { value = cluster.own.a[0].private_ip }

check "names" {
  assert {
    condition     = length(module.site) == 2
    error_message = "two sites"
  }
}
"#;

const MODULE: &str = r#"variable "name" { type = string }

variable "slaves" {
  type    = number
  default = 0
  validation {
    condition     = var.slaves >= 0
    error_message = "not less than none"
  }
}

variable "range" { default = "10.0.0.0/16" }

cluster "lab" {
  enabled = var.slaves > 0
  image   = "debian-12"
  network { cidr = var.range }
  master { flavor = "m1.small" }
  slaves {
    count  = var.slaves
    flavor = "m1.small"
    volume "v" { size = 10 }
  }
}

output "range" { value = var.range }
output "master" { value = try(cluster.lab.master[0].private_ip, null) }
"#;

/// What stands between the two files in an input.
const BETWEEN: &str = "\n--- m/m.disco.hcl\n";

pub(super) const TARGET: Target = Target {
    name: "modules",
    make: |corpus, random| {
        let mut texts = [MAIN.to_owned(), MODULE.to_owned()];
        let at = random.below(2);
        let others = [MAIN.to_owned(), MODULE.to_owned(), random.one(&corpus.files).clone()];
        texts[at] = changed(std::mem::take(&mut texts[at]), &others, random);
        if random.once_in(4) {
            texts[1 - at] = changed(std::mem::take(&mut texts[1 - at]), &others, random);
        }
        texts.join(BETWEEN).into_bytes()
    },
    check: |input| check(&String::from_utf8_lossy(input)),
};

fn request(directory: &Path) -> Request {
    Request {
        directory: directory.to_owned(),
        home: None,
        user: "fuzz".to_owned(),
        host: "fuzz".to_owned(),
        environment: Vec::new(),
        variables: Vec::new(),
        verbose: false,
        lock_timeout: Duration::from_secs(1),
        program: None,
        clouds: disco::project::CloudAccess::OwnMachine,
    }
}

fn check(text: &str) {
    let (main, module) = text.split_once(BETWEEN).unwrap_or((text, MODULE));
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("m")).unwrap();
    fs::write(folder.path().join("main.disco.hcl"), main).unwrap();
    fs::write(folder.path().join("m/m.disco.hcl"), module).unwrap();
    let project = Project::new(request(folder.path()));
    let found = match project.validate() {
        Ok((_, found)) => found,
        Err(failure) => {
            assert!(!(failure.message.is_empty() && failure.diagnostics.is_empty()), "it failed, and nothing says why");
            failure.diagnostics
        }
    };
    drawn(&project, &found);
    // What is right can be looked at as resources, too.
    let graphs = project.graphs();
    assert_eq!(graphs.is_ok(), !found.has_errors(), "what is checked, and what is made: {found:?}");
}

/// A person can be shown all of it.
fn drawn(project: &Project, found: &Diagnostics) {
    let drawing = disco::report::DiagnosticDrawing::new(false, 100);
    let drawn = disco::report::diagnostics(found, project.sources(), drawing);
    assert!(found.is_empty() || !drawn.is_empty());
}
