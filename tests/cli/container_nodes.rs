//! A cluster whose nodes are containers of this host, from apply to destroy, by the program as a user runs it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::local::containers::{engine_program, usable};
use crate::support::TestProject;

const DEFINITION: &str = r#"
provider "local" { nodes = "container" }

variable "slaves" {
  type    = number
  default = 1
}

cluster "box" {
  image = "debian-12"
  network {
    cidr             = "10.214.0.0/24"
    external_network = "public"
  }
  master {
    flavor      = "m1.small"
    floating_ip = true
  }
  slaves {
    count  = var.slaves
    flavor = "m1.small"
  }
}
"#;

/// The project, of which nothing is left when the test has ended.
struct Boxes(TestProject);

impl Boxes {
    /// Standard output of the container engine.
    fn engine(words: &[&str]) -> String {
        let output = Command::new(engine_program()).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// The names of its containers.
    fn names(&self) -> Vec<String> {
        let Ok(engine) = std::fs::read_to_string(self.0.file(".disco/engine/nodes/engine")) else { return Vec::new() };
        let filter = format!("label=disco.engine={engine}");
        let listed = Self::engine(&["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"]);
        let mut names: Vec<String> = listed.lines().map(str::to_owned).collect();
        names.sort();
        names
    }

    fn inside(&self, node: &str, words: &[&str]) -> String {
        let names = self.names();
        let name = names.iter().find(|name| name.starts_with(node)).unwrap();
        Self::engine(&[&["exec", name.as_str()], words].concat())
    }

    /// Identifies a boot: the start of the first process, since the host's own.
    fn boot(&self, node: &str) -> String {
        self.inside(node, &["stat", "--format", "%Y", "/proc/1"])
    }

    fn pid(&self) -> String {
        let status = self.0.disco("local status --json").ends_with(0).stdout;
        serde_json::from_str::<serde_json::Value>(&status).unwrap()["pid"].to_string()
    }
}

impl Drop for Boxes {
    fn drop(&mut self) {
        for words in ["local stop", "local clean --auto-approve --keep-images"] {
            let _ = self.0.command(words).output();
        }
    }
}

fn kill(pid: &str) {
    assert!(Command::new("kill").args(["-9", pid]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_containers_lives_through_reboots_and_kills() {
    if !usable().await {
        return;
    }
    let boxes = Boxes(TestProject::with(DEFINITION));
    boxes.0.disco("apply -auto-approve").ends_with(0);
    boxes.0.disco("plan -detailed-exitcode").ends_with(0);
    assert_eq!(boxes.names().len(), 2);
    let hosts = boxes.inside("box-slaves-0", &["cat", "/etc/hosts"]);
    assert!(hosts.contains("box-master-0"), "the agent was there: {hosts}");

    // A node that boots anew comes back by itself, as a server does.
    let before = boxes.boot("box-slaves-0");
    boxes.inside("box-slaves-0", &["systemctl", "reboot"]);
    let until = Instant::now() + Duration::from_mins(1);
    while [String::new(), before.clone()].contains(&boxes.boot("box-slaves-0")) {
        assert!(Instant::now() < until, "it did not come back");
        std::thread::sleep(Duration::from_millis(500));
    }
    boxes.0.disco("plan -detailed-exitcode").ends_with(0);
    // One that is switched off stays so until apply starts it.
    boxes.inside("box-slaves-0", &["systemctl", "poweroff"]);
    let until = Instant::now() + Duration::from_mins(1);
    while boxes.0.disco("plan -detailed-exitcode").code != 2 {
        assert!(Instant::now() < until, "it was not noticed");
        std::thread::sleep(Duration::from_millis(500));
    }
    let started = boxes.0.disco("apply -auto-approve").ends_with(0);
    assert!(started.stdout.contains("server is SHUTOFF and is started"), "{}", started.stdout);

    // Both processes are killed while nodes come.
    for millis in [300, 3_000] {
        let mut apply = boxes.0.command("apply -auto-approve --var slaves=3");
        let mut apply = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        kill(&boxes.pid());
        let _ = apply.kill();
        apply.wait().unwrap();
    }
    boxes.0.disco("apply -auto-approve --var slaves=3").ends_with(0);
    boxes.0.disco("plan -detailed-exitcode --var slaves=3").ends_with(0);
    let names: Vec<String> = boxes.names().iter().map(|name| name[..name.len() - 9].to_owned()).collect();
    assert_eq!(names, ["box-master-0", "box-slaves-0", "box-slaves-1", "box-slaves-2"]);

    boxes.0.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(boxes.names(), Vec::<String>::new());
    boxes.0.disco("local stop").ends_with(0);
    boxes.0.disco("local clean --keep-images").ends_with(0);
    assert!(!boxes.0.file(".disco/engine/nodes").exists());
}
