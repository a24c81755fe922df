//! A stack's template out of its resources.

use std::sync::Arc;

use super::{Parameter, Template, TemplateOutput, TemplateResource};
use crate::graph::ResourceGraph;

impl Template {
    /// The template of a stack that is made of these resources.
    pub fn from_graph(graph: &ResourceGraph) -> Self {
        let parameters = graph.parameters.iter().map(|(name, parameter)| {
            let kind = "string".to_owned();
            let description = parameter.description.clone();
            let hidden = parameter.value.is_secret();
            (name.clone(), Parameter { kind, description, value: parameter.value.clone(), hidden })
        });
        let resources = graph.resources().map(|resource| {
            let mut depends_on = resource.depends_on.clone();
            depends_on.sort();
            depends_on.dedup();
            let template_resource = TemplateResource {
                heat_type: resource.heat_type.to_owned(),
                properties: resource.properties.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
                depends_on,
                address: resource.address.clone(),
                origin: resource.origin,
            };
            (resource.name.clone(), Arc::new(template_resource))
        });
        let outputs = graph.outputs.iter().map(|(name, output)| {
            (name.clone(), TemplateOutput { description: output.description.clone(), value: output.value.to_json() })
        });
        Self {
            description: graph.description.clone(),
            parameters: parameters.collect(),
            resources: resources.collect(),
            outputs: outputs.collect(),
        }
    }
}
