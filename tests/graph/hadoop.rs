//! The catalogue's real Hadoop, compiled.

use disco::catalogue::{Catalogue, ClusterConfiguration, ClusterContext, compose, configure};
use disco::graph::compile_each;
use disco::model::{ClusterSpec, Flavor, Members};
use disco::template::{Template, check};

use super::cluster::{LINEAGE, Places, facts, members, spec};

/// The configuration of a cluster, and the template of its base stack.
fn compiled(
    places: &Places,
    catalogue: &Catalogue,
    spec: &ClusterSpec,
    members: &Members,
) -> (ClusterConfiguration, Template) {
    let mut facts = facts();
    let large = Flavor { id: "5".to_owned(), vcpus: 4, memory_mib: 16_384, disk_gib: 100, disabled: false };
    facts.flavors = [("m1.medium", large.clone()), ("m1.small", large)].into_iter().collect();
    let sources = &places.sources;
    let (composition, mut diagnostics) = compose(spec, catalogue, sources);
    let (composition, facts, fixed) = (&composition, &facts, &members.fixed);
    let (configuration, found) = configure(ClusterContext { spec, catalogue, composition, facts, fixed, sources });
    diagnostics.extend(found);
    let template = |graph| Template::from_graph(&graph);
    let (mut templates, found) = compile_each(spec, &configuration, facts, members, LINEAGE, template);
    diagnostics.extend(found);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    (configuration, templates.remove("analytics").unwrap())
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
    // From three slaves on there are as many copies of each block as there ever are.
    let small = spec_of(&places, 3);
    let mut stands = members(&small, None);
    let (configuration, before) = compiled(&places, &catalogue, &small, &stands);
    stands.fixed = configuration.fixed;
    assert_eq!(compiled(&places, &catalogue, &small, &stands).1, before);

    let large = spec_of(&places, 300);
    let grown = members(&large, Some(&stands));
    let (_, after) = compiled(&places, &catalogue, &large, &grown);
    for (name, resource) in &before.resources {
        if name != "verify-deployment" {
            assert_eq!(after.resources.get(name), Some(resource), "{name}");
        }
    }
    assert!(check(&after, &large, 1000).is_empty(), "{}", after.size());
}
