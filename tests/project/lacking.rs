//! Clouds that lack something: what a plan needs and does not get is said before anything is created, and what it does
//! not need is not missed.

use serde_json::{Value as Json, json};

use super::openstack::Cloud;
use crate::support::{RewritingProxy, Run};

/// The cloud as it is seen through a proxy.
struct Seen {
    cloud: Cloud,
    proxy: RewritingProxy,
}

impl Seen {
    fn through(rewrite: impl Fn(&str, &mut Json) + Send + Sync + 'static) -> Self {
        Self { cloud: Cloud::serve(), proxy: RewritingProxy::start(rewrite) }
    }

    fn disco(&self, words: &str) -> Run {
        self.cloud.disco_with(words, &[("http_proxy", &self.proxy.url)])
    }

    fn write(&self, definition: &str) {
        self.cloud.project.write("main.disco.hcl", definition);
    }

    /// Both commands refuse it with these words, and nothing is created.
    fn refuses(&self, words: &[&str]) {
        for command in ["plan", "apply -auto-approve"] {
            self.disco(command).ends_with(1).says(words).says(&["help: "]);
        }
        assert!(!self.cloud.project.file("disco.state.json").exists(), "nothing is created");
    }

    /// Created, nothing left to do, and gone.
    fn lives(&self) {
        self.disco("apply -auto-approve").ends_with(0);
        self.disco("plan -detailed-exitcode").ends_with(0);
        self.disco("drift").ends_with(0);
        self.disco("destroy -auto-approve").ends_with(0);
    }
}

/// A cluster of two, with more in its network, its master and its slaves.
fn definition(network: &str, master: &str, slaves: &str) -> String {
    format!(
        "cluster \"lab\" {{\n  image = \"debian-12\"\n  network {{\n    cidr = \"10.9.0.0/24\"\n    {network}\n  }}\n  master \
         {{\n    flavor = \"m1.medium\"\n    {master}\n  }}\n  slaves {{\n    count = 1\n    flavor = \"m1.small\"\n    \
         {slaves}\n  }}\n}}\n"
    )
}

