//! Templates as Heat gets them and as people read them.

use std::io::Write;
use std::process::{Command, Stdio};

use disco::template::{TEMPLATE_LIMIT, Template, check};
use serde_json::Value as Json;

use crate::graph::cluster::{Places, configuration, graph, members, spec, template};
use crate::support::snapshot;

/// Long texts are shown elsewhere.
fn shortened(mut template: Template) -> Template {
    for resource in template.resources.values_mut() {
        if let Some(Json::String(config)) = resource.properties.get_mut("config") {
            if config.len() > 400 {
                *config = "…".to_owned();
            }
        }
    }
    template
}

#[test]
fn a_cluster_of_four_as_yaml() {
    let yaml = shortened(template(3)).to_yaml();
    // The name of a configuration is a digest that covers the agent.
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"(config-[a-z]+|verify)-[0-9a-f]{10}", "$1-DIGEST");
    settings.bind(|| snapshot!("hadoop", yaml));
}

#[test]
fn yaml_is_read_back_as_the_json() {
    let template = template(2);
    let back: Json = serde_saphyr::from_str(&template.to_yaml()).unwrap();
    assert_eq!(back, template.to_json());
}

/// Heat reads YAML 1.1 with PyYAML.
#[test]
fn a_yaml_1_1_reader_reads_back_the_json() {
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
    let available = Command::new("python3").args(["-c", "import yaml"]).stderr(Stdio::null()).status();
    if !available.is_ok_and(|status| status.success()) {
        return;
    }
    let mut template = template(2);
    for (at, nasty) in
        ["yes", "12:30", "1_000", "0o17", "2021-04-16", "~", "=", "<<", "é\u{85}\u{2028}", " x ", "a\r\nb\t"]
            .into_iter()
            .enumerate()
    {
        let resource = template.resources.values_mut().nth(at).unwrap();
        resource.properties.insert(nasty.to_owned(), Json::String(nasty.to_owned()));
    }
    let mut python =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let yaml = template.to_yaml();
    let mut stdin = python.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(yaml.as_bytes()));
    let answer = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&answer.stdout).unwrap(), template.to_json());
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
    template.resources.get_mut("network").unwrap().properties.insert("name".to_owned(), large);
    assert_eq!(codes(&template, 1000), [("disco::template_too_large", "count".to_owned())]);
}

/// Heat measures `str()` of the template that it read from JSON.
#[test]
fn the_size_is_what_python_measures() {
    let mut template = template(2);
    let nasty = "it's \"quoted\" \\ and\nmore\u{1}";
    template.description = nasty.to_owned();
    let script = "import json, sys; print(len(str(json.load(sys.stdin)).encode()), end='')";
    let Ok(mut python) =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
    else {
        return;
    };
    let json = template.to_json().to_string();
    python.stdin.take().unwrap().write_all(json.as_bytes()).unwrap();
    let measured: usize = String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap().parse().unwrap();
    assert_eq!(template.size(), measured.max(json.len()));
}
