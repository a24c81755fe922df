//! Where a value came from, as words.

mod json;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::table;
use super::value::SENSITIVE;
use crate::catalogue::{Answer, Change, ExplainedFile, ExplainedValue, Explanation, Origin};
use crate::model::{ClusterSpec, Members};
use crate::source::{Sources, Span};

#[cfg(test)]
pub(super) use json::ExplanationFile;
pub use json::explanation_json;

/// How far back a value is followed if not everything is asked for.
const FAR: usize = 4;

/// An answer for people. What it is about is told first, then its inputs (all of it where `everything` is asked for),
/// then what to write for another value.
pub fn explanation(
    cluster: &ClusterSpec,
    members: &Members,
    answer: &Answer,
    sources: &Sources,
    everything: bool,
) -> String {
    let far = if everything { usize::MAX } else { FAR };
    let words = Words { cluster, members, sources, far };
    match answer {
        Answer::Values(values) => values.iter().map(|value| words.value(value)).collect::<Vec<_>>().join("\n"),
        Answer::File { groups, file, values, whole } => words.file(groups, file, values, *whole),
        Answer::Contents { groups, files, settings } => words.contents(groups, files, settings),
    }
}

struct Words<'a> {
    cluster: &'a ClusterSpec,
    members: &'a Members,
    sources: &'a Sources,
    far: usize,
}

