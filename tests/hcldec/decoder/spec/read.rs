//! A file -> specification, variables and functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use disco::expression::{Scope, Value};
use disco::source::{Diagnostic, Diagnostics};
use disco::syntax::tree;

use super::super::body::{Block, Body, Content, Expression, Schema};
use super::super::code;
use super::Spec;
use super::arguments::Arguments;
use super::functions::{self, Functions};

/// What a block of a specification may be. The original knows `block_attrs` in its manual only, `block_label` in its
/// library only.
const KINDS: [&str; 12] = [
    "object",
    "array",
    "attr",
    "literal",
    "block",
    "block_list",
    "block_set",
    "block_map",
    "block_attrs",
    "block_label",
    "default",
    "transform",
];

/// The type of the blocks that define variables.
const VARIABLES: &str = "variables";

/// What a specification file says.
pub(in super::super) struct Specification<'a> {
    /// What to look for.
    pub(in super::super) root: Spec,
    /// Variables for the input.
    pub(in super::super) variables: BTreeMap<Arc<str>, Value>,
    /// Functions for the input.
    pub(in super::super) functions: Functions<'a>,
}

/// Reads a file; `scope` makes scopes with the functions that specifications may use.
pub(in super::super) fn read<'a>(
    file: &tree::Body,
    scope: impl Fn() -> Scope<'a>,
) -> (Option<Specification<'a>>, Diagnostics) {
    let (functions, mut found) = Functions::defined(file, scope());
    let mut schema = specifications(&[], &[]);
    schema.blocks.insert(VARIABLES.to_owned(), Vec::new());
    schema.blocks.insert(functions::BLOCK.to_owned(), vec!["name".to_owned()]);
    let (mut content, problems) = Body::Native(file).content(&schema);
    found.extend(problems);

    let scope = scope();
    let variables = variables(&content, &scope, &mut found);
    content.blocks.retain(|block| KINDS.contains(&&*block.kind));
    let root = Reader { scope: &scope, found: &mut found }.only(&content, "a file");
    (root.map(|root| Specification { root, variables, functions }), found)
}

fn variables(content: &Content<'_>, scope: &Scope<'_>, found: &mut Diagnostics) -> BTreeMap<Arc<str>, Value> {
    let mut variables = BTreeMap::new();
    for block in content.blocks.iter().filter(|block| &*block.kind == VARIABLES) {
        let (attributes, problems) = block.body.attributes();
        found.extend(problems);
        for (name, attribute) in attributes {
            if let Expression::Native(expression) = attribute.expression {
                variables.insert(name, scope.evaluate(expression));
                found.extend(scope.take_diagnostics());
            }
        }
    }
    variables
}

/// Attributes (a name that ends in `!` must be there) and inner specifications with these labels.
fn specifications(attributes: &[&str], labels: &[&str]) -> Schema {
    let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
    Schema {
        blocks: KINDS.iter().map(|kind| ((*kind).to_owned(), labels.clone())).collect(),
        ..Schema::of_attributes(attributes)
    }
}

struct Reader<'r, 'a> {
    scope: &'r Scope<'a>,
    found: &'r mut Diagnostics,
}

