//! What the templates say to those who deploy them without DISCO: what secrets are for, the project's outputs, and the
//! ids that further stacks are given.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::{Map, Value as Json, json};

use super::Project;
use super::compile::Made;
use super::definition::Loaded;
use crate::catalogue::escaped_forms;
use crate::graph::ParameterValue;
use crate::model::{KnownCluster, KnownNode, Members, NodePart, ResourceName, heat_type, stack_name};
use crate::plan::WantedCluster;
use crate::source::listed;
use crate::template::TemplateOutput;

impl Project {
    /// Completes the templates.
    pub(super) fn hand_on(&self, loaded: &Loaded, made: &mut Made) {
        let secrets = loaded.definition.secret_texts();
        for (name, cluster) in &mut made.clusters {
            name_variables(cluster, &secrets);
            give_ids(name, cluster);
        }
        for (stack, name, output) in self.template_outputs(loaded, made) {
            let templates = made.clusters.values_mut().flat_map(|cluster| &mut cluster.templates);
            for (_, template) in templates.filter(|(known, _)| **known == stack) {
                // What DISCO itself reads keeps its name.
                template.outputs.entry(name.clone()).or_insert_with(|| output.clone());
            }
        }
    }

    /// The outputs that one stack alone can tell: its name, the output's, and the output.
    fn template_outputs(&self, loaded: &Loaded, made: &Made) -> Vec<(String, String, TemplateOutput)> {
        if loaded.definition.output_names().next().is_none() {
            return Vec::new();
        }
        let members = made.members();
        let marks = [Marks::of(&members, 0), Marks::of(&members, 1)];
        // A function may do something to a mark, as to cut a part off an address. Then two different marks do not come to
        // the same.
        let [one, other] = marks.each_ref().map(|marks| self.outputs(loaded, made, &marks.known).0);
        let mut found = Vec::new();
        for (one, other) in one.into_iter().zip(other) {
            let (Some(json), Some(twin)) = (one.json, other.json) else { continue };
            if one.secret {
                continue;
            }
            let mut stacks = BTreeSet::new();
            let value = marks[0].told(&json, &mut stacks);
            if value != marks[1].told(&twin, &mut stacks) {
                continue;
            }
            let stack = match (stacks.len(), members.len()) {
                (1, _) => stacks.pop_first(),
                (0, 1) => members.keys().next().cloned(),
                _ => None,
            };
            let description = one.description.unwrap_or_else(|| format!("Output {} of the project", one.name));
            found.extend(stack.map(|stack| (stack, one.name, TemplateOutput { description, value })));
        }
        found
    }
}

/// Says of each secret parameter which variable it is the value of.
fn name_variables(cluster: &mut WantedCluster, secrets: &[(String, String)]) {
    for parameter in cluster.templates.values_mut().flat_map(|template| template.parameters.values_mut()) {
        let ParameterValue::Given(text) = &parameter.value else { continue };
        if !parameter.hidden {
            continue;
        }
        let of = |same: &dyn Fn(&str) -> bool| -> Vec<String> {
            let same = secrets.iter().filter(|(_, value)| same(value));
            same.map(|(name, _)| format!("`{name}`")).collect()
        };
        let plain = of(&|value| value == text.value);
        let escaped = of(&|value| escaped_forms(value).contains(&text.value));
        let of = match (plain.as_slice(), escaped.as_slice()) {
            ([], []) => "computed in the definition".to_owned(),
            ([], escaped) => format!("value of {}, escaped as in the file", listed(escaped)),
            (plain, _) => format!("value of {}", listed(plain)),
        };
        parameter.description = format!("{}; {of}", parameter.description);
    }
}

/// The base stack tells the ids that the others are given.
fn give_ids(name: &str, cluster: &mut WantedCluster) {
    let parameters = cluster.templates.values().flat_map(|template| template.parameters.values());
    let given: BTreeSet<String> = parameters
        .filter_map(|parameter| match &parameter.value {
            ParameterValue::IdOf { stack, resource } if stack == name => Some(resource.clone()),
            _ => None,
        })
        .collect();
    let Some(base) = cluster.templates.get_mut(name) else { return };
    for resource in given {
        let description = format!("Id of {resource}, which further stacks of the cluster are given");
        let value = json!({ "get_resource": resource });
        base.outputs.insert(resource, TemplateOutput { description, value });
    }
}

