//! Questions about a cluster: whatever is asked, there is an answer or a way out. What answers look like is shown in
//! `tests/cli/explain.rs`.

use super::lab::Lab;
use disco::catalogue::{Answer, Explanation, Origin, explain};
use disco::model::SettingValue;
use proptest::prelude::*;

fn asked(lab: &Lab, question: &str) -> Result<Answer, String> {
    let (answer, diagnostics) = explain(lab.context(&lab.composed().0), question);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    answer.map_err(|unanswered| unanswered.help.unwrap_or_default())
}

/// Every explanation in a tree.
fn all(explanation: &Explanation) -> Vec<&Explanation> {
    let below = explanation.inputs.iter().flat_map(|input| all(input));
    std::iter::once(explanation).chain(below).collect()
}

#[test]
fn every_value_of_every_file_can_be_explained() {
    let mut lab = Lab::with(&["hadoop", "spark"], 3);
    lab.flavor("slaves", "m1.large").volume("slaves", "a");
    lab.set_of("spark", "history_days", SettingValue::Integer(5));
    let configuration = lab.configured();
    let mut seen = 0;
    for (group, made) in &configuration.groups {
        for file in &made.files {
            for value in &file.values {
                let question = format!("{group}/{}:{}", file.name, value.key);
                let Ok(Answer::Values(found)) = asked(&lab, &question) else { panic!("{question}") };
                let explanation = &found[0].explanation;
                assert_eq!(explanation.value.as_ref().unwrap().value, value.value.value, "{question}");
                assert_eq!((found.len(), found[0].groups.as_slice()), (1, &[group.clone()][..]));
                seen += 1;
            }
        }
        for value in &made.settings {
            let Ok(Answer::Values(found)) = asked(&lab, &format!("{group}/{}", value.key)) else {
                panic!("{}", value.key)
            };
            assert_eq!(found[0].explanation.value.as_ref().unwrap().value, value.value.value, "{}", value.key);
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn the_way_back_ends_at_what_the_definition_says() {
    let mut lab = Lab::with(&["hadoop", "spark"], 3);
    lab.flavor("slaves", "m1.large");
    let line = lab.set_of("hadoop", "nodemanager_heap", SettingValue::Integer(400));
    let Ok(Answer::Values(found)) = asked(&lab, "slaves/spark.executor.memory") else { panic!("no values") };
    let way = all(&found[0].explanation);
    let named = |name: &str| way.iter().find(|step| step.name == name).unwrap_or_else(|| panic!("{name} is missing"));
    assert!(
        matches!(&named("setting.nodemanager_heap").origin, Origin::Given { place: Some(place), .. } if *place == line)
    );
    let flavor = lab.spec.groups[1].flavor.origin;
    assert!(matches!(&named("node.memory").origin, Origin::Fact { place, .. } if *place == flavor));
    assert_eq!(named("node.memory").unit.as_deref(), Some("MiB"));
    // Everything between has its formula; nothing is left to guess.
    assert!(
        way.iter().all(|step| step.known && !matches!(&step.origin, Origin::Fact { words, .. } if words.is_empty()))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_question_is_too_odd(question in r#"(slaves|master|hadoop|framework|spark|hdfs-site.xml|dfs.replication|local|setting|[\[\]"'./: ]|\PC){0,8}"#) {
        let _ = asked(&Lab::with(&["hadoop", "spark"], 2), &question);
    }
}
