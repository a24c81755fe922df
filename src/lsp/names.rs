//! Where names are declared and used, in all files of a project.

use super::analysis::{Analysis, File};
use crate::source::{Source, Span};
use crate::syntax::references;
use crate::syntax::tree::{Block, Body, ExpressionKind, Name};

/// What a name is the name of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// `var.x`
    Variable(String),
    /// `local.x`
    Local(String),
    /// `output "x"`
    Output(String),
    /// `cluster.x`
    Cluster(String),
    /// `cluster.x.group`: the cluster and the group.
    Group(String, String),
}

/// A place where a name stands.
#[derive(Clone, Debug)]
pub(super) struct Occurrence {
    pub(super) symbol: Symbol,
    /// The name alone.
    pub(super) span: Span,
    /// Whether it is declared there.
    pub(super) declares: bool,
}

/// Every place of every name.
pub(super) fn occurrences(analysis: &Analysis) -> Vec<Occurrence> {
    let mut all = Vec::new();
    for file in analysis.files() {
        let mut gather = Gather { source: &file.source, all: &mut all };
        if file.is_variables {
            for attribute in &file.body.attributes {
                let symbol = Symbol::Variable(attribute.name.text.to_string());
                gather.add(symbol, attribute.name.span, false);
            }
        } else {
            gather.file(&file.body);
        }
    }
    all
}

/// The name at a place of a file.
pub(super) fn at(all: &[Occurrence], file: &File, offset: usize) -> Option<Occurrence> {
    let here = |one: &&Occurrence| {
        let range = one.span.range();
        one.span.source == file.id && range.start <= offset && offset <= range.end
    };
    all.iter().find(here).cloned()
}

struct Gather<'a> {
    source: &'a Source,
    all: &'a mut Vec<Occurrence>,
}

impl Gather<'_> {
    fn add(&mut self, symbol: Symbol, span: Span, declares: bool) {
        self.all.push(Occurrence { symbol, span, declares });
    }

    /// The place of a name within the place of something that holds it: a label's quotes, a step's dot.
    fn within(&self, name: &str, span: Span) -> Span {
        let text = self.source.text().get(span.range()).unwrap_or_default();
        match text.rfind(name) {
            Some(at) => {
                let start = span.range().start + at;
                Span::new(span.source, start, start + name.len())
            }
            None => span,
        }
    }

    fn label(&self, label: &Name) -> Span {
        self.within(&label.text, label.span)
    }

    fn file(&mut self, body: &Body) {
        for block in &body.blocks {
            let label = block.labels.first();
            let symbol: Option<fn(String) -> Symbol> = match &*block.kind.text {
                "variable" => Some(Symbol::Variable),
                "output" => Some(Symbol::Output),
                "cluster" => Some(Symbol::Cluster),
                _ => None,
            };
            if let Some((label, symbol)) = label.zip(symbol) {
                self.add(symbol(label.text.to_string()), self.label(label), true);
            }
            if &*block.kind.text == "locals" {
                for local in &block.body.attributes {
                    self.add(Symbol::Local(local.name.text.to_string()), local.name.span, true);
                }
            }
            if let Some(name) = label.filter(|_| &*block.kind.text == "cluster") {
                self.groups(block, &name.text);
            }
        }
        self.body(body);
    }

    /// The groups of a cluster, and the rules that name them.
    fn groups(&mut self, cluster: &Block, name: &str) {
        for block in &cluster.body.blocks {
            let group = |text: &str| Symbol::Group(name.to_owned(), text.to_owned());
            match (&*block.kind.text, block.labels.first()) {
                ("master", _) => self.add(group("master"), block.kind.span, true),
                ("slaves", None) => self.add(group("slaves"), block.kind.span, true),
                ("slaves", Some(label)) => self.add(group(&label.text), self.label(label), true),
                ("security", _) => {
                    let rules = block.body.blocks.iter().flat_map(|rule| &rule.body.attributes);
                    for to in rules.filter(|attribute| &*attribute.name.text == "to") {
                        if let ExpressionKind::String(text) = &to.value.kind {
                            self.add(group(text), self.within(text, to.value.span), false);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The names in all expressions of a body.
    fn body(&mut self, body: &Body) {
        for attribute in &body.attributes {
            for reference in references(&attribute.value) {
                let mut steps = reference.steps.iter();
                let Some((name, span)) = steps.next() else { continue };
                let place = self.within(name, *span);
                match &*reference.root {
                    "var" => self.add(Symbol::Variable(name.to_string()), place, false),
                    "local" => self.add(Symbol::Local(name.to_string()), place, false),
                    "cluster" => {
                        self.add(Symbol::Cluster(name.to_string()), place, false);
                        if let Some((group, span)) = steps.next() {
                            let place = self.within(group, *span);
                            self.add(Symbol::Group(name.to_string(), group.to_string()), place, false);
                        }
                    }
                    _ => {}
                }
            }
        }
        body.blocks.iter().for_each(|block| self.body(&block.body));
    }
}
