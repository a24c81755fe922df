//! Machines that are containers of this host, for real where a container engine can be used.
//!
//! Where none can, the tests say so on stderr, whatever the harness captures, and pass; with `DISCO_TEST_CONTAINERS=require`
//! they fail instead.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use disco::local::container::{
    CheckState, Condition, ContainerFault, Containers, Owner, checks, clean, count, host_answers, host_facts,
};
use disco::local::{Direction, Interface, Machine, Remote, Rule, Volume, Wanted};

use tokio::sync::OnceCell;

use crate::support::TestProject;

const IMAGE: &str = "debian-12";
const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";

/// Whether containers can be used here; makes the image of nodes if so, once for all tests.
pub(crate) async fn usable() -> bool {
    static USABLE: OnceCell<bool> = OnceCell::const_new();
    *USABLE.get_or_init(examined).await
}

async fn examined() -> bool {
    let asked = std::env::var("DISCO_CONTAINER_ENGINE").ok();
    let (facts, versions) = host_facts(asked.as_deref()).await;
    let answers = host_answers(&facts, versions, &BTreeSet::new()).await;
    let missing: Vec<String> = checks(&facts, &answers)
        .into_iter()
        .filter(|check| check.state == CheckState::Missing)
        .map(|check| format!("{}: {}", check.name, check.found))
        .collect();
    if missing.is_empty() {
        let project = TestProject::with("");
        let made = project.disco(&format!("local setup {IMAGE}"));
        if made.code == 0 {
            return true;
        }
        return skipped(&made.stderr);
    }
    skipped(&missing.join("; "))
}

fn skipped(reason: &str) -> bool {
    let required = std::env::var("DISCO_TEST_CONTAINERS").is_ok_and(|word| word == "require");
    assert!(!required, "containers cannot be used here: {reason}");
    let line = format!("\nSKIPPED: tests of nodes as containers, which cannot be used here: {}\n", reason.trim());
    // Not by a macro: those are captured.
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    false
}

/// Two machines on a network; what is left of them goes with the test.
struct Lab {
    folder: tempfile::TempDir,
    /// Third number of its addresses.
    net: u8,
}

impl Lab {
    fn new(net: u8) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), net }
    }

    fn nodes(&self) -> std::path::PathBuf {
        self.folder.path().join(".disco/engine/nodes")
    }

    fn engine(&self) -> String {
        format!("{:08x}-test", std::process::id() * 256 + u32::from(self.net))
    }

    async fn containers(&self) -> Containers {
        let asked = std::env::var("DISCO_CONTAINER_ENGINE").ok();
        let (facts, _) = host_facts(asked.as_deref()).await;
        Containers::open(&self.nodes(), &self.engine(), &facts).unwrap()
    }

    fn machine(&self, index: u8) -> Machine {
        let net = self.net;
        let address = |last: u8| format!("10.213.{net}.{last}").parse().unwrap();
        let rule = |direction, protocol: Option<&str>, ports, remote| Rule {
            direction,
            is_ipv6: false,
            protocol: protocol.map(str::to_owned),
            ports,
            remote,
        };
        let cidr = format!("10.213.{net}.0/24");
        let rules = vec![
            rule(Direction::Egress, None, None, Remote::Anywhere),
            rule(Direction::Ingress, Some("tcp"), Some((22, 22)), Remote::Anywhere),
            rule(Direction::Ingress, Some("icmp"), None, Remote::Network(cidr.parse().unwrap())),
        ];
        Machine {
            id: format!("{:08x}-{net:04x}-4000-8000-{index:012x}", std::process::id() * 16 + u32::from(index)),
            name: format!("lab-{net}-{index}"),
            generation: "0".to_owned(),
            wanted: Wanted::Running,
            image: IMAGE.to_owned(),
            memory_mib: 512,
            vcpus: 1,
            disk_gib: 1,
            rebuilds: 0,
            reboots: 0,
            user_data: "#cloud-config\nmanage_etc_hosts: false\nruncmd:\n  - [touch, /cloud-init-was-here]\n"
                .to_owned(),
            public_key: Some(format!("ssh-ed25519 {KEY} you")),
            credentials: Some(r#"{"os-collect-config": {}}"#.to_owned()),
            interfaces: vec![Interface {
                port: format!("port-{index}"),
                network: format!("{:04x}{net:04x}-net", std::process::id() & 0xffff),
                network_name: "lab".to_owned(),
                cidr: cidr.parse().unwrap(),
                gateway: Some(address(1)),
                is_routed: true,
                nameservers: Vec::new(),
                address: address(10 + index),
                further: Vec::new(),
                mac: format!("fa:16:3e:00:{net:02x}:{index:02x}"),
                floating: None,
                rules: Some(rules),
            }],
            volumes: Vec::new(),
        }
    }

    async fn clean(&self) {
        let (facts, _) = host_facts(None).await;
        let owner = Owner::Folder(self.nodes());
        clean(&facts, &owner, false).await.unwrap();
        assert_eq!(count(&facts, &owner).await.unwrap(), 0);
        assert!(!self.nodes().exists());
    }
}

