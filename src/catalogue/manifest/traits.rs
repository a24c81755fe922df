//! The blocks `suits` and `sizing` of a manifest, and those of `templates/alternatives.hcl`.

use std::collections::BTreeMap;

use super::fields::Fields;
use crate::catalogue::traits::{
    Alternative, Delivery, Part, SIZING_NAMES, SizingFormulas, Suits, TraitSource, gigabytes, milliseconds,
};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean, either};
use crate::syntax::references;
use crate::syntax::tree::{Block, Body, Expression, ExpressionKind};

/// The best that a trait can be; 0 is the worst.
const HIGHEST: u64 = 3;

/// `suits` and `sizing` of a framework. Without the blocks it is suggested for nothing.
pub(super) fn read(fields: &mut Fields<'_>) -> (Suits, SizingFormulas) {
    let suits = only(fields, "suits").map(|block| fields.inside(block, |inner| suits(inner, block)));
    let sizing = only(fields, "sizing").map(|block| fields.inside(block, sizing));
    (suits.unwrap_or_default(), sizing.unwrap_or_default())
}

/// The block of a kind that there is once at most.
fn only<'a>(fields: &mut Fields<'a>, kind: &'static str) -> Option<&'a Block> {
    let blocks = fields.blocks(kind);
    if let [first, again, ..] = blocks.as_slice() {
        fields.complain(
            Diagnostic::error("disco::manifest_duplicate", format!("there are two `{kind}` blocks"))
                .at(again.head, "second")
                .at(first.head, "first")
                .help("keep one of them"),
        );
    }
    blocks.first().copied()
}

/// What does without a cluster: blocks `alternative`.
pub(in crate::catalogue) fn alternatives(body: &Body) -> (Vec<Alternative>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let head = Span::new(body.span.source, body.span.range().start, body.span.range().start);
    let mut fields = Fields::new(body, head, "the alternatives".to_owned(), &mut diagnostics);
    let mut all = Vec::new();
    for block in fields.blocks("alternative") {
        let name = fields.label(block);
        all.push(fields.inside(block, |inner| {
            let (title, packages) = (inner.required_text("title"), inner.texts("packages"));
            let (suits, sizing) = read(inner);
            Alternative { name, title, packages, suits, sizing }
        }));
    }
    fields.finish();
    (all, diagnostics)
}

fn suits(fields: &mut Fields<'_>, block: &Block) -> Suits {
    let (volume_from_gb, volume_to_gb) = volume(fields);
    let parts = parts(fields);
    let suits = Suits {
        work: levels(
            fields,
            "work",
            crate::catalogue::Work::named,
            crate::catalogue::Work::ALL.iter().map(|one| one.name()),
        ),
        languages: levels(
            fields,
            "languages",
            crate::catalogue::Language::named,
            crate::catalogue::Language::ALL.iter().map(|one| one.name()),
        ),
        code: levels(
            fields,
            "code",
            crate::catalogue::Code::named,
            crate::catalogue::Code::ALL.iter().map(|one| one.name()),
        ),
        home: levels(
            fields,
            "home",
            crate::catalogue::Home::named,
            crate::catalogue::Home::ALL.iter().map(|one| one.name()),
        ),
        gpu: level(fields, "gpu"),
        people: level(fields, "people"),
        survives: level(fields, "survives"),
        simple: level(fields, "simple"),
        answer_ms: measure(fields, "answer", milliseconds, "a time such as `10ms` or `1 min`"),
        volume_from_gb,
        volume_to_gb,
        delivers: fields.word("delivers", Delivery::named, &delivery_names()),
        beside: beside(fields),
        fills: parts.fills,
        needs: parts.needs,
        keeps: parts.keeps,
        minimum_nodes: parts.minimum_nodes,
        sources: sources(fields),
    };
    for (name, level) in
        suits.levels().into_iter().filter(|(name, level)| [0, 3].contains(level) && suits.source(name).is_none())
    {
        let place = name.split_once('.').map_or(name.as_str(), |(attribute, _)| attribute);
        let message = format!("`{name}` is {level} and rests on no source");
        let help =
            format!("add `source \"https://…\" {{`, with `about = [\"{name}\"]` and `says = \"…\"`, or write 1 or 2");
        let place = super::places::place(block, place);
        fields.complain(Diagnostic::error("disco::manifest_missing", message).at(place, "needs a source").help(help));
    }
    suits
}

