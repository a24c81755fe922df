//! The catalogue's real Hadoop, compiled.

use disco::catalogue::Catalogue;
use disco::graph::{Compiled, compile};
use disco::model::{ClusterSpec, Flavor, Members};
use disco::template::{Template, check};

use super::cluster::{LINEAGE, Places, facts, members, spec};

fn compiled(places: &Places, catalogue: &Catalogue, spec: &ClusterSpec, members: &Members) -> Compiled<Template> {
    let mut facts = facts();
    let large = Flavor { id: "5".to_owned(), vcpus: 4, memory_mib: 16_384, disk_gib: 100 };
    facts.flavors.insert("m1.medium".to_owned(), large.clone());
    facts.flavors.insert("m1.small".to_owned(), large);
    let (compiled, diagnostics) =
        compile(spec, catalogue, &facts, members, LINEAGE, &places.sources, |graph| Template::from_graph(&graph));
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    compiled
}

/// The base stack's template.
fn template(compiled: &Compiled<Template>) -> Template {
    compiled.stacks["analytics"].clone()
}

fn spec_of(places: &Places, slaves: u32) -> ClusterSpec {
    let mut spec = spec(places, slaves);
    if let disco::model::NetworkSpec::New { cidr, .. } = &mut spec.network {
        cidr.value = "10.20.0.0/22".parse().unwrap();
    }
    spec
}

/// From one slave, where replication is one, to three hundred: nothing that exists is touched.
#[test]
fn growing_touches_nothing_but_the_verification() {
    let places = Places::new();
    let catalogue = Catalogue::embedded(&places.sources);
    let small = spec_of(&places, 1);
    let mut stands = members(&small, None);
    let first = compiled(&places, &catalogue, &small, &stands);
    stands.fixed = first.configuration.fixed.clone();
    let before = template(&first);
    assert_eq!(template(&compiled(&places, &catalogue, &small, &stands)), before);

    let large = spec_of(&places, 300);
    let grown = members(&large, Some(&stands));
    let after = template(&compiled(&places, &catalogue, &large, &grown));
    for (name, resource) in &before.resources {
        if name != "verify-deployment" {
            assert_eq!(after.resources.get(name), Some(resource), "{name}");
        }
    }
    assert!(check(&after, &large, 1000).is_empty(), "{}", after.size());
}
