//! What is decided before anything runs: commands, files, settings and steps as values.

use std::fmt::Write as _;

use super::super::{Direction, Interface, Machine, Remote, Rule, Volume, Wanted};
use super::argv::{ContainerEngine, Site, Tool};
use super::doctor::{HostAnswers, checks, is_ready};
use super::files::{Disk, files, firewall};
use super::host::{HostFacts, settings};
use super::seen::{Container, ContainerStatus, containers, loop_devices};
use super::steps::{Carried, Step, steps};

macro_rules! snapshot {
    ($name:expr, $value:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/local"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!($name, $value));
    }};
}

fn site(engine: ContainerEngine) -> Site {
    let settings = (engine == ContainerEngine::Podman).then(|| "/lab/.disco/engine/nodes/containers.conf".to_owned());
    Site {
        tool: Tool { engine, settings },
        engine: "0a1b2c3d-0000-4000-8000-000000000000".to_owned(),
        folder: "/lab/.disco/engine/nodes".to_owned(),
        processors: 4,
        may_raise_limits: engine == ContainerEngine::Docker,
    }
}

fn rule(direction: Direction, protocol: Option<&str>, ports: Option<(u64, u64)>, remote: Remote) -> Rule {
    Rule { direction, is_ipv6: false, protocol: protocol.map(str::to_owned), ports, remote }
}

fn network(net: &str) -> Remote {
    Remote::Network(net.parse().unwrap())
}

fn members(addresses: &[&str]) -> Remote {
    Remote::Members(addresses.iter().map(|address| address.parse().unwrap()).collect())
}

fn interface(network: &str, address: &str, rules: Option<Vec<Rule>>) -> Interface {
    let (net, _) = address.rsplit_once('.').unwrap();
    Interface {
        port: format!("port-on-{network}"),
        network: network.to_owned(),
        network_name: network.to_owned(),
        cidr: format!("{net}.0/24").parse().unwrap(),
        gateway: format!("{net}.1").parse().ok(),
        is_routed: true,
        nameservers: Vec::new(),
        address: address.parse().unwrap(),
        further: Vec::new(),
        mac: "fa:16:3e:00:00:0d".to_owned(),
        floating: None,
        rules,
    }
}

