//! After apply, plan is empty: from wherever to wherever.

use std::collections::BTreeMap;

use disco::plan::{ChangeKind, StepAction, destroy};
use disco::state::State;
use disco::template::Template;
use proptest::prelude::*;

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

fn clusters() -> impl Strategy<Value = LittleCluster> {
    let words = |words: &'static [&'static str]| proptest::sample::select(words).prop_map(str::to_owned);
    (
        proptest::collection::btree_set(0u32..7, 0..6),
        words(&["m1.small", "m1.medium"]),
        words(&["debian-12", "debian-13"]),
        1u32..4,
        words(&["one", "two"]),
        words(&["10.20.0.0/24", "10.30.0.0/24"]),
        proptest::collection::btree_set(proptest::sample::select(&[22u16, 8088, 9870][..]), 0..3),
        (proptest::option::of(proptest::sample::select(&[100u64, 200][..])), words(&["/data/data", "/srv/data"])),
        any::<(bool, bool)>(),
    )
        .prop_map(
            |(
                slaves,
                flavor,
                image,
                replication,
                secret,
                cidr,
                rules,
                (volume, mount),
                (server_group, prevent_destroy),
            )| {
                LittleCluster {
                    slaves,
                    flavor,
                    image,
                    replication,
                    secret,
                    cidr,
                    rules,
                    volume,
                    mount,
                    server_group,
                    prevent_destroy,
                    ..LittleCluster::default()
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn after_apply_plan_is_empty(lives in proptest::collection::vec(clusters(), 1..5)) {
        let mut heat = LittleHeat::new();
        for life in lives {
            let wanted = life.wanted();
            let plan = heat.plan(&wanted);
            heat.apply(&plan, &wanted);
            let again = heat.plan(&wanted);
            prop_assert!(again.is_empty(), "{:?} {:?}", again.changes, again.steps.len());
            let offline = heat.plan_offline(&wanted);
            prop_assert!(offline.is_empty(), "offline: {:?}", offline.changes);
            // The state survives its file.
            let file = disco::state::encode(&heat.state);
            prop_assert_eq!(&disco::state::decode(&file).unwrap(), &heat.state);
        }
    }

    #[test]
    fn growing_never_touches_a_living_node(before in clusters(), more in proptest::collection::btree_set(0u32..12, 1..6)) {
        let heat = LittleHeat::with(&before.wanted());
        let mut after = before.clone();
        after.slaves.extend(more);
        let plan = heat.plan(&after.wanted());
        for change in &plan.changes {
            prop_assert!(matches!(change.kind, ChangeKind::Create | ChangeKind::Verify), "{:?}", change);
        }
        prop_assert!(plan.steps.len() <= 1);
    }

    #[test]
    fn no_volume_changes_while_it_is_mounted(
        lives in proptest::collection::vec((3u32..5, 1u32..4, 0u64..2, 0usize..9), 3..6),
        failing in 0u32..3,
        batch_size in 1u32..3,
    ) {
        let mut heat = LittleHeat::new();
        let mut size = 100;
        for (slaves, replication, more, at) in lives {
            size += 100 * more;
            let volume = Some(size);
            let wanted = LittleCluster { replication, volume, batch_size, ..LittleCluster::with_slaves(0..slaves) }.wanted();
            let plan = heat.plan(&wanted);
            if !plan.diagnostics.has_errors() {
                let mut state = heat.state.clone();
                for step in &plan.steps {
                    let StepAction::Update(template, _) = &step.action else { continue };
                    let changed = mounted_and_changed(&state, template);
                    prop_assert!(changed.is_none(), "{changed:?} in {}", step.title);
                    let stack = state.clusters.get_mut("analytics").and_then(|known| known.stacks.get_mut("analytics"));
                    stack.unwrap().record("lineage", template, &BTreeMap::new(), &BTreeMap::new());
                }
            }
            match plan.steps.get(at).map(|step| &step.action) {
                Some(StepAction::Update(..)) => {
                    heat.break_off(plan, &wanted, at, &format!("slaves-{failing}-deployment"));
                }
                _ => heat.apply(&plan, &wanted),
            }
        }
    }

    #[test]
    fn destroy_leaves_nothing(life in clusters()) {
        let mut heat = LittleHeat::with(&life.wanted());
        let nothing = disco::plan::Wanted::default();
        let plan = destroy(&heat.state, &heat.seen);
        heat.apply(&plan, &nothing);
        prop_assert!(heat.seen.stacks.is_empty() && heat.state.clusters.is_empty());
        prop_assert!(destroy(&heat.state, &heat.seen).is_empty());
    }
}

/// A volume that a template changes while its node, which stays, has it mounted.
fn mounted_and_changed(state: &State, template: &Template) -> Option<String> {
    let before = &state.clusters.get("analytics")?.stacks.get("analytics")?.resources;
    let property = |name: &str, property: &str| before.get(name)?.properties.get(property)?.value();
    let sizes = template.resources.iter().filter_map(|(name, sent)| Some((name, sent.properties.get("size")?)));
    let mut changed = sizes.filter(|(name, size)| property(name, "size").is_some_and(|known| known != **size));
    let mounted = |volume: &str| {
        let node = volume.strip_suffix("-volume-data").unwrap_or_default();
        let inputs = property(&format!("{node}-deployment"), "input_values").unwrap_or_default();
        inputs.get("volume-data").is_some() && inputs.get("release").is_none_or(|release| release != "data")
    };
    changed.find(|(name, _)| mounted(name)).map(|(name, _)| name.clone())
}

#[test]
fn many_nodes_are_planned_like_few() {
    for count in [300, 3_000] {
        let mut cluster = LittleCluster::with_slaves(0..count);
        let mut heat = LittleHeat::with(&cluster.wanted());
        assert!(heat.plan(&cluster.wanted()).is_empty());
        cluster.slaves.extend([count, count + 1]);
        let wanted = cluster.wanted();
        let plan = heat.plan(&wanted);
        assert_eq!(plan.summary().add, 2);
        heat.apply(&plan, &wanted);
        assert!(heat.plan_offline(&wanted).is_empty());
        let file = disco::state::encode(&heat.state);
        assert!(file.len() < 1024 * (count as usize + 2), "{} bytes a node", file.len() / count as usize);
        assert_eq!(disco::state::decode(&file).unwrap(), heat.state);
    }
}
