//! How long a template can be at most, told from its resources: most are far from any limit, and need not be written to be
//! found short enough.

use crate::graph::{Property, ResourceGraph};

/// What stands between an entry and the next: `, ` and `: `.
const BETWEEN: usize = 4;

/// Brackets, and what comes before the next.
const AROUND: usize = 4;

/// What `description`, `heat_template_version`, `outputs`, `parameters` and `resources` take.
const FRAME: usize = 256;

/// What the words of a resource's definition, of a parameter's and of an output's take.
const WORDS: usize = 96;

/// A size that the template of a stack does not exceed: neither its JSON text nor what Python makes of it.
pub(super) fn longest(graph: &ResourceGraph) -> usize {
    let resources = graph.resources().map(|resource| {
        let properties = resource.properties.iter().map(|(name, value)| text(name) + property(value) + BETWEEN);
        let depends_on = resource.depends_on.iter().map(|name| text(name) + BETWEEN);
        text(&resource.name) + text(resource.heat_type) + WORDS + properties.sum::<usize>() + depends_on.sum::<usize>()
    });
    let parameters = graph.parameters.iter().map(|(name, it)| text(name) + text(&it.description) + WORDS);
    let outputs =
        graph.outputs.iter().map(|(name, it)| text(name) + text(&it.description) + property(&it.value) + WORDS);
    FRAME + text(&graph.description) + resources.sum::<usize>() + parameters.sum::<usize>() + outputs.sum::<usize>()
}

fn property(value: &Property) -> usize {
    let function = |name: &str, length: usize| name.len() + 2 + BETWEEN + AROUND + length;
    match value {
        Property::Text(value) => text(value),
        Property::Integer(_) => 20,
        Property::Boolean(_) => 5,
        Property::List(items) => AROUND + items.iter().map(|item| property(item) + BETWEEN).sum::<usize>(),
        Property::Map(entries) => {
            AROUND + entries.iter().map(|(name, value)| text(name) + property(value) + BETWEEN).sum::<usize>()
        }
        Property::GetResource(name) => function("get_resource", text(name)),
        Property::GetParam(name) => function("get_param", text(name)),
        Property::GetAttr(name, path) => {
            let path = path.iter().map(|step| text(step) + BETWEEN).sum::<usize>();
            function("get_attr", AROUND + text(name) + BETWEEN + path)
        }
    }
}

/// A text between quotes, whichever of both writes more.
fn text(text: &str) -> usize {
    2 + text.bytes().map(|byte| usize::from(LONGEST[usize::from(byte)])).sum::<usize>()
}

/// What each byte takes at most: `\u0001` in JSON, `\x7f` and `\'` in Python.
const LONGEST: [u8; 256] = {
    let mut longest = [1; 256];
    let mut control = 0;
    while control < 0x20 {
        longest[control] = 6;
        control += 1;
    }
    longest[b'"' as usize] = 2;
    longest[b'\'' as usize] = 2;
    longest[b'\\' as usize] = 2;
    longest[0x7f] = 4;
    longest
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::graph::{ParameterValue, Resource, StackOutput, StackParameter};
    use crate::model::Address;
    use crate::template::Template;

    #[test]
    fn no_template_is_longer_and_few_are_much_shorter() {
        let nasty = "it's \"\\ \n\t\u{1}\u{7f}é🐘";
        for text in [String::new(), nasty.to_owned(), nasty.repeat(50), "plain words ".repeat(100)] {
            let value = Property::map([
                ("attribute", Property::GetAttr(text.clone(), vec![text.clone(), text.clone()])),
                ("list", vec![true.into(), false.into(), Property::Integer(i64::MIN), Property::resource("x")].into()),
                ("nothing", Vec::new().into()),
                ("parameter", Property::GetParam(text.clone())),
                (&text, text.clone().into()),
            ]);
            let resource = |name: &str| {
                let resource = Resource::new(name, "OS::Nova::Server", Address::Cluster("lab".to_owned()), None);
                resource.with(&text, value.clone()).with("flavor", text.as_str()).after("x")
            };
            let (mut graph, _) = ResourceGraph::new(&*text, vec![resource("x"), resource("y"), resource(&text)]);
            assert!(Template::from_graph(&graph).size() <= longest(&graph));
            let hidden = ParameterValue::SecretOf { stack: String::new(), resource: String::new() };
            let parameter = StackParameter { description: text.clone(), value: hidden };
            graph.parameters = BTreeMap::from([(text.clone(), parameter.clone()), ("other".to_owned(), parameter)]);
            let output = StackOutput { description: text.clone(), value: value.clone() };
            graph.outputs = BTreeMap::from([(text.clone(), output.clone()), ("other".to_owned(), output)]);
            let size = Template::from_graph(&graph).size();
            assert!(size <= longest(&graph) && longest(&graph) < 2 * size + 1_000, "{size}, {}", longest(&graph));
            assert!(Template::from_graph(&ResourceGraph::default()).size() <= longest(&ResourceGraph::default()));
        }
    }
}
