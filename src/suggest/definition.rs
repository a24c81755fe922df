//! A suggestion as a definition, with its reasons as comments.

use std::fmt::Write as _;

use super::machines::{MOST_NODES, Machine};
use super::sizing::Sizing;
use super::{Explained, Suggestion};
use crate::catalogue::{Catalogue, Framework, image_for};
use crate::model::CloudFacts;
use crate::syntax::quoted;

/// Image of the nodes where the cloud has it, or where its images are not known.
const IMAGE: &str = "debian-12";
/// External network, likewise.
const NETWORK: &str = "public";
/// How wide a comment is.
const WIDTH: usize = 110;

/// The cloud that a definition is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The embedded Heat, with nodes that do nothing.
    Simulated,
    /// The embedded Heat, with containers as nodes.
    Containers,
    /// This entry of `clouds.yaml`; without one the environment says which.
    Cloud(Option<String>),
}

/// Writes it; not laid out yet.
pub(super) fn write(
    suggestion: &Suggestion,
    explained: &Explained,
    sizing: &Sizing,
    name: &str,
    place: &Place,
    facts: &CloudFacts,
) -> String {
    let mut text = String::new();
    let mut comment = |line: &str| {
        for part in wrapped(line, WIDTH) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# {part}");
        }
    };
    comment(&format!("Written by `disco suggest`: {}.", suggestion.title));
    for (sign, reasons) in [("+", &explained.reasons), ("-", &explained.against), ("!", &explained.vetoes)] {
        for reason in reasons {
            comment(&format!("{sign} {}", reason.sentence));
        }
    }
    sizing.notes.iter().for_each(|note| comment(&format!("! {note}")));
    let provider = match place {
        Place::Simulated => "provider \"local\" {\n  nodes = \"simulated\"\n}".to_owned(),
        Place::Containers => "provider \"local\" {\n  nodes = \"container\"\n}".to_owned(),
        Place::Cloud(Some(cloud)) => format!("provider \"openstack\" {{\n  cloud = {}\n}}", quoted(cloud)),
        Place::Cloud(None) => "provider \"openstack\" {}".to_owned(),
    };
    let _ = write!(text, "\n{provider}\n\ncluster {} {{\n", quoted(name));
    let _ = write!(text, "  image = {}\n\n", quoted(&suggestion.image));
    let nodes: u64 = sizing.groups.iter().map(|group| group.count.min(MOST_NODES)).sum::<u64>() + 1;
    let prefix = if nodes > 200 { 23 } else { 24 };
    let network = found(facts.external_networks.names(), NETWORK);
    let _ = write!(
        text,
        "  network {{\n    cidr = \"10.20.0.0/{prefix}\"\n    external_network = {}\n  }}\n\n",
        quoted(&network)
    );
    for number in &sizing.numbers {
        for part in wrapped(&number.line(), WIDTH) {
            let _ = writeln!(text, "  # {part}");
        }
    }
    if let Some(master) = &sizing.master {
        let _ = writeln!(text, "  master {{\n    flavor = {}\n    floating_ip = true", quoted(&master.flavor));
        volume(&mut text, master);
        text.push_str("  }\n\n");
    }
    for group in &sizing.groups {
        slaves(&mut text, group, sizing.groups.len() > 1);
    }
    for framework in &suggestion.frameworks {
        let settings = suggestion.settings.iter().filter(|(of, ..)| of == framework);
        let lines: Vec<String> = settings.map(|(_, name, value)| format!("    {name} = {value}\n")).collect();
        let inner = if lines.is_empty() { String::new() } else { format!("\n{}  ", lines.concat()) };
        let _ = writeln!(text, "  framework {} {{{inner}}}\n", quoted(framework));
    }
    if !suggestion.packages.is_empty() {
        let packages: Vec<String> = suggestion.packages.iter().map(|package| quoted(package)).collect();
        let _ = writeln!(text, "  framework \"shell\" {{\n    packages = [{}]\n  }}\n", packages.join(", "));
    }
    if sizing.groups.iter().any(|group| group.stores) {
        text.push_str("  # It keeps data: no plan destroys it as long as this says `true`.\n");
        text.push_str("  lifecycle {\n    prevent_destroy = true\n  }\n");
    }
    text.truncate(text.trim_end().len());
    text.push_str("\n}\n");
    for output in ["ui", "ssh"] {
        if output == "ssh" || !suggestion.frameworks.is_empty() {
            let _ = write!(text, "\noutput \"{output}\" {{\n  value = cluster.{name}.{output}\n}}\n");
        }
    }
    text
}

fn slaves(text: &mut String, group: &Machine, several: bool) {
    let label = if several { format!(" {}", quoted(group.group)) } else { String::new() };
    if group.count > MOST_NODES {
        let _ = writeln!(text, "  # {} would be needed; {MOST_NODES} are written here.", group.count);
    }
    let count = group.count.min(MOST_NODES);
    let _ = writeln!(text, "  slaves{label} {{\n    count = {count}\n    flavor = {}", quoted(&group.flavor));
    if several && !group.stores {
        text.push_str("    storage = false\n");
    }
    volume(text, group);
    text.push_str("  }\n\n");
}

fn volume(text: &mut String, of: &Machine) {
    if of.disk_gb > 0 {
        let _ = writeln!(text, "    volume \"data\" {{\n      size = {}\n    }}", of.disk_gb);
    }
}

/// An image that the frameworks run on: the usual one, or the first of the others.
pub(super) fn image(frameworks: &[&Framework], catalogue: &Catalogue, facts: &CloudFacts) -> String {
    let offered: Vec<&str> = facts.images.names().collect();
    image_for(catalogue, frameworks, &found(facts.images.names(), IMAGE), &offered)
}

/// The usual one where it is there or nothing is known, or else the nearest.
fn found<'a>(names: impl Iterator<Item = &'a str>, usual: &str) -> String {
    let names: Vec<&str> = names.collect();
    let stem = usual.split('-').next().unwrap_or(usual);
    let there = names.iter().find(|name| **name == usual);
    let near = || names.iter().find(|name| name.to_lowercase().contains(stem));
    there.or_else(near).or(names.first()).map_or(usual, |name| *name).to_owned()
}

/// A text in lines, those after the first indented.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let begun = !lines.is_empty();
        match lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None if begun => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}