fn delivery_names() -> Vec<&'static str> {
    Delivery::ALL.iter().map(|one| one.name()).collect()
}

/// `{ stream = 3, batch = 1 }`
fn levels<T: Ord>(
    fields: &mut Fields<'_>,
    name: &'static str,
    named: fn(&str) -> Option<T>,
    known: impl Iterator<Item = &'static str>,
) -> BTreeMap<T, u8> {
    let known: Vec<&str> = known.collect();
    let mut all = BTreeMap::new();
    for (word, value) in fields.entries(name) {
        let Some(key) = named(&word) else {
            let message = format!("`{word}` in `{name}` of `suits` does not exist");
            let help = did_you_mean(&word, known.iter().copied());
            let diagnostic = Diagnostic::error("disco::manifest_unknown", message).at(value.span, "here");
            fields.complain(diagnostic.help_maybe(help));
            continue;
        };
        if let Some(level) = checked(fields, &format!("{name}.{word}"), &value) {
            all.insert(key, level);
        }
    }
    all
}

fn level(fields: &mut Fields<'_>, name: &'static str) -> Option<u8> {
    let value = fields.expression(name)?;
    checked(fields, name, &value)
}

fn checked(fields: &mut Fields<'_>, name: &str, value: &Expression) -> Option<u8> {
    let level = match &value.kind {
        ExpressionKind::Number(number) => number.parse::<u64>().ok().filter(|level| *level <= HIGHEST),
        _ => None,
    };
    if level.is_none() {
        let message = format!("`{name}` of `suits` must be a level from 0 to {HIGHEST}");
        let help = "write 0 (cannot), 1 (can), 2 (good) or 3 (made for it)";
        fields.complain(Diagnostic::error("disco::manifest_value", message).at(value.span, "not a level").help(help));
    }
    level.and_then(|level| u8::try_from(level).ok())
}

fn measure(fields: &mut Fields<'_>, name: &'static str, read: fn(&str) -> Option<f64>, expected: &str) -> Option<f64> {
    let place = fields.place(name);
    let text = fields.text(name)?;
    let found = read(&text);
    if found.is_none() {
        wrong(fields, name, place, expected);
    }
    found
}

fn wrong(fields: &mut Fields<'_>, name: &str, place: Span, expected: &str) {
    let message = format!("`{name}` must be {expected}");
    fields.complain(Diagnostic::error("disco::manifest_value", message).at(place, "not valid"));
}

/// `{ from = "100 GB", to = "10 PB" }`
fn volume(fields: &mut Fields<'_>) -> (f64, Option<f64>) {
    let (mut from, mut to) = (0.0, None);
    let place = fields.place("volume");
    for (word, text) in fields.text_entries("volume") {
        match (word.as_str(), gigabytes(&text)) {
            ("from", Some(gb)) => from = gb,
            ("to", Some(gb)) => to = Some(gb),
            _ => wrong(fields, "volume", place, "`{ from = \"100 GB\", to = \"10 PB\" }`, or one of both"),
        }
    }
    (from, to)
}

/// `{ yarn = false }`: settings of the framework where it is only there for others.
fn beside(fields: &mut Fields<'_>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, value) in fields.entries("beside") {
        let written = match &value.kind {
            ExpressionKind::Bool(value) => value.to_string(),
            ExpressionKind::Number(number) => number.to_string(),
            ExpressionKind::String(text) => format!("{text:?}"),
            _ => {
                wrong(fields, "beside", value.span, "settings with literals, such as `{ yarn = false }`");
                continue;
            }
        };
        all.push((name, written));
    }
    all
}

#[derive(Default)]
struct Parts {
    fills: Vec<Part>,
    needs: Vec<Part>,
    keeps: bool,
    minimum_nodes: u32,
}

