//! What the language says of itself is true: what is described is read, and as it is described.

use std::collections::BTreeMap;

use disco::language::{AttributeSchema, BlockSchema, FILE, Kind, Label, Presence};
use disco::source::Sources;
use disco::syntax;
use disco::syntax::tree::{Body, ExpressionKind};
use regex_lite::Regex;

use super::project::Project;

/// A definition in which each block stands once, `body` being all that the block at `path` says.
fn definition(path: &[&'static BlockSchema], body: &str) -> String {
    let mut text = body.to_owned();
    for (depth, schema) in path.iter().enumerate().rev() {
        let label = match schema.label {
            Label::Word(word) => format!(" \"{word}\""),
            Label::Required(example) => example.trim_start_matches(schema.word).replace("FILE", "core-site.xml"),
            Label::None | Label::Optional(_) => String::new(),
        };
        let label = if schema.word == "allow" { " \"custom\"" } else { label.as_str() };
        let beside = if depth + 1 < path.len() { "" } else { text.as_str() };
        let inner = if depth + 1 < path.len() { text.as_str() } else { "" };
        text = format!("{}{label} {{\n{beside}\n{inner}\n}}\n", schema.word);
    }
    text
}

/// Calls `look` with every attribute and the blocks around it, the outer ones first.
fn each(
    schema: &'static BlockSchema,
    path: &[&'static BlockSchema],
    look: &mut dyn FnMut(&[&'static BlockSchema], &AttributeSchema),
) {
    for inner in schema.blocks {
        let path: Vec<&'static BlockSchema> = path.iter().copied().chain([inner.schema]).collect();
        inner.schema.attributes().for_each(|attribute| look(&path, attribute));
        each(inner.schema, &path, look);
    }
}

#[test]
fn every_attribute_is_read_and_has_the_type_that_is_described() {
    let mut faults = Vec::new();
    let mut looked_at = 0;
    each(&FILE, &[], &mut |path, attribute| {
        looked_at += 1;
        let name = attribute.name;
        let wrong = if matches!(attribute.kind, Kind::Other(_)) { "nothing_is_called_so" } else { "[{}]" };
        let text = definition(path, &format!("{name} = {wrong}"));
        let column = format!("{name} = ").len();
        let line = text.lines().position(|line| line.starts_with(&format!("{name} = "))).unwrap();
        let project = Project::of(&text);
        let found = project.evaluate().1;
        let complained = found.iter().any(|one| {
            one.span().is_some_and(|span| {
                let (_, position) = project.sources.locate(span);
                position.line == line + 1 && position.column > column
            })
        });
        // A condition is looked at only where the variable has a value.
        let later = path.last().is_some_and(|schema| schema.word == "validation");
        if !complained && !later {
            faults.push(format!("nobody reads `{name}` in\n{text}{}", project.drawn(&found)));
        }
        if let Presence::Required(_) = attribute.presence {
            let found = Project::of(&definition(path, "")).evaluate().1;
            if !found.iter().any(|one| one.message.contains(&format!("the attribute `{name}`"))) {
                faults.push(format!("`{name}` is not required in\n{}", definition(path, "")));
            }
        }
    });
    assert!(looked_at > 45, "only {looked_at} attributes");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn everything_has_a_sentence() {
    each(&FILE, &[], &mut |path, attribute| {
        let block = path.last().unwrap();
        for says in [attribute.says, block.says] {
            assert!(says.ends_with('.') && says.len() > 8, "`{}` of `{}`: {says}", attribute.name, block.word);
        }
    });
}

/// A sound definition that writes no attribute whose default is described as a literal; `{provider}` is to be replaced.
const PLAIN: &str = r#"
disco {
  state "{state}" {
  }
  encryption {
    key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
  }
  lint {
  }
}
provider "{provider}" {
}
variable "nothing" {
  default = null
}
cluster "c" {
  image = "debian-12"
  network {
    cidr             = "10.20.0.0/24"
    external_network = "public"
  }
  security {
    allow "custom" {
      ports = ["8443"]
      from  = ["203.0.113.0/24"]
    }
  }
  lifecycle {
  }
  master {
    flavor = "m1.large"
    volume "data" {
      size = 10
    }
  }
  slaves {
    flavor = "m1.large"
    count  = 2
    volume "data" {
      size = 10
    }
  }
  framework "hadoop" {
  }
}
module "part" {
  source = "./part"
}
removed {
  from = cluster.gone
}
output "nothing" {
  value = var.nothing
}
"#;

/// Where the body of the block at `path` begins.
fn beginning(body: &Body, path: &[&'static BlockSchema]) -> Option<usize> {
    let (first, inner) = path.split_first()?;
    let block = body.blocks.iter().find(|block| *block.kind.text == *first.word)?;
    if inner.is_empty() { Some(block.body.span.range().start) } else { beginning(&block.body, inner) }
}

/// What a definition means, and what is complained about, without places.
fn meaning(text: &str) -> String {
    let project = Project::of(text);
    let (spec, found) = project.evaluate();
    assert!(!found.has_errors(), "{}", project.drawn(&found));
    let none = BTreeMap::new();
    let known = BTreeMap::new();
    let outputs = project.definition.outputs(&spec, &none, &BTreeMap::new(), &known, &project.sources, &project.files);
    let messages: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
    let places = Regex::new(r"Some\(\d+:\d+\.\.\d+\)|\d+:\d+\.\.\d+").unwrap();
    places.replace_all(&format!("{spec:?}\n{:?}\n{messages:?}", outputs.0), "None").replace(", ", ",\n")
}

#[test]
fn a_default_that_is_described_means_the_same_where_it_is_written() {
    let mut faults = Vec::new();
    let mut looked_at = 0;
    each(&FILE, &[], &mut |path, attribute| {
        let Presence::Optional(default) = attribute.presence else { return };
        let sources = Sources::new();
        let (value, found) = syntax::parse_expression(&sources, sources.add("default", default));
        let literal = value.is_some_and(|value| match &value.kind {
            ExpressionKind::Bool(_) | ExpressionKind::Number(_) | ExpressionKind::String(_) => true,
            ExpressionKind::Tuple(items) => items.is_empty(),
            _ => false,
        });
        if !literal || found.has_errors() {
            return;
        }
        looked_at += 1;
        let provider = match path.last().map(|schema| (schema.word, schema.label)) {
            Some(("provider", Label::Word(word))) => word,
            _ => "local",
        };
        let plain = PLAIN.replace("{provider}", provider);
        let plain = match path.last().map(|schema| (schema.word, schema.label)) {
            Some(("state", Label::Word("http"))) => {
                plain.replace("state \"{state}\" {", "state \"http\" {\n    address = \"https://state.example.org\"")
            }
            Some(("state", Label::Word("postgres"))) => {
                plain.replace("state \"{state}\" {", "state \"postgres\" {\n    name = \"lab\"")
            }
            _ => plain.replace("{state}", "local"),
        };
        let (body, _) = syntax::parse(&sources, sources.add("plain", plain.as_str()));
        let words: Vec<&str> = path.iter().map(|schema| schema.word).collect();
        let at = beginning(&body, path).unwrap_or_else(|| panic!("PLAIN has no {words:?}"));
        let (name, block) = (attribute.name, path.last().unwrap().head());
        let written = format!("{}\n{name} = {default}\n{}", &plain[..at], &plain[at..]);
        let (without, with) = (meaning(&plain), meaning(&written));
        if without != with {
            let differs = without.lines().zip(with.lines()).find(|(without, with)| without != with);
            faults.push(format!("`{name} = {default}` in `{block}`: {differs:?}"));
        }
    });
    assert!(looked_at >= 20, "only {looked_at} defaults");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
