//! Expressions: names, functions, and the values that an attribute can have.

use super::super::lookup;
use super::super::wire::kind;
use super::string::words;
use super::{Item, Offer};
use crate::expression::functions;
use crate::language::{CLUSTER_VALUES, Kind};
use crate::syntax::{self, ValueSite};

/// What can follow `type =` in a variable.
const TYPES: [&str; 9] =
    ["string", "number", "bool", "any", "list(string)", "set(string)", "map(string)", "object({})", "tuple([])"];

/// What a network of a cluster has.
const NETWORK: [&str; 6] = ["cidr", "ipv6_cidr", "external_network", "existing", "subnet", "addresses"];

/// What can stand at a place in an expression.
pub(super) fn expressions(offer: &mut Offer<'_>, site: &ValueSite) {
    if site.is_key {
        // A key of a file has dots, so it stands in quotes.
        for (word, detail) in words(offer, site) {
            offer.add(Item::new(word.clone(), kind::VALUE).detail(detail).text(format!("\"{word}\"")));
        }
        return;
    }
    let path: Vec<&str> = site.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        [] => beginning(offer, site),
        ["var"] => declared(offer, "variable"),
        ["local"] => locals(offer),
        [root @ ("cluster" | "module")] => declared(offer, root),
        ["cluster", name, rest @ ..] => cluster(offer, name, rest),
        [root @ ("each" | "count" | "path" | "disco" | "workspace")] => members(offer, root),
        ["var" | "local" | "module", ..] => entries(offer, site),
        _ => {}
    }
}

/// `true`, `false` and `null`: all that a file of variables can say besides literals.
pub(super) fn literals(offer: &mut Offer<'_>) {
    for word in ["true", "false", "null"] {
        offer.add(Item::new(word, kind::VALUE));
    }
}

fn beginning(offer: &mut Offer<'_>, site: &ValueSite) {
    let blocks = &offer.here.blocks;
    if lookup::is_in(blocks, "variable") && site.attribute == "type" {
        for of in TYPES {
            offer.add(Item::new(of, kind::VALUE));
        }
        return;
    }
    for (word, detail) in words(offer, site) {
        offer.add(Item::new(format!("\"{word}\""), kind::VALUE).detail(detail).rank(0));
    }
    let schema = lookup::schema(blocks);
    let of = schema.and_then(|schema| schema.attributes().find(|attribute| attribute.name == site.attribute));
    if of.is_some_and(|attribute| attribute.kind == Kind::Bool) {
        for word in ["true", "false"] {
            offer.add(Item::new(word, kind::VALUE).rank(0));
        }
    }
    let mut roots = syntax::ROOTS.to_vec();
    if blocks.iter().any(|block| ["cluster", "slaves", "volume", "allow"].contains(&block.word.as_str())) {
        roots.push("each");
    }
    if blocks.iter().any(|block| block.word == "cluster") {
        roots.push("count");
    }
    for root in roots {
        offer.add(Item::new(root, kind::VARIABLE).rank(2));
    }
    for function in functions::all() {
        let open = if offer.behind().starts_with('(') { "" } else { "($0)" };
        let item = Item::new(function.name, kind::FUNCTION).detail(function.signature()).help(function.summary);
        offer.add(item.snippet(format!("{}{open}", function.name)).rank(6));
    }
    for (name, says) in
        [("can", "whether the expression has a value"), ("try", "the first expression that has a value")]
    {
        offer.add(Item::new(name, kind::FUNCTION).detail(says).snippet(format!("{name}($0)")).rank(6));
    }
    literals(offer);
}

/// The names of blocks of a kind.
fn declared(offer: &mut Offer<'_>, word: &str) {
    let analysis = offer.analysis;
    for block in lookup::blocks(analysis, word) {
        let Some(label) = block.labels.first() else { continue };
        let text = |name: &str| {
            let found = block.body.attributes.iter().find(|attribute| &*attribute.name.text == name);
            found.map(|found| analysis.project.sources().snippet(found.value.span)).unwrap_or_default()
        };
        let item = Item::new(&*label.text, kind::VARIABLE).detail(text("type"));
        offer.add(item.help(text("description").trim_matches('"').to_owned()));
    }
}

fn locals(offer: &mut Offer<'_>) {
    let analysis = offer.analysis;
    for local in lookup::blocks(analysis, "locals").flat_map(|block| &block.body.attributes) {
        let value = analysis.project.sources().snippet(local.value.span);
        let line = value.lines().next().unwrap_or_default().chars().take(60).collect::<String>();
        offer.add(Item::new(&*local.name.text, kind::VARIABLE).detail(line));
    }
}

/// What of a cluster can be named.
fn cluster(offer: &mut Offer<'_>, name: &str, rest: &[&str]) {
    let analysis = offer.analysis;
    let Some(block) = lookup::cluster_block(analysis, name) else { return };
    let groups = lookup::groups(block);
    let rest: Vec<&str> = rest.iter().copied().skip_while(|step| *step == "[]").collect();
    match rest.as_slice() {
        [] => {
            for (part, says) in parts("cluster.NAME.") {
                offer.add(Item::new(part, kind::FIELD).detail(says));
            }
            for group in groups {
                offer.add(Item::new(group, kind::FIELD).detail("the nodes of the group").rank(1));
            }
        }
        ["network"] => NETWORK.iter().for_each(|name| offer.add(Item::new(*name, kind::FIELD))),
        ["ui"] => {
            for framework in lookup::frameworks_of(analysis, block) {
                for page in framework.web_ui_names() {
                    offer.add(Item::new(page, kind::FIELD).detail(format!("a web page of {}", framework.name)));
                }
            }
        }
        ["endpoint"] => {
            for framework in lookup::frameworks_of(analysis, block) {
                for port in framework.endpoint_names() {
                    offer.add(Item::new(port, kind::FIELD).detail(format!("a service of {}", framework.name)));
                }
            }
        }
        [group] | [group, "[]"] if groups.contains(group) => {
            for (part, says) in parts("cluster.NAME.GROUP[INDEX].") {
                offer.add(Item::new(part, kind::FIELD).detail(says));
            }
        }
        _ => {}
    }
}

/// What the language reference lists behind `prefix`: the next word of each, with what it is.
fn parts(prefix: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let next = move |(name, says): &(&'static str, &'static str)| {
        let word = name.strip_prefix(prefix)?.split(['.', '[']).next()?;
        (!word.is_empty() && word != "GROUP").then_some((word, *says))
    };
    CLUSTER_VALUES.iter().filter_map(next)
}

/// What `each`, `count`, `path` and the like have.
fn members(offer: &mut Offer<'_>, root: &str) {
    for (names, says) in CLUSTER_VALUES {
        for name in names.split(", ") {
            if let Some(member) = name.strip_prefix(root).and_then(|rest| rest.strip_prefix('.')) {
                offer.add(Item::new(member, kind::FIELD).detail(*says));
            }
        }
    }
}

/// The keys of the value of what stands before the last dot.
fn entries(offer: &mut Offer<'_>, site: &ValueSite) {
    let analysis = offer.analysis;
    let Ok(examined) = &analysis.examined else { return };
    let before = offer.document.text.get(site.path_start..offer.here.start).unwrap_or_default();
    let Some(value) = analysis.project.value(examined, before.trim_end().trim_end_matches('.')) else { return };
    for name in value.entries().into_iter().flat_map(|entries| entries.keys()) {
        offer.add(Item::new(&**name, kind::FIELD));
    }
}