impl Words<'_> {
    // Writing to a String cannot fail.
    fn value(&self, value: &ExplainedValue) -> String {
        let explanation = &value.explanation;
        let (framework, version) = &value.framework;
        let mut text = format!("{}\n", head(explanation));
        if !value.description.is_empty() {
            let _ = writeln!(text, "  {}", value.description);
        }
        match &value.file {
            Some(file) => drop(writeln!(text, "  in {} of {framework} {version}", file.path)),
            None => drop(writeln!(text, "  of {framework} {version}")),
        }
        let _ = writeln!(text, "  on {}", self.groups(&value.groups));
        if !matches!(explanation.origin, Origin::Given { .. }) {
            let _ = writeln!(text, "\n  {}", self.origin(explanation));
        }
        let mut written = InputTree { text, told: BTreeSet::new(), was_cut: false, cut: None };
        for input in &explanation.inputs {
            self.tree(&mut written, input, 1);
        }
        let InputTree { mut text, was_cut, cut, .. } = written;
        let ask = cut.map(|cut| format!(", or ask for it: {cut}")).unwrap_or_default();
        if was_cut {
            let _ = writeln!(text, "\n  … more with -v{ask}");
        }
        let _ = write!(text, "\n{}", self.change(value));
        text
    }

    fn tree(&self, written: &mut InputTree, explanation: &Explanation, depth: usize) {
        let indent = "  ".repeat(depth + 1);
        let head = head(explanation);
        let origin = self.origin(explanation);
        let further = !explanation.inputs.is_empty();
        let again = further && written.told.contains(&explanation.id);
        // The last step, such as the line with the flavor, costs little.
        let cut =
            further && !again && depth >= self.far && explanation.inputs.iter().any(|input| !input.inputs.is_empty());
        let sign = if cut { " …" } else { "" };
        let _ = match explanation.origin {
            _ if again => writeln!(written.text, "{indent}{head}  (see above)"),
            Origin::Fact { .. } => writeln!(written.text, "{indent}{head}  ({origin}){sign}"),
            _ => writeln!(written.text, "{indent}{head}\n{indent}    {origin}{sign}"),
        };
        if cut {
            written.cut = written.cut.take().or_else(|| asked(&explanation.id));
            written.was_cut = true;
        } else if !again {
            written.told.insert(explanation.id.clone());
            for input in &explanation.inputs {
                self.tree(written, input, depth + 1);
            }
        }
    }

    fn origin(&self, explanation: &Explanation) -> String {
        origin(explanation, self.sources)
    }

    fn change(&self, value: &ExplainedValue) -> String {
        let name = value.explanation.name.trim_start_matches("setting.");
        if let (Origin::Given { place, instead }, false) =
            (&value.explanation.origin, matches!(value.change, Change::Protected(_)))
        {
            let line = place.map(|place| format!(" at {}", self.place(place))).unwrap_or_default();
            let instead = match instead {
                Some(formula) => format!("; without that line it would be {}", one_line(formula)),
                None => String::new(),
            };
            return format!("The definition sets it{line}{instead}.\n");
        }
        match &value.change {
            Change::Protected(reason) => format!("It cannot be changed: {reason}.\n"),
            Change::Idle => "Setting it has no effect in this cluster.\n".to_owned(),
            Change::Follows => "It is computed from others: set one of those.\n".to_owned(),
            Change::Setting { framework, setting, quoted } => {
                let sign = if *quoted { "\"…\"" } else { "…" };
                format!(
                    "Nothing in the definition sets {name}. To set it:\n\n  framework \"{framework}\" {{\n    {setting} = {sign}\n  }}\n"
                )
            }
            Change::Key { framework, file, key } => format!(
                "Nothing in the definition sets {name}. To set it:\n\n  framework \"{framework}\" {{\n    config \"{file}\" {{\n      set = {{ \"{key}\" = \"…\" }}\n    }}\n  }}\n"
            ),
        }
    }

    fn file(&self, groups: &[String], file: &ExplainedFile, values: &[Explanation], whole: Option<Span>) -> String {
        let mut text = format!("{}\n  {} of {}, on {}\n\n", file.name, file.path, file.framework, self.groups(groups));
        if let Some(place) = whole {
            let _ = writeln!(text, "The definition sets the whole file ({}).", self.place(place));
        } else if values.is_empty() {
            text.push_str("It is written from a template and has no keys.\n");
        } else {
            text.push_str(&self.rows(values));
        }
        text
    }

    fn contents(&self, groups: &[String], files: &[ExplainedFile], settings: &[Explanation]) -> String {
        let mut text = format!("cluster.{}: {}\n\nFiles:\n", self.cluster.name, self.groups(groups));
        let rows: Vec<[String; 3]> =
            files.iter().map(|file| [file.name.clone(), file.path.clone(), file.framework.clone()]).collect();
        text.push_str(&table(&rows, "  "));
        text.push_str("\nSettings:\n");
        text.push_str(&self.rows(settings));
        text.push_str("\nExplain further with GROUP/FILE:KEY, a file, a key, or a setting.\n");
        text
    }

    /// Values under each other, each with where it came from.
    fn rows(&self, values: &[Explanation]) -> String {
        let rows: Vec<[String; 3]> = values
            .iter()
            .map(|value| [value.name.clone(), format!("= {}", shortened(&shown(value))), self.origin(value)])
            .collect();
        table(&rows, "  ")
    }

    /// Groups with their nodes: `slaves (3 nodes: analytics-slaves-0 … analytics-slaves-2)`.
    fn groups(&self, groups: &[String]) -> String {
        let words = groups.iter().map(|group| {
            let nodes = self.nodes(group);
            let name =
                |index: Option<&u32>| index.map(|index| self.cluster.node_name(group, *index)).unwrap_or_default();
            match nodes.as_slice() {
                [] => format!("{group} (no nodes)"),
                [only] => format!("{group} ({})", name(Some(only))),
                [first, .., last] => {
                    format!("{group} ({} nodes: {} … {})", nodes.len(), name(Some(first)), name(Some(last)))
                }
            }
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// The nodes that a group has by its definition, as values do: those that are there, less the highest or with the
    /// lowest free ones.
    fn nodes(&self, group: &str) -> Vec<u32> {
        let count = self.cluster.group(group).map_or(0, |group| group.count.value) as usize;
        let mut nodes: BTreeSet<u32> =
            self.members.groups.get(group).map(|known| known.nodes.keys().copied().collect()).unwrap_or_default();
        while nodes.len() > count {
            nodes.pop_last();
        }
        let mut free = 0..;
        while nodes.len() < count {
            nodes.extend(free.next());
        }
        nodes.into_iter().collect()
    }

    fn place(&self, span: Span) -> String {
        place(self.sources, span)
    }
}

/// Where a value came from, in one line.
pub fn origin(explanation: &Explanation, sources: &Sources) -> String {
    let at = |span: Span| place(sources, span);
    match &explanation.origin {
        Origin::Formula { text, place } => {
            let value = explanation.value.as_ref().map(|value| value.value.as_str());
            let place = at(*place);
            if value == Some(text.trim_matches('"')) { place } else { format!("= {}  ({place})", one_line(text)) }
        }
        Origin::Fixed { text, place, now } => {
            let now = now.as_ref().map(|now| format!("; computed now it would be {now}")).unwrap_or_default();
            format!("fixed when the cluster was created, as {}{now}  ({})", one_line(text), at(*place))
        }
        Origin::Given { place, .. } => match place {
            Some(place) => format!("set by the definition  ({})", at(*place)),
            None => "set by the definition".to_owned(),
        },
        Origin::Fact { words, place } => match place {
            Some(place) => format!("{words}, {}", at(*place)),
            None => words.clone(),
        },
    }
}

fn place(sources: &Sources, span: Span) -> String {
    let (file, position) = sources.locate(span);
    format!("{file}:{}", position.line)
}

/// The inputs of a value, while they are written.
struct InputTree {
    text: String,
    /// Ids of what has been told with all that went into it.
    told: BTreeSet<String>,
    /// Whether something was not followed to the end.
    was_cut: bool,
    /// An address for the first such thing that has one.
    cut: Option<String>,
}

/// What to ask for, for an explanation's id: settings and locals have addresses.
fn asked(id: &str) -> Option<String> {
    let mut parts = id.splitn(3, '/');
    let (framework, group, name) = (parts.next()?, parts.next()?, parts.next()?);
    let name = match name.split_once('.')? {
        ("setting", setting) => setting,
        ("local", _) => name,
        _ => return None,
    };
    Some(format!("{group}/{framework}.{name}"))
}

/// A value in a column.
fn shortened(text: &str) -> String {
    const WIDEST: usize = 44;
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// `node.memory = 4096 MiB`
fn head(explanation: &Explanation) -> String {
    format!("{} = {}", explanation.name, shown(explanation))
}

/// A value with its unit; a secret one is never shown.
fn shown(explanation: &Explanation) -> String {
    let Some(value) = &explanation.value else {
        return if explanation.known { "(none)" } else { "(not known offline)" }.to_owned();
    };
    let value = if value.secret { SENSITIVE } else { value.value.as_str() };
    match &explanation.unit {
        Some(unit) => format!("{value} {unit}"),
        None => value.to_owned(),
    }
}

/// A formula of several lines as one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