impl<'a> Reader<'_, 'a> {
    /// The one specification in a body of `whole`.
    fn only(&mut self, content: &Content<'_>, whole: &str) -> Option<Spec> {
        let message = match content.blocks.as_slice() {
            [block] => return self.spec(block),
            [] => format!("{whole} needs one specification in it"),
            _ => format!("{whole} can have only one specification in it"),
        };
        let place = content.blocks.get(1).map(|block| block.head).or(content.missing);
        self.found.push(Diagnostic::error(code::SPEC, message).at_maybe(place, ""));
        None
    }

    fn spec(&mut self, block: &Block<'_>) -> Option<Spec> {
        match &*block.kind {
            "object" => {
                let arguments = self.gathered(block, &specifications(&[], &["key"]));
                let mut entries: Vec<(Arc<str>, Spec)> = Vec::new();
                for block in &arguments.blocks {
                    let (Some((name, _)), Some(spec)) = (block.labels.first(), self.spec(block)) else { continue };
                    entries.retain(|(known, _)| known != name);
                    entries.push((Arc::clone(name), spec));
                }
                Some(Spec::Object(entries))
            }
            "array" => Some(Spec::Array(self.several(block))),
            "default" => {
                let specs = self.several(block).into_iter();
                let wrap = |first, otherwise| Spec::Default { first: Box::new(first), otherwise: Box::new(otherwise) };
                let spec = specs.reduce(wrap);
                if spec.is_none() {
                    self.found.push(Diagnostic::error(code::SPEC, "`default` needs specifications").at(block.head, ""));
                }
                spec
            }
            "transform" => {
                let arguments = Arguments::of(block, &specifications(&["result"], &[]), self.scope);
                let result = arguments.expression("result").cloned();
                let content = self.done(arguments);
                let nested = Box::new(self.only(&content, "`transform`")?);
                Some(Spec::Transform { nested, result })
            }
            "attr" | "literal" | "block_attrs" | "block_label" => self.leaf(block),
            _ => self.blocks(block),
        }
    }

    /// Adds what is wrong and returns the rest.
    fn done<'c>(&mut self, arguments: Arguments<'c, 'a>) -> Content<'c> {
        self.found.extend(arguments.found);
        arguments.content
    }

    fn gathered<'c>(&mut self, block: &Block<'c>, schema: &Schema) -> Content<'c> {
        let (content, problems) = block.body.content(schema);
        self.found.extend(problems);
        content
    }

    fn several(&mut self, block: &Block<'_>) -> Vec<Spec> {
        let content = self.gathered(block, &specifications(&[], &[]));
        content.blocks.iter().filter_map(|block| self.spec(block)).collect()
    }

    fn leaf(&mut self, block: &Block<'_>) -> Option<Spec> {
        let names: &[&str] = match &*block.kind {
            "attr" => &["name", "type", "required"],
            "literal" => &["value!"],
            "block_attrs" => &["block_type", "element_type", "required"],
            _ => &["index", "name"],
        };
        let mut arguments = Arguments::of(block, &Schema::of_attributes(names), self.scope);
        let spec = leaf(&mut arguments, block);
        self.done(arguments);
        spec
    }

    /// Specifications of blocks: each has one nested specification for what is in them.
    fn blocks(&mut self, block: &Block<'_>) -> Option<Spec> {
        let names: &[&str] = match &*block.kind {
            "block" => &["block_type", "required"],
            "block_map" => &["block_type", "labels!"],
            _ => &["block_type", "min_items", "max_items"],
        };
        let mut arguments = Arguments::of(block, &specifications(names, &[]), self.scope);
        let kind = named(&mut arguments, block, "block_type");
        let required = arguments.truth("required");
        let (least, most) = (arguments.count("min_items"), arguments.count("max_items"));
        let labels = arguments.texts("labels");
        if &*block.kind == "block_map" && labels.is_empty() {
            arguments.complain("`block_map` needs at least one label");
        }
        let content = self.done(arguments);
        let nested = Box::new(self.only(&content, &format!("`{}`", block.kind))?);
        let kind = kind?;
        let spec = match &*block.kind {
            "block" => Spec::Block { kind, nested, required },
            "block_list" => Spec::BlockList { kind, nested, least, most },
            "block_set" => Spec::BlockSet { kind, nested, least, most },
            _ => Spec::BlockMap { kind, labels, nested },
        };
        if matches!(spec, Spec::BlockMap { .. }) && spec.gives(self.scope).has_any() {
            let message = "all entries of `block_map` have one type, so nothing in it can be `any`";
            self.found.push(Diagnostic::error(code::SPEC, message).at_maybe(content.missing, "in this one"));
        }
        Some(spec)
    }
}

fn leaf(arguments: &mut Arguments<'_, '_>, block: &Block<'_>) -> Option<Spec> {
    Some(match &*block.kind {
        "literal" => Spec::Literal(arguments.value("value")),
        "attr" => {
            let (of, required) = (arguments.of_type("type"), arguments.truth("required"));
            Spec::Attr { name: named(arguments, block, "name")?, of, required }
        }
        "block_attrs" => {
            let (of, required) = (arguments.of_type("element_type"), arguments.truth("required"));
            Spec::BlockAttrs { kind: named(arguments, block, "block_type")?, of, required }
        }
        _ => Spec::BlockLabel { index: arguments.count("index"), name: named(arguments, block, "name")? },
    })
}

/// The name of what to look for: the attribute, or the label that the specification has in an object.
fn named(arguments: &mut Arguments<'_, '_>, block: &Block<'_>, attribute: &str) -> Option<String> {
    let name = arguments.text(attribute).or_else(|| block.labels.first().map(|(label, _)| label.to_string()));
    if name.is_none() {
        arguments.complain(format!("`{}` needs `{attribute} = …`", block.kind));
    }
    name
}
