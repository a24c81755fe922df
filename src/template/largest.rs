//! What most of a template is made of, and the line that asked for it.

use super::{Template, TemplateResource};
use crate::model::{ClusterSpec, ResourceName};
use crate::source::{Diagnostic, Span};

/// A share of a file that is worth being named: a quarter of what a template may have.
const LARGE_FILE: usize = super::TEMPLATE_LIMIT / 4;

/// What most of a template is made of.
pub(super) enum Largest {
    /// Security rules; the largest block, and how many sources it has.
    Rules(Span, usize),
    /// A file that the definition gives as a whole: its name, its size, its place.
    File(String, usize, Span),
    /// Configurations of groups; how many, and the place of the last.
    Configurations(usize, Span),
    /// Nodes; where most of them are asked for.
    Nodes(Span),
}

impl Largest {
    /// The kind of resources that has most, as `measure` counts.
    pub(super) fn by(template: &Template, spec: &ClusterSpec, measure: impl Fn(&TemplateResource) -> usize) -> Self {
        let (mut rules, mut configurations, mut nodes, mut others, mut groups) = (0, 0, 0, 0, 0);
        for (name, resource) in &template.resources {
            let size = measure(resource);
            match ResourceName::parse(name) {
                Some(ResourceName::Rule(_)) => rules += size,
                Some(ResourceName::Configuration(..)) => {
                    configurations += size;
                    groups += 1;
                }
                Some(ResourceName::Node(..)) => nodes += size,
                _ => others += size,
            }
        }
        let largest_group = spec.groups.iter().max_by_key(|group| group.count.value);
        let most_nodes = largest_group.map_or(spec.origin, |group| group.count.origin.unwrap_or(group.origin));
        if rules > nodes.max(configurations).max(others)
            && let Some(rule) = spec.security.iter().max_by_key(|rule| rule.rules(1))
        {
            return Self::Rules(rule.origin, rule.rules(1));
        }
        if configurations > nodes.max(others) {
            let files = spec.frameworks.iter().flat_map(|framework| &framework.files);
            let contents = files.map(|(name, file)| (name, file.content_bytes(), file));
            if let Some((name, bytes, file)) = contents.max_by_key(|(_, bytes, _)| *bytes)
                && bytes >= LARGE_FILE
            {
                let place = file.content.as_ref().and_then(|content| content.origin);
                return Self::File(name.clone(), bytes, place.unwrap_or(file.origin));
            }
            return Self::Configurations(groups, spec.groups.last().map_or(spec.origin, |group| group.origin));
        }
        Self::Nodes(most_nodes)
    }
}

impl Largest {
    /// Adds where most of what is too large comes from, and the way out.
    pub(super) fn explain(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self {
            Self::Rules(place, rules) => diagnostic
                .at(*place, format!("most of it is here: {rules} security rules"))
                .help("list fewer and larger networks in `from`: each is a rule for each port"),
            Self::File(name, bytes, place) => diagnostic
                .at(*place, format!("most of it is here: {bytes} bytes of `{name}`, once for each group"))
                .help("make the file smaller, or put it on the nodes in another way, such as in their image"),
            Self::Configurations(groups, place) => diagnostic
                .at(*place, format!("most of it is the configurations of {groups} groups"))
                .help("use fewer groups, or fewer and smaller files in `config` blocks"),
            Self::Nodes(place) => diagnostic
                .at(*place, "most of it is here")
                .help("use fewer nodes: each needs three resources, five with a volume, two more with a floating IP"),
        }
    }
}
