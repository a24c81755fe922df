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
use crate::model::{KnownCluster, KnownNode, Members, NodePart, ResourceName, heat_type};
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
        let mentioned = loaded.definition.mentioned_clusters(made.spec(), &self.sources, &self.reader());
        let places = Place::all(&members, |cluster| mentioned.contains(cluster));
        let marks = [Marks::of(&places, &members, 0), Marks::of(&places, &members, 1)];
        // A function may do something to a mark, as to cut a part off an address. Then two different marks do not come to
        // the same.
        let [one, other] = marks.each_ref().map(|marks| self.outputs(loaded, made, &members, &marks.known).0);
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
    let base_stack = cluster.members.stack_name(name, 0);
    let parameters = cluster.templates.values().flat_map(|template| template.parameters.values());
    let given: BTreeSet<String> = parameters
        .filter_map(|parameter| match &parameter.value {
            ParameterValue::IdOf { stack, resource } if *stack == base_stack => Some(resource.clone()),
            _ => None,
        })
        .collect();
    let Some(base) = cluster.templates.get_mut(&base_stack) else { return };
    for resource in given {
        let description = format!("Id of {resource}, which further stacks of the cluster are given");
        let value = json!({ "get_resource": resource });
        base.outputs.insert(resource, TemplateOutput { description, value });
    }
}

/// Something that only Heat will know: ids and floating IPs, of a cluster's base stack or of a node.
struct Place<'m> {
    cluster: &'m str,
    members: &'m Members,
    shard: u32,
    node: Option<(&'m str, u32)>,
}

impl<'m> Place<'m> {
    /// Those of all clusters that outputs may name.
    fn all(members: &'m BTreeMap<String, Members>, is_named: impl Fn(&str) -> bool) -> Vec<Self> {
        let mut places = Vec::new();
        for (cluster, members) in members.iter().filter(|(cluster, _)| is_named(cluster)) {
            places.push(Self { cluster, members, shard: 0, node: None });
            for (group, of_group) in &members.groups {
                let nodes = of_group.nodes.iter();
                places.extend(nodes.map(|(index, node)| Self {
                    cluster,
                    members,
                    shard: node.shard,
                    node: Some((group, *index)),
                }));
            }
        }
        places
    }

    /// Heat's word for its id.
    fn id(&self) -> Json {
        match self.node {
            None => json!({ "get_param": heat_type::STACK_ID_PARAMETER }),
            Some((group, index)) => {
                json!({ "get_resource": ResourceName::Node(group, index, NodePart::Server).to_string() })
            }
        }
    }

    /// Heat's word for its floating IP.
    fn floating_ip(&self) -> Option<Json> {
        let (group, index) = self.node?;
        let floating_ip = ResourceName::Node(group, index, NodePart::FloatingIp).to_string();
        Some(json!({ "get_attr": [floating_ip, "floating_ip_address"] }))
    }
}

/// Texts that stand for what only Heat will know, each of a length of its own kind, so that none is within another. They
/// number the places.
struct Marks<'m> {
    series: u8,
    places: &'m [Place<'m>],
    known: BTreeMap<String, KnownCluster>,
}

/// What an id that stands for one begins with.
const ID: &str = "0d15c000-";

/// Lengths of both kinds of marks.
const ID_LENGTH: usize = 36;
const ADDRESS_LENGTH: usize = 15;

impl<'m> Marks<'m> {
    fn of(places: &'m [Place<'m>], members: &BTreeMap<String, Members>, series: u8) -> Self {
        let mut marks = Self { series, places, known: BTreeMap::new() };
        let mut known: BTreeMap<String, KnownCluster> = BTreeMap::new();
        for (number, place) in (0..).zip(places) {
            let cluster = known.entry(place.cluster.to_owned()).or_default();
            let id = Some(marks.id(number));
            let Some((group, index)) = place.node else {
                cluster.id = id;
                continue;
            };
            let address =
                members.get(place.cluster).and_then(|members| members.node(group, index)).and_then(|it| it.address);
            let node = KnownNode { id, address, floating_ip: marks.address(number) };
            cluster.nodes.entry(group.to_owned()).or_default().insert(index, node);
        }
        marks.known = known;
        marks
    }

    fn id(&self, number: u32) -> String {
        format!("{ID}{:04x}-4000-8000-{number:012x}", self.series)
    }

    /// An address that nobody has, of full length; there are a million of them.
    fn address(&self, number: u32) -> Option<Ipv4Addr> {
        let digits = |place: u32| u8::try_from(100 + number / 100_u32.pow(place) % 100).unwrap_or(u8::MAX);
        (number < 1_000_000).then(|| Ipv4Addr::new(240 + self.series, digits(2), digits(1), digits(0)))
    }

    /// The place that a text begins with a mark of, Heat's word for what it stands for, and the mark's length.
    fn meaning(&self, text: &str) -> Option<(&'m Place<'m>, Json, usize)> {
        if let Some(id) = text.get(..ID_LENGTH).filter(|id| id.starts_with(ID)) {
            let number = u32::from_str_radix(id.rsplit('-').next()?, 16).ok()?;
            let place = self.places.get(number as usize).filter(|_| self.id(number) == id)?;
            return Some((place, place.id(), ID_LENGTH));
        }
        let text = text.get(..ADDRESS_LENGTH).filter(|text| text.starts_with('2'))?;
        let address: Ipv4Addr = text.parse().ok()?;
        let [_, digits @ ..] = address.octets();
        let number =
            digits.into_iter().try_fold(0, |number, two| Some(number * 100 + u32::from(two.checked_sub(100)?)))?;
        let place = self.places.get(number as usize).filter(|_| self.address(number) == Some(address))?;
        Some((place, place.floating_ip()?, ADDRESS_LENGTH))
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
            if let Some((place, meaning, length)) = self.meaning(rest) {
                if !plain.is_empty() {
                    pieces.push(std::mem::take(&mut plain).into());
                }
                stacks.insert(place.members.stack_name(place.cluster, place.shard));
                pieces.push(meaning);
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
