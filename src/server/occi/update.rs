//! A change as splices into the text of a definition: comments, order and spacing of all else stay as they are.

use std::ops::Range;

use super::change::ClusterChange;
use super::refusal::{Refusal, RefusalKind};
use crate::source::{SourceId, Sources};
use crate::syntax::tree::{Block, Body, ExpressionKind};
use crate::syntax::{self, quoted};

/// The text of the definition after a change.
///
/// # Errors
/// A definition in which it is not plain what to change: several clusters or groups of slaves, a value that is an
/// expression. It says where.
pub fn updated(text: &str, change: &ClusterChange) -> Result<String, Refusal> {
    let definition = Definition::read(text)?;
    let cluster = definition.cluster()?;
    let mut splices = Vec::new();
    if let Some(count) = change.slaves {
        let slaves = definition.only(cluster, "slaves")?;
        splices.push(definition.value(slaves, "count", count.to_string())?);
    }
    for (word, flavor) in [("master", &change.master_flavor), ("slaves", &change.slave_flavor)] {
        if let Some(flavor) = flavor {
            let nodes = definition.only(cluster, word)?;
            splices.push(definition.value(nodes, "flavor", quoted(flavor))?);
        }
    }
    if let Some(frameworks) = &change.frameworks {
        definition.frameworks(cluster, frameworks, &mut splices);
    }
    splices.sort_by_key(|splice| splice.range.start);
    let mut after = text.to_owned();
    for splice in splices.iter().rev() {
        after.replace_range(splice.range.clone(), &splice.text);
    }
    // What is written must be readable, whatever was there.
    Definition::read(&after)?;
    Ok(after)
}

/// Other bytes for some.
struct Splice {
    range: Range<usize>,
    text: String,
}

struct Definition<'t> {
    text: &'t str,
    sources: Sources,
    id: SourceId,
    body: Body,
}

impl<'t> Definition<'t> {
    fn read(text: &'t str) -> Result<Self, Refusal> {
        let sources = Sources::new();
        let id = sources.add("main.disco.hcl", text);
        let (body, found) = syntax::parse(&sources, id);
        if let Some(first) = found.iter().find(|one| one.severity == crate::source::Severity::Error) {
            let line = first.span().map_or(1, |span| sources.get(id).position(span.range().start).line);
            let message = format!("the definition cannot be read: line {line}: {}", first.message);
            return Err(Refusal::new(RefusalKind::Conflict, message));
        }
        Ok(Self { text, sources, id, body })
    }

    fn line(&self, offset: usize) -> usize {
        self.sources.get(self.id).position(offset).line
    }

    fn cluster(&self) -> Result<&Block, Refusal> {
        let mut all = self.body.blocks.iter().filter(|block| &*block.kind.text == "cluster");
        match (all.next(), all.next()) {
            (Some(cluster), None) => Ok(cluster),
            (found, _) => {
                let has = if found.is_some() { "several clusters" } else { "no cluster" };
                Err(conflict(&format!("the definition has {has}; change it through the service")))
            }
        }
    }

    /// The only block of this kind.
    fn only<'b>(&self, cluster: &'b Block, word: &str) -> Result<&'b Block, Refusal> {
        let mut all = cluster.body.blocks.iter().filter(|block| &*block.kind.text == word);
        match (all.next(), all.next()) {
            (Some(block), None) => Ok(block),
            (Some(_), Some(second)) => Err(conflict(&format!(
                "line {} of the definition has another `{word}` block, and the request does not say which is meant; \
                 change it through the service",
                self.line(second.head.range().start)
            ))),
            (None, _) => Err(conflict(&format!("the definition has no `{word}` block; change it through the service"))),
        }
    }

    /// Another value for an attribute that is a plain value.
    fn value(&self, block: &Block, name: &str, value: String) -> Result<Splice, Refusal> {
        let Some(attribute) = block.body.attributes.iter().find(|attribute| &*attribute.name.text == name) else {
            return Err(conflict(&format!(
                "`{}` in line {} of the definition has no `{name}`; change it through the service",
                block.kind.text,
                self.line(block.head.range().start)
            )));
        };
        match attribute.value.kind {
            ExpressionKind::Number(_) | ExpressionKind::String(_)
                if !self.is_heredoc(&attribute.value.span.range()) =>
            {
                Ok(Splice { range: attribute.value.span.range(), text: value })
            }
            _ => Err(conflict(&format!(
                "`{name}` in line {} of the definition is an expression; change it through the service",
                self.line(attribute.value.span.range().start)
            ))),
        }
    }

    fn is_heredoc(&self, range: &Range<usize>) -> bool {
        self.text[range.clone()].starts_with("<<")
    }

    /// Takes away the blocks of frameworks that are not wanted, and adds those that are missing.
    fn frameworks(&self, cluster: &Block, wanted: &[String], splices: &mut Vec<Splice>) {
        let label = |block: &Block| block.labels.first().map(|label| label.text.to_string());
        let blocks = || cluster.body.blocks.iter().filter(|block| &*block.kind.text == "framework");
        for block in blocks().filter(|block| label(block).is_some_and(|name| !wanted.contains(&name))) {
            splices.push(self.without(block));
        }
        let there: Vec<String> = blocks().filter_map(label).collect();
        let missing = wanted.iter().filter(|name| !there.contains(name));
        let indentation = " ".repeat(self.indentation(cluster) + 2);
        let blocks: Vec<String> =
            missing.map(|name| format!("\n{indentation}framework {} {{}}\n", quoted(name))).collect();
        if blocks.is_empty() {
            return;
        }
        // Before the brace that ends the cluster, which may stand behind something.
        let end = cluster.span.range().end - 1;
        let line = self.text[..end].rfind('\n').map_or(0, |at| at + 1);
        let own_line = self.text[line..end].trim().is_empty();
        let (at, before) = if own_line { (line, "") } else { (end, "\n") };
        let after = if own_line { String::new() } else { " ".repeat(self.indentation(cluster)) };
        splices.push(Splice { range: at..at, text: format!("{before}{}{after}", blocks.concat()) });
    }

    fn indentation(&self, block: &Block) -> usize {
        let start = block.head.range().start;
        let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        self.text[line..start].chars().take_while(|sign| *sign == ' ').count()
    }

    /// The block with its lines, and the empty line before it where another one would follow; what else is in its lines stays.
    fn without(&self, block: &Block) -> Splice {
        let range = block.span.range();
        let start = self.text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[range.end..].find('\n').map_or(self.text.len(), |length| range.end + length + 1);
        let alone = self.text[start..range.start].trim().is_empty() && self.text[range.end..end].trim().is_empty();
        if !alone {
            return Splice { range, text: String::new() };
        }
        let before = self.text[..start].strip_suffix('\n').map_or(0, |text| text.rfind('\n').map_or(0, |at| at + 1));
        let follows = self.text[end..].lines().next().unwrap_or_default().trim();
        let empty = before < start && self.text[before..start].trim().is_empty();
        let start = if empty && (follows.is_empty() || follows.starts_with('}')) { before } else { start };
        Splice { range: start..end, text: String::new() }
    }
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(RefusalKind::Conflict, message)
}
