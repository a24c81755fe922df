//! The commands of both releases' READMEs, repaired, and the requests that the dashboard's code sends.

use disco::server::occi::Secret;

use super::occi_memory::{BASE, Memory, PASSWORD, TOKEN};

const DISCO: &str = r#"disco; scheme="http://schemas.cloudcomplab.ch/occi/sm#"; class="kind";"#;
const HAAS: &str = r#"haas; scheme="http://schemas.cloudcomplab.ch/occi/sm#"; class="kind";"#;

/// The id in the address of a new cluster.
fn created(answer: &disco::server::occi::OcciResponse, kind: &str) -> String {
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (201, "OK"), "{}", answer.body);
    let location = answer.header("Location").unwrap();
    location.strip_prefix(&format!("{BASE}/{kind}/")).unwrap().to_owned()
}

/// The attributes with which the README of release 2 creates a cluster, of nodes of that image and flavor.
pub(super) fn release_2(image: &str, flavor: &str) -> String {
    const HEAT: &str = "icclab.disco.components.heat";
    [
        format!("{HEAT}.networkname=\"lab-net\""),
        format!("{HEAT}.externalnetworkname=\"public\""),
        format!("{HEAT}.masterimage=\"{image}\""),
        format!("{HEAT}.slaveimage=\"{image}\""),
        format!("{HEAT}.masterflavor=\"{flavor}\""),
        format!("{HEAT}.slaveflavor=\"{flavor}\""),
        format!("{HEAT}.slavecount=\"4\""),
        r#"icclab.disco.deployer.username="somebody""#.to_owned(),
        r#"icclab.disco.deployer.password="a-password""#.to_owned(),
        r#"icclab.disco.deployer.region="RegionOne""#.to_owned(),
        r#"icclab.disco.dependencies.inject="{'hadoop': '', 'spark': 'default'}""#.to_owned(),
    ]
    .join(",")
}

