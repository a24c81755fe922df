//! Digests: of values, of secrets (salted), of templates.

use data_encoding::HEXLOWER;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::template::{Folded, ReturnedTemplate, Template};

fn hex(hasher: Sha256) -> String {
    HEXLOWER.encode(&hasher.finalize())
}

/// SHA-256 of the canonical JSON of a value, in hex. (Maps are sorted, so equal values have equal texts.)
pub fn digest(value: &Json) -> String {
    digest_of_text(&value.to_string())
}

/// The same for the canonical JSON itself.
pub(super) fn digest_of_text(text: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(text);
    hex(hasher)
}

/// SHA-256 of a text that must not be guessed from it: salted with the state's lineage and with the name it has, so
/// that equal secrets do not look equal.
pub fn salted_digest(lineage: &str, name: &str, value: &str) -> String {
    let mut hasher = Sha256::new();
    for part in [lineage, name, value] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hex(hasher)
}

/// Digest of a template as far as it matters to Heat: resources, outputs, names of parameters. The same for a template
/// that is about to be sent and for what Heat then returns.
pub fn template_digest(template: &Template) -> String {
    let mut feed = Feed::default();
    for (name, resource) in &template.resources {
        feed.resource(name, &resource.heat_type, &resource.properties, &mut resource.depends_on.clone());
    }
    for (name, output) in &template.outputs {
        feed.part("output", name, &output.value.to_string());
    }
    for name in template.parameters.keys() {
        feed.part("parameter", name, "");
    }
    hex(feed.hasher)
}

/// [`template_digest`] of a template as Heat returns it.
pub fn observed_template_digest(template: &Folded) -> String {
    let mut feed = Feed::default();
    let template = ReturnedTemplate::of(template);
    for (name, resource) in template.resources() {
        feed.resource(name, resource.heat_type(), &resource.properties(), &mut resource.depends_on());
    }
    for (name, value) in template.outputs() {
        feed.part("output", name, &value.to_string());
    }
    for name in template.parameters() {
        feed.part("parameter", name, "");
    }
    hex(feed.hasher)
}

#[derive(Default)]
struct Feed {
    hasher: Sha256,
}

impl Feed {
    fn part(&mut self, kind: &str, name: &str, text: &str) {
        for part in [kind, name, text] {
            self.hasher.update((part.len() as u64).to_le_bytes());
            self.hasher.update(part);
        }
    }

    fn resource(&mut self, name: &str, heat_type: &str, properties: &Folded, depends_on: &mut [String]) {
        depends_on.sort();
        self.part("resource", name, heat_type);
        properties.for_each_text(|property, text| self.part("property", property, text));
        for other in depends_on {
            self.part("depends_on", other, "");
        }
    }
}