/// Texts that stand for what only Heat will know, each of a length of its own kind, so that none is within another.
struct Marks {
    known: BTreeMap<String, KnownCluster>,
    /// The stack that knows, and Heat's word for it.
    meanings: BTreeMap<String, (String, Json)>,
}

/// What an id that stands for one begins with.
const ID: &str = "0d15c000-";

/// Lengths of both kinds of marks.
const ID_LENGTH: usize = 36;
const ADDRESS_LENGTH: usize = 15;

impl Marks {
    fn of(members: &BTreeMap<String, Members>, series: u8) -> Self {
        let mut marks = Self { known: BTreeMap::new(), meanings: BTreeMap::new() };
        let mut number = 0;
        for (cluster, members) in members {
            let id =
                marks.id(series, &mut number, cluster.clone(), json!({ "get_param": heat_type::STACK_ID_PARAMETER }));
            let mut known = KnownCluster { id: Some(id), ..KnownCluster::default() };
            for (group, members) in &members.groups {
                let nodes = known.nodes.entry(group.clone()).or_default();
                for (index, member) in &members.nodes {
                    let stack = stack_name(cluster, member.shard);
                    let part = |part| ResourceName::Node(group, *index, part).to_string();
                    let server = json!({ "get_resource": part(NodePart::Server) });
                    let floating = json!({ "get_attr": [part(NodePart::FloatingIp), "floating_ip_address"] });
                    let id = marks.id(series, &mut number, stack.clone(), server);
                    let floating_ip = marks.address(series, &mut number, stack, floating);
                    nodes.insert(
                        *index,
                        KnownNode { id: Some(id), address: Some(member.address), floating_ip: Some(floating_ip) },
                    );
                }
            }
            marks.known.insert(cluster.clone(), known);
        }
        marks
    }

    fn id(&mut self, series: u8, number: &mut u32, stack: String, meaning: Json) -> String {
        *number += 1;
        let id = format!("{ID}{series:04x}-4000-8000-{number:012x}");
        self.meanings.insert(id.clone(), (stack, meaning));
        id
    }

    /// An address that nobody has, of full length.
    fn address(&mut self, series: u8, number: &mut u32, stack: String, meaning: Json) -> Ipv4Addr {
        *number += 1;
        let digits = |place: u32| u8::try_from(100 + *number / 100_u32.pow(place) % 100).unwrap_or(u8::MAX);
        let address = Ipv4Addr::new(240 + series, digits(2), digits(1), digits(0));
        self.meanings.insert(address.to_string(), (stack, meaning));
        address
    }

    /// A value in which Heat's words stand for what it knows; adds the stacks that know it.
    fn told(&self, value: &Json, stacks: &mut BTreeSet<String>) -> Json {
        match value {
            Json::String(text) => self.told_text(text, stacks),
            Json::Array(items) => items.iter().map(|item| self.told(item, stacks)).collect(),
            Json::Object(entries) => {
                let told = entries.iter().map(|(name, value)| (name.clone(), self.told(value, stacks)));
                Json::Object(told.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    fn told_text(&self, text: &str, stacks: &mut BTreeSet<String>) -> Json {
        let mut pieces: Vec<Json> = Vec::new();
        let (mut plain, mut rest) = (String::new(), text);
        while let Some(first) = rest.chars().next() {
            let mark = [ID_LENGTH, ADDRESS_LENGTH].into_iter().find_map(|length| {
                let mark = rest.get(..length)?;
                self.meanings.get(mark).map(|meaning| (length, meaning))
            });
            if let Some((length, (stack, meaning))) = mark {
                if !plain.is_empty() {
                    pieces.push(std::mem::take(&mut plain).into());
                }
                stacks.insert(stack.clone());
                pieces.push(meaning.clone());
                rest = &rest[length..];
            } else {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        if pieces.is_empty() {
            return plain.into();
        }
        if !plain.is_empty() {
            pieces.push(plain.into());
        }
        match pieces.as_slice() {
            [only] => only.clone(),
            _ => json!({ "list_join": ["", pieces] }),
        }
    }
}