/// The README of release 2, from the kinds to the deletion.
#[test]
fn the_readme_of_release_2() {
    let service = Memory::new();
    let (tenant, token) = (("X-Tenant-Name", "mesz"), ("X-Auth-Token", TOKEN));
    let kinds = service.sent("GET", "/-/", &[("Accept", "text/occi"), tenant, token], "");
    assert!(kinds.header("Category").unwrap().contains("icclab.disco.dependencies.inject"));
    let attributes = release_2("82f5436a-602b-492b-9808-1e3304a22263", "11d87870-2b1f-47ca-a400-0fcaaa1272ac");
    let create = [
        ("Category", DISCO),
        ("Content-type", "text/occi"),
        tenant,
        ("X-Region-Name", "RegionOne"),
        ("X-User-Name", "somebody"),
        ("X-Password", "a-password"),
        token,
        ("X-OCCI-Attribute", attributes.as_str()),
    ];
    let id = created(&service.sent("POST", "/disco/", &create, ""), "disco");
    let text = service.kept(&id).unwrap().definition.text;
    for part in ["count  = 4", "framework \"hadoop\" {}", "framework \"spark\" {}", "\"lab-net\""] {
        assert!(text.contains(part), "no {part} in:\n{text}");
    }
    let all = service.sent("GET", "/disco/", &[("Accept", "text/occi"), tenant, token], "");
    assert_eq!(all.header("X-OCCI-Location"), Some(&*format!("{BASE}/disco/{id}")));
    let path = format!("/disco/{id}");
    let one = service.sent("GET", &path, &[("Accept", "text/occi"), tenant, token], "");
    let shown = one.header("X-OCCI-Attribute").unwrap();
    assert!(shown.contains(r#"external_ip="none""#) && !shown.contains("a-password") && !shown.contains("somebody"));
    assert!(!service.everything().contains("a-password"));
    let delete = [("Category", DISCO), ("Content-type", "text/occi"), tenant, token];
    assert_eq!(service.sent("DELETE", &path, &delete, "").status, 200);
}

/// As printed, the variables in single quotes are sent literally: that is another tenant.
#[test]
fn the_readme_of_release_2_as_printed() {
    let service = Memory::new();
    let printed = [("Category", DISCO), ("X-Tenant-Name", "$OS_TENANT_NAME"), ("X-Auth-Token", TOKEN)];
    assert_eq!(service.sent("POST", "/disco/", &printed, "").status, 401);
}

/// The README of release 0.1: user name and password with each request, and one attribute.
#[test]
fn the_readme_of_release_0_1() {
    let service = Memory::new();
    let who = [("X-User-Name", "disco"), ("X-Password", PASSWORD), ("X-Tenant-Name", "disco")];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = who.to_vec();
        all.extend(more);
        all
    };
    assert_eq!(service.sent("GET", "/-/", &with(&[("Accept", "text/occi")]), "").status, 200);
    let create = with(&[
        ("Category", HAAS),
        ("X-Region-Name", "RegionOne"),
        ("content-type", "text/occi"),
        ("X-OCCI-Attribute", r#"icclab.haas.master.sshkeyname="my-key""#),
    ]);
    let id = created(&service.sent("POST", "/haas/", &create, ""), "haas");
    let kept = service.kept(&id).unwrap();
    assert!(kept.definition.text.contains("key_pair = \"my-key\""), "{}", kept.definition.text);
    assert!(kept.definition.text.contains("framework \"hadoop\" {}"), "what it set up where nothing was said");
    let path = format!("/haas/{id}");
    let one = service.sent("GET", &path, &with(&[("Accept", "text/occi"), ("X-Region-Name", "RegionOne")]), "");
    assert!(one.header("X-OCCI-Attribute").unwrap().contains(r#"externalIP="none""#));
    let list = service.sent("GET", "/haas/", &with(&[("Accept", "text/occi")]), "");
    assert_eq!(list.header("X-OCCI-Location"), Some(&*format!("{BASE}/haas/{id}")));
    let delete = with(&[("Category", HAAS), ("content-type", "text/occi"), ("X-Region-Name", "RegionOne")]);
    assert_eq!(service.sent("DELETE", &path, &delete, "").status, 200);
    assert!(!service.everything().contains(PASSWORD));
}

/// A cluster of release 0.1's dashboard.
#[test]
fn the_first_dashboard() {
    let service = Memory::new();
    let attributes = [
        r#"icclab.haas.master.image="debian-12",icclab.haas.slave.image="debian-12",icclab.haas.master.sshkeyname="discokey""#,
        r#"icclab.haas.master.flavor="m1.large",icclab.haas.slave.flavor="m1.xlarge",icclab.haas.master.number="1""#,
        r#"icclab.haas.slave.number="3",icclab.haas.master.slaveonmaster="on",icclab.haas.master.withfloatingip="true""#,
        r#"icclab.disco.frameworks.spark.included="True",icclab.disco.frameworks.hadoop.included="True""#,
        r#"icclab.disco.frameworks.zeppelin.included="false",icclab.disco.frameworks.jupyter.included="True""#,
    ]
    .join(",");
    let headers = [
        ("Content-Type", "text/occi"),
        ("Category", HAAS),
        ("X-Tenant-Name", "disco"),
        ("X-Region-Name", "RegionOne"),
        ("X-User-Name", "disco"),
        ("X-Password", PASSWORD),
        ("X-Occi-Attribute", attributes.as_str()),
        ("Accept", "*/*"),
    ];
    let id = created(&service.sent("POST", "/haas/", &headers, ""), "haas");
    let kept = service.kept(&id).unwrap();
    assert_eq!(kept.view.ignored, ["icclab.haas.master.slaveonmaster"]);
    for part in
        ["framework \"spark\"", "framework \"hadoop\"", "framework \"jupyter\"", "\"m1.xlarge\"", "floating_ip = true"]
    {
        assert!(kept.definition.text.contains(part), "no {part} in:\n{}", kept.definition.text);
    }
    assert!(!kept.definition.text.contains("zeppelin"));
    // It lists as JSON, and shows what it had sent.
    let headers = [headers[2], headers[4], headers[5], ("Accept", "application/occi+json")];
    let list = service.sent("GET", "/haas/", &headers, "");
    let json: serde_json::Value = serde_json::from_str(&list.body).unwrap();
    assert_eq!(json[0]["attributes"]["icclab.haas.master.image"], "debian-12");
    assert_eq!(json[0]["attributes"]["externalIP"], "none");
    assert_eq!(json[0]["attributes"]["disco.ignored"], "icclab.haas.master.slaveonmaster");
}

/// A cluster of release 2's dashboard: it sends a token and the password, and polls as JSON.
#[test]
fn the_second_dashboard() {
    let service = Memory::new();
    for (inject, frameworks) in [("{}", 0), ("{'hadoop': '','spark': '','jupyter': ''}", 3)] {
        let attributes = format!(
            "icclab.disco.components.heat.masterimage=\"debian-12\",icclab.disco.components.heat.slaveimage=\"debian-12\",\
             icclab.disco.components.heat.masterflavor=\"m1.large\",icclab.disco.components.heat.slaveflavor=\"m1.large\",\
             icclab.disco.components.heat.slavecount=\"2\",icclab.disco.deployer.username=\"somebody\",\
             icclab.disco.deployer.region=\"RegionOne\",icclab.disco.deployer.password=\"a-password\",\
             icclab.disco.components.heat.networkname=\"disconetwork-ABCDEFGH\",\
             icclab.disco.components.heat.externalnetworkname=\"public\",\
             icclab.disco.components.jupyter.password=\"open sesame\",icclab.disco.dependencies.inject=\"{inject}\""
        );
        let who = [
            ("X-Tenant-Name", "mesz"),
            ("X-Region-Name", "RegionOne"),
            ("X-User-Name", "somebody"),
            ("X-Password", "a-password"),
            ("X-Auth-Token", TOKEN),
        ];
        let mut create = who.to_vec();
        create.extend([
            ("X-Occi-Attribute", attributes.as_str()),
            ("Category", DISCO),
            ("Accept", "*/*"),
            ("Content-Type", "text/occi"),
        ]);
        let id = created(&service.sent("POST", "/disco/", &create, ""), "disco");
        let kept = service.kept(&id).unwrap();
        assert_eq!(kept.definition.text.matches("\n  framework ").count(), frameworks);
        assert!(!kept.definition.text.contains("open sesame"), "{}", kept.definition.text);
        let secrets: Vec<&str> = kept.definition.secrets.values().map(Secret::expose).collect();
        assert_eq!(secrets, if frameworks > 0 { vec!["open sesame"] } else { vec![] });
        assert!(!service.everything().contains("open sesame") && !service.everything().contains("a-password"));
        let path = format!("/disco/{id}");
        for format in ["text/occi", "application/occi+json"] {
            let mut get = who.to_vec();
            get.push(("Accept", format));
            let seen = service.sent("GET", &path, &get, "");
            assert_eq!(seen.status, 200);
            if format == "application/occi+json" {
                let json: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
                assert_eq!(json["attributes"]["stack_status"], "CREATE_IN_PROGRESS");
                assert_eq!(json["attributes"]["external_ip"], "none");
            }
        }
        let mut act = who.to_vec();
        act.extend([("Content-Type", "text/occi"), ("Category", DISCO), ("X-Occi-Attribute", "action=\"suspend\",")]);
        assert_eq!(service.sent("POST", &path, &act, "").status, 200);
    }
}

/// Without a token and without headers, what the attributes say of a deployer counts.
#[test]
fn a_deployer_in_the_attributes() {
    let service = Memory::new();
    let body = format!(
        "Category: {DISCO}\nX-OCCI-Attribute: icclab.disco.hurtle.username=\"disco\"\n\
         X-OCCI-Attribute: icclab.disco.hurtle.password=\"{PASSWORD}\"\n"
    );
    let headers = [("X-Tenant-Name", "disco"), ("Content-Type", "text/plain")];
    let id = created(&service.sent("POST", "/disco/", &headers, &body), "disco");
    assert!(service.kept(&id).unwrap().view.given.is_empty());
    assert!(!service.everything().contains(PASSWORD));
    assert_eq!(service.sent("GET", "/disco/", &headers, &body).status, 400, "only where something is created");
}
