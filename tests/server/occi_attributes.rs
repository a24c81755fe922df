//! Attributes one by one: what each becomes, and what is wrong with others.

use disco::server::occi::{ClusterRequest, Kind, attribute_names};

use super::occi_memory::catalogue;

fn read(attributes: &[(&str, &str)]) -> Result<ClusterRequest, String> {
    let attributes: Vec<(String, String)> =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ClusterRequest::read(Kind::Disco, &attributes, catalogue()).map_err(|refusal| refusal.message)
}

#[track_caller]
fn refused(name: &str, value: &str) -> String {
    read(&[(name, value)]).expect_err(name)
}

#[test]
fn each_becomes_what_it_says() {
    let request = read(&[
        ("icclab.disco.components.heat.masterimage", "debian-12"),
        ("icclab.disco.components.heat.slaveflavor", "m1.large"),
        ("icclab.disco.components.heat.slavecount", "12"),
        ("icclab.haas.cluster.name", "Mein Hadoop-Cluster (1)"),
        ("icclab.haas.cluster.procframework", "Spark"),
        ("icclab.haas.master.number", "3"),
        ("icclab.haas.master.publickey", "ssh-ed25519 AAAA somebody"),
        ("icclab.haas.master.withfloatingip", "False"),
        ("icclab.haas.network.subnet.cidr", "10.3.0.0/24"),
        ("icclab.haas.network.dnsservers", "[\"8.8.8.8\",\"8.8.4.4\"]"),
        ("icclab.haas.network.gw.ip", "10.3.0.1"),
        ("icclab.haas.debug.donotdeploy", "True"),
        ("icclab.disco.components.jupyter.password", "secret"),
        ("something.else", "1"),
    ])
    .unwrap();
    assert_eq!(request.master.image.as_deref(), Some("debian-12"));
    assert_eq!((request.master.count, request.slaves.count), (Some(3), Some(12)));
    assert_eq!(request.name.as_deref(), Some("mein-hadoop-cluster-1"));
    assert_eq!(request.frameworks, Some(vec!["spark".to_owned()]));
    assert_eq!(request.floating_ip, Some(false));
    assert_eq!(request.cidr.unwrap().to_string(), "10.3.0.0/24");
    assert_eq!(request.dns_nameservers.len(), 2);
    assert!(request.plan_only);
    assert_eq!(request.jupyter_password, None, "without notebooks it opens nothing");
    assert_eq!(
        request.ignored,
        ["icclab.haas.network.gw.ip", "something.else", "icclab.disco.components.jupyter.password"]
    );
    assert!(!request.given.contains_key("icclab.disco.components.jupyter.password"));
    assert_eq!(request.given["icclab.haas.master.number"], "3");
}

#[test]
fn each_mistake_is_told() {
    assert_eq!(
        refused("icclab.disco.components.heat.slavecout", "2"),
        "attribute `icclab.disco.components.heat.slavecout` does not exist; \
         did you mean `icclab.disco.components.heat.slavecount`?"
    );
    assert_eq!(
        refused("icclab.disco.components.heat.slavecount", "two"),
        "`icclab.disco.components.heat.slavecount` is `two`, expected a number of nodes"
    );
    for value in ["", "-1", "+1", "1.5", "99999999999999999999", "٣", "2 3"] {
        assert!(refused("icclab.disco.components.heat.slavecount", value).contains("expected a number"), "{value}");
    }
    for (name, value, part) in [
        ("icclab.disco.deployer.path", "/etc/passwd", "no path of the service is written to"),
        ("icclab.haas.debug.savetemplatetolocalpath", "/tmp/x", "no path of the service is written to"),
        ("icclab.disco.deployer.type", "Filedeployer", "did you mean `FileDeployer`?"),
        ("icclab.haas.master.withfloatingip", "maybe", "expected `true` or `false`"),
        ("icclab.haas.network.subnet.cidr", "10.3.0.0", "expected an IPv4 network"),
        ("icclab.haas.network.dnsservers", "dns.example", "expected IPv4 addresses"),
        ("icclab.haas.cluster.procframework", "sprak", "did you mean `spark`?"),
        ("icclab.disco.frameworks.sprak.included", "true", "did you mean `spark`?"),
        ("icclab.disco.components.shell.command", "rm -rf /", "does not exist"),
        ("icclab.", "", "does not exist"),
        ("action", "suspend", "for a cluster that exists"),
    ] {
        let message = refused(name, value);
        assert!(message.contains(part), "{name}: {message}");
    }
    let both = read(&[("icclab.disco.x", "1"), ("icclab.disco.components.heat.slavecount", "x")]).unwrap_err();
    assert_eq!(both.lines().count(), 2, "all of them are told: {both}");
    let twice = [("icclab.disco.components.heat.slavecount", "1"), ("icclab.haas.slave.number", "2")];
    assert!(read(&twice).unwrap_err().contains("says something else"));
    let same = [("icclab.disco.components.heat.slavecount", "2"), ("icclab.haas.slave.number", "2")];
    assert_eq!(read(&same).unwrap().slaves.count, Some(2));
}

#[test]
fn a_file_deployer_plans_only() {
    assert!(read(&[("icclab.disco.deployer.type", "FileDeployer")]).unwrap().plan_only);
    assert!(!read(&[("icclab.disco.deployer.type", "OpenstackDeployer")]).unwrap().plan_only);
}

#[test]
fn names_are_listed_once_and_by_kind() {
    for kind in Kind::ALL {
        let names: Vec<&str> = attribute_names(kind).collect();
        let once: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(once.len(), names.len());
        assert!(names.iter().all(|name| name.starts_with(&format!("icclab.{}.", kind.term()))));
        assert!(!names.iter().any(|name| name.ends_with("path")));
    }
}
