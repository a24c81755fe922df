//! A template as Heat returns it, and whether it is the one that is wanted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::{Folded, Template, TemplateResource};
use crate::model::heat_type;

/// What matters to Heat of a template that Heat has returned: resources, outputs, names of parameters.
#[derive(Default, Deserialize)]
pub struct ReturnedTemplate<'t> {
    #[serde(borrow)]
    resources: Option<BTreeMap<String, ReturnedResource<'t>>>,
    outputs: Option<BTreeMap<String, ReturnedOutput>>,
    parameters: Option<BTreeMap<String, Json>>,
}

/// A resource in it.
#[derive(Deserialize)]
pub struct ReturnedResource<'t> {
    #[serde(rename = "type", default, borrow)]
    heat_type: Cow<'t, str>,
    #[serde(borrow)]
    properties: Option<&'t RawValue>,
    depends_on: Option<Json>,
}

#[derive(Deserialize)]
struct ReturnedOutput {
    #[serde(default)]
    value: Json,
}

impl<'t> ReturnedTemplate<'t> {
    /// Reads it; whatever is no template comes out empty.
    pub fn of(template: &'t Folded) -> Self {
        template.read().unwrap_or_default()
    }

    /// Resources by logical name, sorted.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &ReturnedResource<'t>)> {
        self.resources.iter().flatten().map(|(name, resource)| (name.as_str(), resource))
    }

    /// Values of outputs by name, sorted.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.outputs.iter().flatten().map(|(name, output)| (name.as_str(), &output.value))
    }

    /// Names of parameters, sorted.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().flat_map(BTreeMap::keys).map(String::as_str)
    }
}

impl ReturnedResource<'_> {
    /// `OS::Nova::Server`
    pub fn heat_type(&self) -> &str {
        &self.heat_type
    }

    /// Properties as they stand in the template.
    pub fn properties(&self) -> Folded {
        self.properties.and_then(|text| serde_json::from_str(text.get()).ok()).unwrap_or_default()
    }

    /// Explicit dependencies, sorted.
    pub fn depends_on(&self) -> Vec<String> {
        let mut depends_on = match &self.depends_on {
            Some(Json::String(one)) => vec![one.clone()],
            Some(Json::Array(all)) => all.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        depends_on.sort();
        depends_on
    }

    fn is(&self, wanted: &TemplateResource) -> bool {
        // Most texts come back as they were sent; only others have to be read.
        let same_text = self.properties.is_some_and(|text| text.get() == wanted.properties.text());
        self.heat_type == wanted.heat_type
            && (same_text || self.properties() == wanted.properties)
            && same_dependencies(&self.heat_type, &self.depends_on(), &wanted.depends_on)
    }
}

/// Whether two lists of dependencies are the same but for the order in which nodes are created: it was chosen when they
/// were, and is no reason to change one that is there.
fn same_dependencies(heat_type: &str, some: &[String], others: &[String]) -> bool {
    let matters = |name: &&String| !is_order(heat_type, name);
    some == others || some.iter().filter(matters).eq(others.iter().filter(matters))
}

/// Whether a dependency only says in which order nodes are created: their ports wait for servers of other nodes.
pub(crate) fn is_order(heat_type: &str, depends_on: &str) -> bool {
    let part = depends_on.rsplit_once('-').map(|(_, part)| part);
    heat_type == heat_type::PORT && part == Some("server")
}

impl Template {
    /// Whether this is what Heat has returned, as far as it matters to Heat.
    pub fn is(&self, returned: &Folded) -> bool {
        // What Heat gives back word for word need not be read.
        if returned.is_text_of(self) {
            return true;
        }
        let returned = ReturnedTemplate::of(returned);
        let resources = self.resources.iter().map(|(name, resource)| (name.as_str(), resource));
        let outputs = self.outputs.iter().map(|(name, output)| (name.as_str(), &output.value));
        same(resources, returned.resources(), |wanted, returned| returned.is(wanted))
            && same(outputs, returned.outputs(), |wanted, returned| wanted == returned)
            && self.parameters.keys().map(String::as_str).eq(returned.parameters())
    }
}

/// Whether there are the same names on both sides, and the same behind them.
fn same<'n, W: Copy, R: Copy>(
    mut wanted: impl Iterator<Item = (&'n str, W)>,
    mut returned: impl Iterator<Item = (&'n str, R)>,
    same: impl Fn(W, R) -> bool,
) -> bool {
    loop {
        match (wanted.next(), returned.next()) {
            (None, None) => return true,
            (Some((name, wanted)), Some((other, returned))) if name == other && same(wanted, returned) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::{Parameter, TemplateOutput};
    use super::*;
    use crate::graph::ParameterValue;
    use crate::model::Address;

    fn template() -> Template {
        let resource = TemplateResource {
            heat_type: "OS::Heat::Value".to_owned(),
            properties: Folded::of(&json!({"type": "json", "value": {"a": ["é"], "b": 1}})),
            depends_on: vec!["one".to_owned(), "two".to_owned()],
            address: Address::Cluster("c".to_owned()),
            origin: None,
        };
        let bare = TemplateResource { properties: Folded::default(), depends_on: Vec::new(), ..resource.clone() };
        let parameter = Parameter {
            kind: "string".to_owned(),
            description: String::new(),
            value: ParameterValue::Kept,
            hidden: false,
        };
        let output = TemplateOutput { description: "for people".to_owned(), value: json!({"get_resource": "value"}) };
        Template {
            description: "for people".to_owned(),
            parameters: [("p".to_owned(), parameter)].into(),
            resources: [("bare".to_owned(), Arc::new(bare)), ("value".to_owned(), Arc::new(resource))].into(),
            outputs: [("o".to_owned(), output)].into(),
        }
    }

    fn is(returned: &Json) -> bool {
        template().is(&serde_json::from_str(&returned.to_string()).unwrap())
    }

    #[test]
    fn what_heat_returns_is_compared_by_what_it_says() {
        let value = json!({"type": "OS::Heat::Value", "properties": {"type": "json", "value": {"a": ["é"], "b": 1}}, "depends_on": ["two", "one"]});
        let whole = json!({
            "heat_template_version": "2021-04-16",
            "parameters": {"p": {"type": "string"}},
            "resources": {"value": value, "bare": {"type": "OS::Heat::Value"}},
            "outputs": {"o": {"value": {"get_resource": "value"}}},
        });
        assert!(is(&whole));
        let text = whole.to_string().replace("\"é\"", "\"\\u00e9\"").replace(",\"b\":1", ", \"b\" : 1");
        assert!(template().is(&serde_json::from_str(&text).unwrap()), "other words for the same");
        for (pointer, other) in [
            ("/resources/value/properties/value/b", json!(2)),
            ("/resources/value/type", json!("OS::Heat::None")),
            ("/resources/value/depends_on", json!("one")),
            ("/resources/bare", json!({"type": "OS::Heat::Value", "properties": {"type": "json"}})),
            ("/resources", json!({"value": value})),
            ("/resources", json!(null)),
            ("/outputs/o/value", json!(1)),
            ("/parameters", json!({"p": {}, "q": {}})),
        ] {
            let mut changed = whole.clone();
            *changed.pointer_mut(pointer).unwrap() = other;
            assert!(!is(&changed), "{pointer}");
        }
    }
}