/// Without Neutron's extension of that alias, and what its quota tells with it.
fn without_extension(alias: &'static str, counted: &'static [&'static str]) -> impl Fn(&str, &mut Json) + Send + Sync {
    move |path, body| {
        if path.ends_with("/v2.0/extensions") {
            body["extensions"].as_array_mut().unwrap().retain(|extension| extension["alias"] != alias);
        } else if path.contains("/v2.0/quotas/") {
            let quota = body["quota"].as_object_mut().unwrap();
            for name in counted {
                quota.remove(*name);
            }
        }
    }
}

#[test]
fn a_cloud_without_routers_has_no_new_networks_and_no_floating_ips() {
    let seen = Seen::through(without_extension("router", &["router", "floatingip"]));
    seen.write(&definition("external_network = \"public\"", "floating_ip = true", ""));
    seen.refuses(&[
        "disco::missing_service",
        "the cloud has no routers: Neutron has no extension `router`",
        "main.disco.hcl:3:3",
        "use a network that exists (`existing` in `network`), and no floating IPs",
        "the cloud has no floating IPs: Neutron has no extension `router`",
        "main.disco.hcl:9:19",
        "help: remove `floating_ip`",
    ]);
    // In a network that exists nothing of it is missed.
    let network = json!({ "network": { "name": "uni" } });
    let made = seen.cloud.by_hand("POST", "/network/v2.0/networks", &network.to_string());
    let subnet = json!({ "subnet": { "network_id": made["network"]["id"], "name": "uni-4", "cidr": "10.9.0.0/24" } });
    seen.cloud.by_hand("POST", "/network/v2.0/subnets", &subnet.to_string());
    let plain = definition("", "", "");
    seen.write(&plain.replace(
        "cidr = \"10.9.0.0/24\"",
        "existing = \"uni\"\n    subnet = \"uni-4\"\n    addresses = \"10.9.0.64/26\"",
    ));
    seen.lives();
}

#[test]
fn a_cloud_without_security_groups_is_none_for_clusters() {
    let seen = Seen::through(without_extension("security-group", &["security_group", "security_group_rule"]));
    seen.write(&definition("", "", ""));
    seen.refuses(&[
        "disco::missing_service",
        "the cloud has no security groups: Neutron has no extension `security-group`",
        "help: use another cloud: nothing would protect the nodes",
    ]);
}

#[test]
fn a_cloud_without_block_storage_has_no_volumes() {
    let seen = Seen::through(|path, body| {
        if path.ends_with("/auth/tokens") {
            let block =
                |entry: &Json| ["volumev3", "block-storage", "volume"].iter().any(|kind| entry["type"] == *kind);
            body["token"]["catalog"].as_array_mut().unwrap().retain(|entry| !block(entry));
        }
    });
    seen.write(&definition("", "", "volume \"data\" {\n      size = 10\n    }"));
    seen.refuses(&[
        "disco::missing_service",
        "`cluster.lab.slaves` has volumes, and the cloud has no block storage",
        "main.disco.hcl:14:5",
        "needs a service of type `block-storage` (Cinder)",
        "help: remove the `volume` block: data then lies on the root disk",
    ]);
    seen.write(&definition("", "", ""));
    seen.lives();
}

#[test]
fn a_flavor_that_is_disabled_stays_with_those_who_have_it() {
    let seen = Seen::through(|path, body| {
        if path.contains("/flavors/detail") {
            let flavors = body["flavors"].as_array_mut().unwrap().iter_mut();
            for flavor in flavors.filter(|flavor| flavor["name"] == "m1.small") {
                flavor["OS-FLV-DISABLED:disabled"] = true.into();
            }
        }
    });
    let words = [
        "disco::unusable_flavor",
        "flavor `m1.small` is disabled",
        "main.disco.hcl:13:14",
        "no new server may have it",
    ];
    seen.write(&definition("", "", ""));
    seen.refuses(&words);
    seen.cloud.disco("apply -auto-approve").ends_with(0);
    seen.disco("plan -detailed-exitcode").ends_with(0);
    seen.write(&definition("", "", "").replace("count = 1", "count = 2"));
    seen.disco("plan").ends_with(1).says(&words);
    seen.write(&definition("", "", "").replace("m1.small", "m1.large"));
    seen.disco("plan -detailed-exitcode").ends_with(2);
    seen.write("");
    seen.disco("apply -auto-approve --accept-data-loss").ends_with(0);
}

/// A flavor of others is in no listing.
#[test]
fn a_flavor_that_is_private_is_not_there_for_new_servers() {
    let seen = Seen::through(|path, body| {
        if path.contains("/flavors/detail") {
            body["flavors"].as_array_mut().unwrap().retain(|flavor| flavor["name"] != "m1.small");
        }
    });
    let words = ["disco::unknown_flavor", "`m1.small`", "main.disco.hcl:13:14"];
    seen.write(&definition("", "", ""));
    seen.refuses(&words);
    seen.cloud.disco("apply -auto-approve").ends_with(0);
    // Who has it keeps it: the state knows what it was.
    let planned = seen.disco("plan -detailed-exitcode").ends_with(0).says(&words);
    planned.says(&["help: cluster `lab` keeps what it has; before nodes of it are created or replaced"]);
    seen.disco("plan --offline -detailed-exitcode").ends_with(0);
    seen.disco("drift").ends_with(0);
    seen.write(&definition("", "", "").replace("count = 1", "count = 2"));
    seen.disco("plan").ends_with(1).says(&words).says(&["flavor `m1.small` does not exist in the cloud"]);
    seen.write(&definition("", "", "").replace("m1.small", "m1.large"));
    seen.disco("plan -detailed-exitcode").ends_with(2);
    seen.write("");
    seen.disco("apply -auto-approve --accept-data-loss").ends_with(0);
}

/// Everything that a standing cluster refers to may go, as long as nothing new needs it.
#[test]
fn what_a_cloud_no_longer_shows_is_missed_by_new_nodes_only() {
    let gone = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = {
        let gone = std::sync::Arc::clone(&gone);
        Seen::through(move |path, body| {
            if !gone.load(std::sync::atomic::Ordering::SeqCst) {
                return;
            }
            for (listing, field) in [
                ("/v2/images", "images"),
                ("/v2.0/networks?router", "networks"),
                ("/os-keypairs", "keypairs"),
                ("/os-availability-zone", "availabilityZoneInfo"),
            ] {
                if path.contains(listing) {
                    body[field] = json!([]);
                }
            }
        })
    };
    seen.cloud.by_hand("POST", "/compute/v2.1/os-keypairs", &json!({ "keypair": { "name": "ops" } }).to_string());
    let zone = "availability_zone = \"nova\"";
    let whole =
        definition("external_network = \"public\"", zone, "").replace("  image = ", "  key_pair = \"ops\"\n  image = ");
    seen.write(&whole);
    seen.disco("apply -auto-approve").ends_with(0);
    gone.store(true, std::sync::atomic::Ordering::SeqCst);
    let missed = [
        "disco::unknown_image",
        "image `debian-12` does not exist in the cloud",
        "disco::unknown_external_network",
        "disco::unknown_key_pair",
        "disco::unknown_availability_zone",
    ];
    let planned = seen.disco("plan -detailed-exitcode").ends_with(0).says(&missed);
    assert!(!planned.stderr.contains("×"), "{}", planned.stderr);
    seen.disco("apply -auto-approve").ends_with(0);
    seen.write(&whole.replace("count = 1", "count = 2"));
    // Of the master's zone the new slave needs nothing.
    let refused = seen.disco("plan").ends_with(1).says(&missed);
    assert_eq!(refused.stderr.matches('×').count(), 3, "{}", refused.stderr);
    seen.disco("destroy -auto-approve").ends_with(0);
}

#[test]
fn an_image_that_cannot_be_booted_is_refused_for_new_servers() {
    let seen = Seen::through(|path, body| {
        if path.contains("/v2/images") {
            body["images"].as_array_mut().unwrap().iter_mut().for_each(|image| image["status"] = "deactivated".into());
        }
    });
    let words = [
        "disco::unusable_image",
        "image `debian-12` is deactivated",
        "main.disco.hcl:2:11",
        "help: ask an administrator to reactivate it, or use another image",
    ];
    seen.write(&definition("", "", ""));
    seen.refuses(&words);
    seen.cloud.disco("apply -auto-approve").ends_with(0);
    seen.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn a_restricted_application_credential_creates_nothing_and_reads_everything() {
    let seen = Seen::through(|path, body| {
        if path.ends_with("/auth/tokens") {
            body["token"]["application_credential"] = json!({ "id": "c1", "name": "ci", "restricted": true });
        }
    });
    let words = [
        "disco::restricted_credential",
        "application credential `ci` is restricted, so Heat cannot create the trust that it needs",
        "cloud.disco.hcl:1:",
        "create another one with `openstack application",
    ];
    seen.write(&definition("", "", ""));
    seen.refuses(&words);
    seen.cloud.disco("apply -auto-approve").ends_with(0);
    seen.disco("plan -detailed-exitcode").ends_with(0);
    seen.disco("drift").ends_with(0);
    seen.write(&definition("", "", "").replace("count = 1", "count = 2"));
    seen.disco("plan").ends_with(1).says(&words);
    // A trust is needed to make a stack, not to delete it.
    seen.disco("destroy -auto-approve").ends_with(0);
}

#[test]
fn a_key_pair_that_the_cloud_does_not_have_is_refused() {
    let cloud = Cloud::serve();
    let definition = definition("", "", "").replace("  network {\n", "  key_pair = \"me\"\n  network {\n");
    cloud.project.write("main.disco.hcl", &definition);
    for command in ["plan", "apply -auto-approve"] {
        cloud.disco(command).ends_with(1).says(&[
            "disco::unknown_key_pair",
            "key pair `me` does not exist in the cloud",
            "main.disco.hcl:3:14",
            "openstack keypair create",
        ]);
    }
    assert!(!cloud.project.file("disco.state.json").exists(), "nothing is created");
    let pair = json!({ "keypair": { "name": "me", "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHhQ me@here" } });
    cloud.by_hand("POST", "/compute/v2.1/os-keypairs", &pair.to_string());
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    // Nova keeps a copy in the server: whoever deletes the pair takes nothing away, but no new server can have it.
    cloud.by_hand("DELETE", "/compute/v2.1/os-keypairs/me", "");
    cloud.project.write("main.disco.hcl", &definition.replace("count = 1", "count = 2"));
    cloud.disco("plan").ends_with(1).says(&["key pair `me` does not exist in the cloud"]);
}