fn machine() -> Machine {
    use Direction::{Egress, Ingress};
    let rules = vec![
        rule(Ingress, Some("tcp"), Some((22, 22)), network("203.0.113.0/24")),
        rule(Ingress, Some("tcp"), Some((8_000, 8_100)), network("0.0.0.0/0")),
        rule(Ingress, Some("icmp"), None, members(&["10.20.0.11", "10.20.0.10"])),
        rule(Ingress, Some("icmp"), Some((8, 0)), Remote::Anywhere),
        rule(Ingress, Some("udp"), Some((53, 53)), members(&[])),
        Rule { is_ipv6: true, ..rule(Ingress, Some("tcp"), None, Remote::Anywhere) },
        rule(Egress, None, None, Remote::Anywhere),
    ];
    Machine {
        id: "5e7e0000-1111-4222-8333-444444444444".to_owned(),
        name: "lab-slaves-3".to_owned(),
        generation: "0011".to_owned(),
        wanted: Wanted::Running,
        image: "debian-12".to_owned(),
        memory_mib: 4_096,
        vcpus: 8,
        disk_gib: 40,
        rebuilds: 0,
        reboots: 0,
        user_data: "#cloud-config\n".to_owned(),
        public_key: Some("ssh-ed25519 AAAA you\n".to_owned()),
        credentials: Some(r#"{"os-collect-config": {"heat": {"password": "hunter2"}}}"#.to_owned()),
        interfaces: vec![
            Interface {
                nameservers: vec!["192.0.2.53".parse().unwrap()],
                floating: "198.18.0.10".parse().ok(),
                ..interface("aaaaaaaa-1", "10.20.0.13", Some(rules))
            },
            interface("bbbbbbbb-2", "10.30.0.7", None),
        ],
        volumes: vec![Volume { id: "70100000-2222-4333-8444-555555555555".to_owned(), size_gib: 10 }],
    }
}

#[test]
fn every_operation_is_a_command() {
    for engine in ContainerEngine::ALL {
        let (site, machine) = (site(engine), machine());
        let name = super::argv::container_name(&machine);
        let commands = [
            site.create_network(&machine.interfaces[0]),
            site.create(&machine),
            site.connect(&name, &machine.interfaces[1]),
            site.start(&name),
            site.refresh(&name),
            site.containers_of(&machine.id),
            site.tool.inspect(&["0f".to_owned()]),
            site.console(&name, 1_764_000_000),
            site.resize(&name, &machine),
            site.stop(&name),
            site.restart(&name),
            site.pause(&name),
            site.unpause(&name),
            site.tool.remove(&name),
            site.tool.networks(&site.label()),
            site.tool.remove_network("disco-0a1b2c3d-aaaaaaaa"),
        ];
        let mut text = String::new();
        for command in commands {
            writeln!(text, "{command}\n").unwrap();
        }
        assert!(!text.contains("hunter2"), "secrets stand in files, never in commands");
        snapshot!(format!("container-commands-{engine}"), text);
    }
}

#[test]
fn a_container_mounts_these_files() {
    let machine = machine();
    let disk = Disk { volume: machine.volumes[0].id.clone(), device: 3 };
    let mut text = String::new();
    for file in files(&machine, &[disk]) {
        let shown = if file.path == "host/boot.sh" { "…\n" } else { &file.text };
        writeln!(text, "--- {} {:o}\n{shown}", file.path, file.mode).unwrap();
        let secret = file.path.starts_with("heat/") || file.path.starts_with("seed/");
        assert!(!secret || file.mode == 0o600, "{} is for root alone", file.path);
    }
    snapshot!("container-files", text);
}

#[test]
fn what_no_rule_allows_is_dropped() {
    let closed = firewall(&[interface("a", "10.20.0.13", Some(Vec::new()))]);
    assert_eq!(closed.matches("policy drop;").count(), 2, "{closed}");
    assert!(!closed.contains("10.20.0.13"), "{closed}");
    let nobody = vec![rule(Direction::Ingress, Some("tcp"), None, members(&[]))];
    assert_eq!(firewall(&[interface("a", "10.20.0.13", Some(nobody))]), closed, "a group without members is nobody");
    let open = firewall(&[interface("a", "10.20.0.13", None)]);
    assert!(open.contains("ip daddr 10.20.0.13 accept") && open.contains("ip saddr 10.20.0.13 accept"), "{open}");
}

fn host(capabilities: &str, mounts: &str, programs: &[&str]) -> HostFacts {
    let status = format!("Name:\tdisco\nUid:\t0\t0\t0\t0\nCapEff:\t{capabilities}\n");
    let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                  Max processes             unlimited            unlimited            processes\n\
                  Max open files            1024                 20000                files\n";
    HostFacts {
        programs: programs.iter().map(|program| (*program).to_owned()).collect(),
        processors: 4,
        has_loop_devices: true,
        ..HostFacts::read(&status, limits, mounts, "MemTotal: 8000000 kB\nMemAvailable:    4194304 kB\n", "32768\n")
    }
}

const VERSION_1: &str = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n\
                         cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
const VERSION_2: &str = "cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n";
const ALL_RIGHTS: &str = "000001ffffffffff";
const NO_LIMITS_RAISED: &str = "000001fffeffffff";

#[test]
fn podman_is_set_up_for_the_host_as_it_is() {
    let programs = ["podman", "crun", "runc"];
    let hosts = [
        ("version 2, all rights", host(ALL_RIGHTS, VERSION_2, &programs)),
        ("version 1, limits may not be raised", host(NO_LIMITS_RAISED, VERSION_1, &programs)),
        ("version 2, runc only", host(ALL_RIGHTS, VERSION_2, &["podman", "runc"])),
    ];
    let texts = hosts.map(|(name, facts)| format!("--- {name}\n{}", settings(&facts)));
    snapshot!("container-settings", texts.join("\n"));
}

#[test]
fn the_doctor_says_what_is_missing_and_how_to_install_it() {
    let all = ["podman", "runc", "iptables", "losetup", "ip", "debootstrap"];
    let image = |made| [("debian-12".to_owned(), made)].into();
    let fine = HostAnswers { has_netavark: true, images: image(true), ..HostAnswers::default() };
    let cases = [
        ("everything is there", host(ALL_RIGHTS, VERSION_2, &all), fine.clone()),
        ("nothing is there", HostFacts { uid: 1_000, ..HostFacts::default() }, HostAnswers::default()),
        (
            "version 1 with crun alone, no image",
            host(NO_LIMITS_RAISED, VERSION_1, &["podman", "crun", "losetup", "ip"]),
            HostAnswers { images: image(false), ..HostAnswers::default() },
        ),
        (
            "docker without its daemon",
            host(ALL_RIGHTS, VERSION_2, &["docker", "ip", "losetup"]),
            HostAnswers { engine_fault: Some("Cannot connect to the Docker daemon".to_owned()), ..fine },
        ),
    ];
    let mut text = String::new();
    for (name, facts, answers) in cases {
        let checks = checks(&facts, &answers);
        writeln!(text, "--- {name}: {}", if is_ready(&checks) { "ready" } else { "not ready" }).unwrap();
        for check in checks {
            writeln!(text, "{:?} {}: {}; {}", check.state, check.name, check.found, check.help.unwrap_or_default())
                .unwrap();
        }
    }
    snapshot!("container-doctor", text);
}

fn container(status: ContainerStatus) -> Container {
    Container {
        name: "lab-slaves-3-5e7e0000".to_owned(),
        server: machine().id,
        rebuilds: Some(0),
        status,
        started: String::new(),
    }
}

#[test]
fn nothing_is_made_twice_and_nothing_is_done_where_nothing_is_to_do() {
    use ContainerStatus::{Created, Paused, Running, Stopped};
    let machine = machine();
    let carried = Carried::of(&machine);
    let of = |status, carried: Option<&Carried>| steps(&machine, &[container(status)], carried);

    let whole = [Step::Networks, Step::Files, Step::Create, Step::Start, Step::Routes];
    assert_eq!(steps(&machine, &[], None), whole);
    // Killed before it was whole: it may lack a network card.
    assert_eq!(of(Created, None)[0], Step::Remove("lab-slaves-3-5e7e0000".to_owned()));
    assert_eq!(of(Created, None)[1..], whole);
    // Killed after it had started.
    let refreshed = [Step::Networks, Step::Files, Step::Refresh, Step::Routes, Step::ReleaseDisks];
    assert_eq!(of(Running, None), refreshed);
    assert_eq!(of(Running, Some(&carried)), refreshed);
    // Somebody else has stopped, paused or removed it: the cloud says so, and nothing is done until it is asked to start.
    for status in [Stopped, Paused] {
        let left = of(status, Some(&carried));
        assert_eq!(left, [Step::Networks, Step::Files, Step::ReleaseDisks], "{status:?}");
    }
    assert_eq!(steps(&machine, &[], Some(&carried)), []);
    let before = Carried { generation: "0010".to_owned(), ..carried.clone() };
    assert!(of(Stopped, Some(&before)).contains(&Step::Start));
    assert!(of(Paused, Some(&before)).contains(&Step::Unpause));
    assert!(!of(Running, Some(&before)).contains(&Step::Restart), "a change is no reboot");
    let before = Carried { reboots: 7, ..before };
    assert!(of(Running, Some(&before)).contains(&Step::Restart));
}

#[test]
fn a_rebuild_is_another_container_and_a_resize_the_same() {
    let before = machine();
    let rebuilt = Machine { rebuilds: 1, ..before.clone() };
    let found = steps(&rebuilt, &[container(ContainerStatus::Running)], Some(&Carried::of(&before)));
    assert_eq!(found[0], Step::Remove("lab-slaves-3-5e7e0000".to_owned()));
    assert!(found.contains(&Step::Create), "{found:?}");
    let resized = Machine { memory_mib: 8_192, ..before.clone() };
    let found = steps(&resized, &[container(ContainerStatus::Running)], Some(&Carried::of(&before)));
    assert!(found.contains(&Step::Resize) && !found.contains(&Step::Create), "{found:?}");
}

#[test]
fn a_machine_that_goes_takes_all_its_containers_along() {
    let machine = Machine { wanted: Wanted::Gone, ..machine() };
    let other = Container { name: "lab-slaves-3-other".to_owned(), ..container(ContainerStatus::Created) };
    let found = steps(&machine, &[container(ContainerStatus::Running), other], None);
    let remove = |name: &str| Step::Remove(name.to_owned());
    assert_eq!(found, [remove("lab-slaves-3-5e7e0000"), remove("lab-slaves-3-other"), Step::Forget]);
}

#[test]
fn a_stopped_machine_stays_off() {
    let machine = Machine { wanted: Wanted::Stopped, ..machine() };
    let carried = Carried::of(&machine);
    let of = |status| steps(&machine, &[container(status)], Some(&carried));
    assert!(of(ContainerStatus::Running).contains(&Step::Stop));
    assert!(of(ContainerStatus::Paused).ends_with(&[Step::Unpause, Step::Stop, Step::ReleaseDisks]));
    assert!(!of(ContainerStatus::Stopped).contains(&Step::Start));
    assert!(!steps(&machine, &[], None).contains(&Step::Start));
    let machine = Machine { wanted: Wanted::Paused, ..machine };
    let held = steps(&machine, &[container(ContainerStatus::Running)], Some(&carried));
    assert!(held.contains(&Step::Pause), "{held:?}");
}

#[test]
fn both_engines_answers_are_read() {
    let labels = r#"{"disco.server": "s1", "disco.rebuilds": "0"}"#;
    let podman = format!(
        r#"[{{"Name": "lab-1", "State": {{"Status": "exited", "StartedAt": "2026-11-29"}}, "Config": {{"Labels": {labels}}}}}]"#
    );
    let docker = podman.replace("\"lab-1\"", "\"/lab-1\"");
    let read = containers(&podman).unwrap();
    assert_eq!(read, containers(&docker).unwrap());
    assert_eq!((read[0].name.as_str(), read[0].status), ("lab-1", ContainerStatus::Stopped));
    let stranger = r#"[{"Name": "x", "State": {"Status": "running"}, "Config": {"Labels": null}}]"#;
    assert_eq!(containers(stranger).unwrap(), []);
    assert_eq!(loop_devices("").unwrap(), []);
    let devices = loop_devices(r#"{"loopdevices": [{"name": "/dev/loop7", "back-file": "/v.img"}]}"#).unwrap();
    assert_eq!(devices[0].number(), Some(7));
}