/// `{ fills = ["storage"], needs = ["transport"], keeps = true, minimum_nodes = 3 }`
fn parts(fields: &mut Fields<'_>) -> Parts {
    let mut parts = Parts::default();
    let expected =
        "`{ fills = [\"storage\"], needs = [\"transport\"], keeps = true, minimum_nodes = 3 }`, or some of it";
    for (word, value) in fields.entries("parts") {
        let understood = match (word.as_str(), &value.kind) {
            ("fills" | "needs", ExpressionKind::Tuple(elements)) => {
                let named = |element: &Expression| match &element.kind {
                    ExpressionKind::String(text) => Part::named(text),
                    _ => None,
                };
                let list = elements.iter().map(named).collect::<Option<Vec<Part>>>();
                let into = if word == "fills" { &mut parts.fills } else { &mut parts.needs };
                list.map(|list| *into = list)
            }
            ("keeps", ExpressionKind::Bool(keeps)) => {
                parts.keeps = *keeps;
                Some(())
            }
            ("minimum_nodes", ExpressionKind::Number(number)) => {
                number.parse().ok().map(|number| parts.minimum_nodes = number)
            }
            _ => None,
        };
        if understood.is_none() {
            wrong(fields, "parts", value.span, expected);
        }
    }
    parts
}

fn sources(fields: &mut Fields<'_>) -> Vec<TraitSource> {
    let mut all = Vec::new();
    for block in fields.blocks("source") {
        let url = fields.label(block);
        if !url.starts_with("https://") {
            let message = "expected the address of a page with `https://`";
            fields.complain(Diagnostic::error("disco::manifest_value", message).at(block.head, "not an address"));
        }
        all.push(fields.inside(block, |inner| TraitSource {
            url,
            says: inner.required_text("says"),
            about: inner.texts("about"),
            origin: block.head,
        }));
    }
    all
}

fn sizing(fields: &mut Fields<'_>) -> SizingFormulas {
    let sizing = SizingFormulas {
        cores: formula(fields, "cores"),
        disk: formula(fields, "disk"),
        master_memory: formula(fields, "master_memory"),
        network: formula(fields, "network"),
        memory_per_core: number(fields, "memory_per_core"),
        throughput: number(fields, "throughput"),
        large_nodes: fields.boolean("large_nodes"),
        sources: sources(fields),
    };
    let missing: Vec<(&str, Span)> = sizing
        .formulas()
        .filter(|(name, _)| sizing.source(name).is_none())
        .map(|(name, formula)| (name, formula.span))
        .collect();
    for (name, place) in missing {
        let message = format!("the formula `{name}` of `sizing` rests on no source");
        let help = format!("add `source \"https://…\" {{`, with `about = [\"{name}\"]` and `says = \"…\"`");
        fields.complain(Diagnostic::error("disco::manifest_missing", message).at(place, "needs a source").help(help));
    }
    sizing
}

/// A number that is written out.
fn number(fields: &mut Fields<'_>, name: &'static str) -> Option<f64> {
    let value = fields.expression(name)?;
    let number = match &value.kind {
        ExpressionKind::Number(number) => number.parse::<f64>().ok().filter(|number| *number > 0.0),
        _ => None,
    };
    if number.is_none() {
        wrong(fields, name, value.span, "a number above 0");
    }
    number
}

/// A formula over what the answers say.
fn formula(fields: &mut Fields<'_>, name: &'static str) -> Option<Expression> {
    let formula = fields.expression(name)?;
    let names = || SIZING_NAMES.iter().map(|(root, entry)| format!("{root}.{entry}"));
    for reference in references(&formula) {
        let known = |(root, entry): &(&str, &str)| {
            *root == &*reference.root && reference.entry().is_some_and(|(found, _)| found == *entry)
        };
        if !SIZING_NAMES.iter().any(known) {
            let written = reference
                .entry()
                .map_or_else(|| reference.root.to_string(), |(entry, _)| format!("{}.{entry}", reference.root));
            let message = format!("`{name}` of `sizing` uses `{written}`, which no answer gives");
            let help = format!("use {}", either(&names().collect::<Vec<_>>()));
            fields.complain(
                Diagnostic::error("disco::manifest_unknown", message).at(reference.span, "not known here").help(help),
            );
        }
    }
    Some(formula)
}
