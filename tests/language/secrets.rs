//! What is secret is never drawn, however broken the definition around it is.

use std::collections::BTreeMap;

use disco::catalogue::Catalogue;
use disco::expression::NoFiles;
use disco::language::{self, CommandLineVariable, VariableInputs};
use disco::source::Sources;

const MARKER: &str = "Xq7MARKERv2";

const DEFINITION: &str = r#"
variable "password" {
  sensitive = true
  type      = string
  default   = "Xq7MARKERv2"
}
variable "slaves" {
  default = 3
}
cluster "c" {
  image = "debian-12"
  network { cidr = "10.0.0.0/24" }
  master { flavor = "m1.small" }
  slaves {
    count  = var.slaves
    flavor = "m1.small"
  }
  framework "hadoop" {
    config "core-site.xml" {
      set = { "our.secret" = var.password, "other" = sensitive("Xq7MARKERv2"), "b" = 1 }
    }
  }
}
output "password" {
  sensitive = true
  value     = "Xq7MARKERv2"
}
"#;

const VALUES: &str = "slaves = 2\npassword = \"Xq7MARKERv2\"\n";

/// Everything that is wrong with a project, drawn.
fn drawn(definition: &str, values: &str) -> String {
    drawn_with(&Catalogue::default(), &Sources::new(), definition, values)
}

fn drawn_with(catalogue: &Catalogue, sources: &Sources, definition: &str, values: &str) -> String {
    let (body, mut found) = disco::syntax::parse(sources, sources.add("main.disco.hcl", definition));
    let inputs = VariableInputs {
        files: vec![sources.add("disco.vars.hcl", values)],
        command_line: vec![CommandLineVariable::Assignment(format!("password={MARKER}"))],
        ..VariableInputs::default()
    };
    let (definition, problems) = language::read(sources, vec![body], &inputs);
    found.extend(problems);
    found.extend(definition.settings(sources, &NoFiles).1);
    found.extend(crate::support::evaluated(&definition, catalogue, &BTreeMap::new(), sources, &NoFiles).1);
    let json = disco::report::diagnostics_json(&found, sources);
    format!("{}{json}", disco::report::diagnostics(&found, sources, disco::report::DiagnosticDrawing::new(false, 200)))
}

/// The text with a piece put in, or a character taken out, at every place outside of the secrets.
fn damaged(text: &str, step: usize, check: impl Fn(&str)) {
    let secrets: Vec<_> = text.match_indices(MARKER).map(|(at, _)| at..at + MARKER.len()).collect();
    for at in (0..text.len()).step_by(step) {
        if secrets.iter().any(|secret| secret.contains(&at)) {
            continue;
        }
        check(&format!("{}{}", &text[..at], &text[at + 1..]));
        for piece in ["\"", " oops ", "}", "{", "(", "=", "\n", "${", "<<E\n", "1"] {
            check(&format!("{}{piece}{}", &text[..at], &text[at..]));
        }
    }
}

#[test]
fn a_sound_definition_and_one_with_a_mistake_beside_the_secret() {
    let drawn = |definition: &str| {
        let sources = Sources::new();
        let catalogue = Catalogue::embedded(&sources);
        drawn_with(&catalogue, &sources, definition, VALUES)
    };
    assert_eq!(drawn(DEFINITION), "[]");
    let text = drawn(&DEFINITION.replace("\"b\" = 1", "\"b\" = var.nothing"));
    assert!(text.contains("\"b\" = var.nothing") && text.contains("sensitive(*"), "{text}");
    assert!(!text.contains(MARKER), "{text}");
}

#[test]
fn damage_anywhere_shows_no_secret() {
    damaged(DEFINITION, 7, |definition| {
        let text = drawn(definition, VALUES);
        assert!(!text.contains(MARKER), "{definition}\n----\n{text}");
    });
    damaged(VALUES, 1, |values| {
        let text = drawn(DEFINITION, values);
        assert!(!text.contains(MARKER), "{values}\n----\n{text}");
    });
}

#[test]
fn private_keys_are_not_drawn_wherever_they_stand() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nXq7MARKERv2\n-----END OPENSSH PRIVATE KEY-----";
    for text in [
        DEFINITION.replace("image = ", &format!("ssh_keys = [<<EOT\n{key}\nEOT\n]\nimage = nothing + ")),
        DEFINITION.replace("image = ", &format!("ssh_keys = [\"{}\" oops]\nimage = ", key.replace('\n', "\\n"))),
        DEFINITION.replace("image = ", &format!("content = <<EOT\n{key}\nEOT oops\nimage = ")),
    ] {
        let text = drawn(&text, VALUES);
        assert!(!text.contains(MARKER) && text.contains("***"), "{text}");
    }
}
