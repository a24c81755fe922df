//! Templates as Heat gets them and as people read them.

#![expect(clippy::disallowed_methods, reason = "a test reads the schemas that are kept beside it")]

use std::io::Write;
use std::process::{Command, Stdio};

use disco::template::{TEMPLATE_LIMIT, Template, check, readable};
use serde_json::Value as Json;

use crate::graph::cluster::{Places, configuration, graph, members, spec, template, without_digests};
use crate::support::snapshot;

/// Long texts are shown elsewhere.
fn shortened(mut template: Template) -> Template {
    for resource in template.resources.values_mut().map(std::sync::Arc::make_mut) {
        let config = resource.properties.get("config").and_then(Json::as_str);
        if config.is_some_and(|text| text.len() > 600) {
            resource.properties.insert("config", Json::String("…".to_owned()));
        }
    }
    template
}

#[test]
fn a_cluster_of_four_as_yaml() {
    snapshot!("hadoop", without_digests(&shortened(template(3)).to_yaml()));
}

#[test]
fn yaml_is_read_back_as_the_json() {
    let template = template(2);
    let back: Json = serde_saphyr::from_str(&template.to_yaml()).unwrap();
    assert_eq!(back, readable(template.to_json()));
}

/// Heat reads YAML 1.1 with PyYAML.
#[test]
fn a_yaml_1_1_reader_reads_back_the_json() {
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
    let available = Command::new("python3").args(["-c", "import yaml"]).stderr(Stdio::null()).status();
    assert!(available.is_ok_and(|status| status.success()), "this test needs python3 with PyYAML; .ci/test brings it");
    let mut template = template(2);
    let words = ["yes", "12:30", "1_000", "0o17", "2021-04-16", "~", "=", "<<", "é\u{85}\u{2028}", " x ", "a\r\nb\t"];
    let mut nasty: Vec<String> = words.map(str::to_owned).to_vec();
    // All sorts of texts, the same ones each time.
    let alphabet: Vec<char> =
        "\0\u{1}\t\n\r\u{1b} \"'#:-?%@`&*!|>[]{},\\0129.eE+_=~<yYnoé\u{7f}\u{85}\u{a0}\u{feff}🐘\u{2029}x"
            .chars()
            .collect();
    let mut random = 1_u64;
    for length in (1..12).cycle().take(2000) {
        let mut next = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap()
        };
        nasty.push((0..length).map(|_| alphabet[next() % alphabet.len()]).collect());
    }
    let resource = std::sync::Arc::make_mut(template.resources.values_mut().next().unwrap());
    let mut properties = resource.properties.to_map();
    properties.extend(nasty.into_iter().map(|nasty| (nasty.clone(), Json::String(nasty))));
    resource.properties = properties.into();
    let mut python =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let yaml = template.to_yaml();
    let mut stdin = python.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(yaml.as_bytes()));
    let answer = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&answer.stdout).unwrap(), readable(template.to_json()));
}

#[test]
fn the_same_cluster_has_the_same_digest() {
    assert_eq!(template(3).digest(), template(3).digest());
    assert_eq!(template(3).to_yaml(), template(3).to_yaml());
    assert_ne!(template(3).digest(), template(4).digest());
    assert_eq!(template(3).digest().len(), 64);
}

#[test]
fn three_hundred_slaves_fit_into_a_stack() {
    let places = Places::new();
    let mut large = spec(&places, 300);
    if let disco::model::NetworkSpec::New { cidr, .. } = &mut large.network {
        cidr.value = "10.20.0.0/23".parse().unwrap();
    }
    let template = Template::from_graph(&graph(&large, &configuration("128m", None), &members(&large, None)));
    assert!(template.size() < TEMPLATE_LIMIT * 9 / 10, "{}", template.size());
    assert!(template.resources.len() < 940, "{}", template.resources.len());
    assert!(check(&template, &large, 1000).is_empty());
}

#[test]
fn limits_are_reported_at_the_count() {
    let places = Places::new();
    let spec = spec(&places, 3);
    let mut template = template(3);
    let codes = |template: &Template, limit| places.words(&check(template, &spec, limit));
    assert_eq!(codes(&template, 20), [("disco::too_many_resources", "count".to_owned())]);
    let large = Json::String("x".repeat(500_000));
    std::sync::Arc::make_mut(template.resources.get_mut("network").unwrap())
        .properties
        .insert("name".to_owned(), large);
    assert_eq!(codes(&template, 1000), [("disco::template_too_large", "count".to_owned())]);
}

/// Heat measures `str()` of the template that it read from JSON.
#[test]
fn the_size_is_what_python_measures() {
    let mut template = template(2);
    let nasty = "it's \"quoted\" \\ and\nmore\u{1}";
    template.description = nasty.to_owned();
    let script = "import json, sys; print(len(str(json.load(sys.stdin)).encode()), end='')";
    let mut python =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let json = template.to_json().to_string();
    python.stdin.take().unwrap().write_all(json.as_bytes()).unwrap();
    let measured: usize = String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap().parse().unwrap();
    assert_eq!(template.size(), measured.max(json.len()));
}

/// Heat's own schemas, as the engine and the planner read them.
#[test]
fn every_property_is_one_that_heat_knows() {
    let mut template = template(1);
    let mut spec = spec(&Places::new(), 1);
    spec.groups[1].volumes.push(crate::graph::cluster::volume(&Places::new(), "hdfs"));
    spec.groups[1].anti_affinity.value = disco::model::AntiAffinity::Hard;
    spec.ssh.key_pair = Some(disco::model::Sourced::default_of("desk".to_owned()));
    let more = Template::from_graph(&graph(&spec, &configuration("128m", None), &members(&spec, None)));
    template.resources.extend(more.resources);
    for (name, resource) in &template.resources {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/heat/");
        let path = format!("{folder}{}.json", resource.heat_type.replace("::", "."));
        let schema: Json =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path}"))).unwrap();
        let known = schema["properties"].as_object().unwrap();
        for property in resource.properties.keys() {
            assert!(known.contains_key(property), "{name}: {} has no `{property}`", resource.heat_type);
        }
        for (property, facts) in known {
            let required = facts["required"] == Json::Bool(true);
            assert!(!required || resource.properties.contains_key(property), "{name} needs `{property}`");
        }
    }
}