/// Runs a command in a machine's container as root; whether it went well, and what it said.
fn inside(machine: &Machine, words: &[&str]) -> (bool, String) {
    let name = format!("{}-{}", machine.name, &machine.id[..8]);
    let done = Command::new(engine_program()).args(["exec", &name]).args(words).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8_lossy(&said).trim().to_owned())
}

pub(crate) fn engine_program() -> String {
    std::env::var("DISCO_CONTAINER_ENGINE").unwrap_or_else(|_| "podman".to_owned())
}

/// Waits until a command inside succeeds.
fn wait_inside(machine: &Machine, words: &[&str]) -> String {
    until(&format!("{words:?}"), || {
        let (done, said) = inside(machine, words);
        done.then_some(said)
    })
}

/// The machine as it should be after another request.
fn changed(machine: &Machine, number: u32, change: impl FnOnce(&mut Machine)) -> Machine {
    let mut machine = Machine { generation: number.to_string(), ..machine.clone() };
    change(&mut machine);
    machine
}

#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn answers(address: &str) -> bool {
    TcpStream::connect_timeout(&address.parse().unwrap(), Duration::from_secs(2)).is_ok()
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_lives_as_a_server_does() {
    if !usable().await {
        return;
    }
    let lab = Lab::new(1);
    let containers = lab.containers().await;
    let (first, second) = (lab.machine(0), lab.machine(1));
    for machine in [&first, &second] {
        assert_eq!(containers.carry_out(machine).await.unwrap(), Condition::Running);
    }

    // systemd, cloud-init, name, size and credentials.
    wait_inside(&first, &["test", "-e", "/cloud-init-was-here"]);
    assert_eq!(wait_inside(&first, &["hostname"]), first.name);
    assert_eq!(wait_inside(&first, &["cat", "/proc/1/comm"]), "systemd");
    wait_inside(&first, &["grep", "-q", KEY, "/home/debian/.ssh/authorized_keys"]);
    let (readable, _) =
        inside(&first, &["runuser", "-u", "nobody", "--", "cat", "/var/lib/heat-cfntools/cfn-init-data"]);
    assert!(!readable, "credentials are for root alone");
    assert_eq!(
        inside(&first, &["cat", "/var/lib/heat-cfntools/cfn-init-data"]),
        (true, first.credentials.clone().unwrap())
    );
    assert_eq!(mode(&lab.nodes()), 0o700);

    // Addresses and rules: what a rule allows, and nothing else; root on the node cannot change that.
    wait_inside(&first, &["ping", "-c", "1", "-W", "2", "10.213.1.11"]);
    until("ssh", || answers("10.213.1.11:22").then_some(()));
    wait_inside(&second, &["systemd-run", "--unit=open", "python3", "-m", "http.server", "8000"]);
    wait_inside(&second, &["python3", "-c", "import socket; socket.create_connection(('127.0.0.1', 8000))"]);
    assert!(!answers("10.213.1.11:8000"), "no rule allows port 8000");
    let metadata = "import socket; socket.create_connection(('169.254.169.254', 80), timeout=5)";
    assert!(!inside(&second, &["python3", "-c", metadata]).0, "the metadata address of this host is not a node's");
    let flush = ["systemd-run", "--wait", "--quiet", "nft", "flush", "ruleset"];
    assert!(!inside(&second, &flush).0, "services have no right to change rules");
    let opened = changed(&second, 1, |machine| {
        let interface = &mut machine.interfaces[0];
        let rules = interface.rules.as_mut().unwrap();
        rules.push(Rule { ports: Some((8_000, 8_000)), ..rules[1].clone() });
        interface.floating = "198.18.213.1".parse().ok();
    });
    assert_eq!(containers.carry_out(&opened).await.unwrap(), Condition::Running);
    assert!(answers("10.213.1.11:8000"), "the rule is in force at once");
    assert!(answers("198.18.213.1:8000"), "the floating address leads there");

    // A reboot that somebody else does, then one that the cloud does.
    let boot =
        |machine: &Machine| wait_inside(machine, &["systemctl", "show", "--property=UserspaceTimestampMonotonic"]);
    let before = boot(&opened);
    let name = format!("{}-{}", opened.name, &opened.id[..8]);
    assert!(Command::new(engine_program()).args(["restart", "-t", "20", &name]).output().unwrap().status.success());
    until("ssh after a reboot", || answers("10.213.1.11:22").then_some(()));
    assert!(!answers("10.213.1.11:8001"), "its rules came back with it");
    let again = boot(&opened);
    assert_ne!(again, before);
    let rebooted = changed(&opened, 2, |machine| machine.reboots = 1);
    assert_eq!(containers.carry_out(&rebooted).await.unwrap(), Condition::Running);
    assert_ne!(boot(&opened), again);

    // Stopped behind our back, it stays so until it is asked to start.
    assert!(Command::new(engine_program()).args(["stop", "-t", "20", &name]).output().unwrap().status.success());
    assert_eq!(containers.look().await.unwrap()[&rebooted.id].condition, Condition::Stopped);
    assert_eq!(containers.carry_out(&rebooted).await.unwrap(), Condition::Stopped);
    let started = changed(&rebooted, 3, |_| ());
    assert_eq!(containers.carry_out(&started).await.unwrap(), Condition::Running);
    for (number, wanted, condition) in [
        (4, Wanted::Paused, Condition::Paused),
        (5, Wanted::Running, Condition::Running),
        (6, Wanted::Stopped, Condition::Stopped),
    ] {
        let machine = changed(&started, number, |machine| machine.wanted = wanted);
        assert_eq!(containers.carry_out(&machine).await.unwrap(), condition);
    }
    let console = std::fs::read_to_string(lab.nodes().join(format!("servers/{}/console.log", started.id))).unwrap();
    assert!(console.contains("Reached target") && console.contains("cloud-init"), "the console has the journal");

    // Another process finds what is there, and removes what nobody knows.
    drop(containers);
    let containers = lab.containers().await;
    assert_eq!(containers.look().await.unwrap().len(), 2);
    containers.sweep(std::slice::from_ref(&first), &BTreeSet::new()).await.unwrap();
    assert_eq!(containers.look().await.unwrap().into_keys().collect::<Vec<_>>(), std::slice::from_ref(&first.id));
    assert_eq!(containers.carry_out(&Machine { wanted: Wanted::Gone, ..first }).await.unwrap(), Condition::Absent);
    assert_eq!(containers.look().await.unwrap().len(), 0);
    lab.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_is_a_disk_that_keeps_what_is_on_it() {
    if !usable().await {
        return;
    }
    let lab = Lab::new(2);
    let containers = lab.containers().await;
    let bare = lab.machine(0);
    assert_eq!(containers.carry_out(&bare).await.unwrap(), Condition::Running);
    let volume = format!("{:08x}-aaaa-4bbb-8ccc-000000000001", std::process::id());
    let attached = |machine: &Machine, size_gib| {
        let volume = Volume { id: volume.clone(), size_gib };
        changed(machine, 1, |machine| machine.volumes = vec![volume])
    };
    let with = attached(&bare, 1);
    assert_eq!(containers.carry_out(&with).await.unwrap(), Condition::Running);
    let device = format!("/dev/disk/by-id/virtio-{}", &volume[..20]);
    wait_inside(&with, &["systemctl", "is-system-running", "--wait"]);
    wait_inside(&with, &["mkfs.ext4", "-q", &device]);
    let uuid = wait_inside(&with, &["blkid", "-p", "-o", "value", "-s", "UUID", &device]);
    let line = format!("UUID={uuid} /srv/data auto defaults,noatime,nofail 0 2");
    wait_inside(
        &with,
        &["sh", "-c", &format!("echo '{line}' >>/etc/fstab; mkdir -p /srv/data; mount -o noatime {device} /srv/data")],
    );
    wait_inside(&with, &["sh", "-c", "echo kept >/srv/data/file"]);

    // It is mounted again at boot, before any service.
    let again = changed(&with, 2, |machine| machine.reboots = 1);
    assert_eq!(containers.carry_out(&again).await.unwrap(), Condition::Running);
    assert_eq!(wait_inside(&again, &["cat", "/srv/data/file"]), "kept");

    // On another machine it is the same disk.
    wait_inside(&again, &["umount", "/srv/data"]);
    let without = changed(&again, 3, |machine| machine.volumes.clear());
    assert_eq!(containers.carry_out(&without).await.unwrap(), Condition::Running);
    assert!(!inside(&without, &["test", "-e", &device]).0);
    let other = attached(&lab.machine(1), 2);
    assert_eq!(containers.carry_out(&other).await.unwrap(), Condition::Running);
    wait_inside(&other, &["mount", &device, "/mnt"]);
    assert_eq!(wait_inside(&other, &["cat", "/mnt/file"]), "kept");
    let bytes = wait_inside(&other, &["blockdev", "--getsize64", &device]);
    assert_eq!(bytes, (2_u64 << 30).to_string());
    wait_inside(&other, &["resize2fs", &device]);
    let blocks: u64 = wait_inside(&other, &["stat", "-f", "-c", "%b", "/mnt"]).parse().unwrap();
    assert!(blocks * 4_096 > 3 << 29, "its file system has grown");
    lab.clean().await;
    let loops = Command::new("losetup").args(["--list", "--noheadings", "--output", "BACK-FILE"]).output().unwrap();
    let folder = lab.folder.path().display().to_string();
    assert!(!String::from_utf8_lossy(&loops.stdout).contains(&folder), "no loop device is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_says_why() {
    if !usable().await {
        return;
    }
    let lab = Lab::new(3);
    let containers = lab.containers().await;
    let unknown = Machine { image: "plan-9".to_owned(), ..lab.machine(0) };
    let fault = containers.carry_out(&unknown).await.unwrap_err();
    assert!(matches!(fault, ContainerFault::NoImage { .. }), "{fault}");
    assert_eq!(fault.way_out().unwrap(), "run `disco local setup plan-9`");
    let mut taken = lab.machine(1);
    assert_eq!(containers.carry_out(&lab.machine(0)).await.unwrap(), Condition::Running);
    taken.interfaces[0].network = "other000-net".to_owned();
    let fault = containers.carry_out(&taken).await.unwrap_err();
    assert!(fault.way_out().is_some_and(|help| help.contains("cidr")), "{fault}");
    lab.clean().await;
}
