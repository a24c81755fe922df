//! `moved`, `removed` and `import`: what becomes of what lives when its definition changes place, goes, or comes.

use std::collections::BTreeMap;

use super::Definition;
use super::address::{Depth, Kind, address, not_an_address, parse};
use super::blocks::{IMPORT, ImportAttributes, MOVED, MovedAttributes, REMOVED, RemovedAttributes};
use super::contents::Contents;
use super::decode::Decoder;
use super::space::Space;
use crate::expression::{FileReader, NoFiles, Scope};
use crate::model::{Called, full_address};
use crate::source::{Diagnostic, Diagnostics, Sources, Span, did_you_mean};
use crate::syntax::parse_expression;
use crate::syntax::tree::Block;

/// What a definition says of clusters that live.
#[derive(Clone, Debug, Default)]
pub struct Handover {
    /// What has another address now.
    pub moves: Vec<Move>,
    /// What is not in the definition any more.
    pub removals: Vec<Removal>,
    /// What is taken over from a stack.
    pub imports: Vec<Import>,
}

/// A `moved` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// `cluster.lab`, `cluster.site["bonn"]`, `module.site`, `cluster.lab.burst`
    pub from: String,
    /// The same of what it is called now.
    pub to: String,
    /// The block's head.
    pub origin: Span,
}

/// A `removed` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The address of a cluster, or of a module with all its clusters.
    pub from: String,
    /// Whether its stacks go with it.
    pub destroy: bool,
    /// The block's head.
    pub origin: Span,
}

/// An `import` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The address of a cluster.
    pub to: String,
    /// Name or id of its stack.
    pub stack: String,
    /// The block's head.
    pub origin: Span,
}

/// A cluster, or a group of one, that has got another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The cluster's name on the cloud.
    pub cluster: String,
    /// The address that it had.
    pub from: String,
    /// The address that it has.
    pub to: String,
}

impl Definition {
    /// What the project says of clusters that live, and what is wrong with that.
    pub fn handover(&self, sources: &Sources, reader: &dyn FileReader) -> (Handover, Diagnostics) {
        let mut handover = Handover::default();
        let says = |contents: &&Contents| !contents.is_silent_on_what_lives();
        if !self.contents.all().iter().any(says) {
            return (handover, Diagnostics::new());
        }
        let (spaces, _) = self.spaces(None, sources, reader);
        let mut diagnostics = Diagnostics::new();
        for space in &spaces {
            let mut decoder = self.decoder(&space.scope);
            let Handover { moves, removals, imports } = read_handover(space, &mut decoder);
            handover.moves.extend(moves);
            handover.removals.extend(removals);
            handover.imports.extend(imports);
            diagnostics.extend(space.placed(decoder.diagnostics));
        }
        (handover, diagnostics)
    }
}

impl Handover {
    /// Gives clusters that live, by their names on the cloud and with all their groups, the addresses that they have now. What
    /// has an address already that another is moved to stays as it is, and is warned of.
    pub fn move_all(&self, living: &mut BTreeMap<String, Called>) -> (Vec<Moved>, Diagnostics) {
        let mut all = Vec::new();
        let mut diagnostics = Diagnostics::new();
        for one in &self.moves {
            match (group_of(&one.from), group_of(&one.to)) {
                (Some((cluster, from)), Some((_, to))) => all.extend(move_group(cluster, from, to, living)),
                _ => one.clusters(living, &mut all, &mut diagnostics),
            }
        }
        (all, diagnostics)
    }

    /// What cannot be meant where clusters are `defined` at these addresses: something is removed that is there, or moved to
    /// where nothing is.
    pub(super) fn contradictions(&self, defined: &[&str]) -> Vec<Diagnostic> {
        let is_there = |address: &str| defined.iter().find(|known| rest_of(known, address).is_some());
        let removed = self.removals.iter().filter_map(|removal| {
            let known = is_there(&removal.from)?;
            Some(
                Diagnostic::error("disco::removed_and_defined", format!("`{known}` is removed and still defined"))
                    .at(removal.origin, "says that it is removed")
                    .help("remove the cluster's block, or this one"),
            )
        });
        let moved = self.moves.iter().filter_map(|one| {
            let to = group_of(&one.to).map_or(one.to.as_str(), |(cluster, _)| cluster);
            if is_there(to).is_some() {
                return None;
            }
            let near = did_you_mean(to, defined.iter().copied()).filter(|help| help.starts_with("did you"));
            Some(
                Diagnostic::warning("disco::moved_to_nothing", format!("nothing is defined at `{to}`"))
                    .at(one.origin, "moves something there, which is then destroyed")
                    .help("name what is defined, with its key in brackets, or remove this block")
                    .help_maybe(near),
            )
        });
        removed.chain(moved).collect()
    }

    /// The clusters, by their names on the cloud, that go from the state while their stacks stay.
    pub fn released<'l>(&self, living: &'l BTreeMap<String, Called>) -> impl Iterator<Item = (&'l str, String)> {
        let released = |(name, called): (&'l String, &'l Called)| {
            let address = called.address_of(name);
            let removal = self.removals.iter().find(|removal| rest_of(&address, &removal.from).is_some())?;
            (!removal.destroy).then_some((name.as_str(), address))
        };
        living.iter().filter_map(released).collect::<Vec<_>>().into_iter()
    }
}

impl Move {
    fn clusters(&self, living: &mut BTreeMap<String, Called>, all: &mut Vec<Moved>, diagnostics: &mut Diagnostics) {
        let mut taken: Vec<String> = living.iter().map(|(name, called)| called.address_of(name)).collect();
        for (name, called) in living {
            let from = called.address_of(name);
            // What was moved to a key of what it was is not moved once more.
            let is_there = rest_of(&from, &self.to).is_some() && self.to.starts_with(&self.from);
            let Some(rest) = rest_of(&from, &self.from).filter(|_| !is_there) else { continue };
            let to = format!("{}{rest}", self.to);
            if to == from {
                continue;
            }
            if taken.contains(&to) {
                diagnostics.push(
                    Diagnostic::warning("disco::move_blocked", format!("`{from}` stays: there is a `{to}` already"))
                        .at(self.origin, "both live")
                        .help("destroy one of them, or remove this block"),
                );
                continue;
            }
            taken.push(to.clone());
            called.address = Some(to.clone());
            all.push(Moved { cluster: name.clone(), from, to });
        }
    }
}

/// What one folder says of clusters that live.
pub(super) fn read_handover(space: &Space<'_>, decoder: &mut Decoder<'_, '_>) -> Handover {
    let contents = space.contents;
    Handover {
        moves: contents.moved.iter().filter_map(|block| moved(block, space, decoder)).collect(),
        removals: contents.removed.iter().filter_map(|block| removed(block, decoder)).collect(),
        imports: contents.imports.iter().filter_map(|block| import(block, decoder)).collect(),
    }
}

/// The address of a cluster and what its definition calls a group of it, where that is the address of a group.
fn group_of(address: &str) -> Option<(&str, &str)> {
    let (cluster, group) = address.rsplit_once('.')?;
    let named = cluster.rsplit_once("cluster.").is_some_and(|(_, label)| !label.is_empty());
    (named && !group.contains('[')).then_some((cluster, group))
}

fn move_group(cluster: &str, from: &str, to: &str, living: &mut BTreeMap<String, Called>) -> Option<Moved> {
    let (name, called) = living.iter_mut().find(|(name, called)| called.address_of(name) == cluster)?;
    if called.groups.values().any(|label| label == to) {
        return None;
    }
    let (_, label) = called.groups.iter_mut().find(|(_, label)| *label == from)?;
    to.clone_into(label);
    Some(Moved { cluster: name.clone(), from: format!("{cluster}.{from}"), to: format!("{cluster}.{to}") })
}

/// A move that somebody types; `None` where one of the words is no address, or they are not of the same kind.
pub fn typed_move(from: &str, to: &str, sources: &Sources) -> Option<Move> {
    let scope = Scope::new(sources, &NoFiles);
    let written = |word: &str| {
        let (expression, found) = parse_expression(sources, sources.add("command line", full_address(word)));
        expression.filter(|_| !found.has_errors()).and_then(|expression| parse(&expression, &scope))
    };
    let (from, to) = (written(from)?, written(to)?);
    let same = from.kind == to.kind && (from.kind != Kind::Group || from.cluster == to.cluster);
    same.then_some(Move { from: from.text, to: to.text, origin: from.place })
}

/// What follows in an address that begins with another, whole parts of it.
fn rest_of<'a>(address: &'a str, beginning: &str) -> Option<&'a str> {
    address.strip_prefix(beginning).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn moved(block: &Block, space: &Space<'_>, decoder: &mut Decoder<'_, '_>) -> Option<Move> {
    let at = MovedAttributes::ALL;
    let _ = MOVED.open(block, &mut decoder.diagnostics);
    let from = address(block, &at.from, Depth::Group, decoder);
    let to = address(block, &at.to, Depth::Group, decoder);
    let (from, to) = (from.ok()?, to.ok()?);
    if from.kind != to.kind || from.cluster != to.cluster && from.kind == Kind::Group {
        decoder.report(
            Diagnostic::error("disco::invalid_move", format!("`{}` cannot become `{}`", from.text, to.text))
                .at(to.place, "another kind of thing, or of another cluster")
                .at(from.place, "what is moved")
                .help("move a cluster to a cluster, a module to a module, a group to a group of the same cluster"),
        );
        return None;
    }
    let within = space.path.address();
    Some(Move { from: within.clone() + &from.text, to: within + &to.text, origin: block.head })
}

fn removed(block: &Block, decoder: &mut Decoder<'_, '_>) -> Option<Removal> {
    let at = RemovedAttributes::ALL;
    let _ = REMOVED.open(block, &mut decoder.diagnostics);
    let from = address(block, &at.from, Depth::Cluster, decoder);
    let destroy = decoder.read(block, &at.destroy);
    let destroy = destroy.ok()?.is_none_or(|destroy| destroy.value);
    Some(Removal { from: from.ok()?.text, destroy, origin: block.head })
}

fn import(block: &Block, decoder: &mut Decoder<'_, '_>) -> Option<Import> {
    let at = ImportAttributes::ALL;
    let _ = IMPORT.open(block, &mut decoder.diagnostics);
    let to = address(block, &at.to, Depth::Cluster, decoder);
    let stack = decoder.required(block, &at.id);
    let to = to.ok()?;
    if to.kind != Kind::Cluster {
        decoder.report(not_an_address(to.place, "a cluster", "import { to = cluster.lab … }"));
        return None;
    }
    Some(Import { to: to.text, stack: stack.ok()?.value, origin: block.head })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn living(all: &[(&str, &str)]) -> BTreeMap<String, Called> {
        let called = |address: &str| Called { address: Some(address.to_owned()), groups: BTreeMap::new() };
        all.iter().map(|(name, address)| ((*name).to_owned(), called(address))).collect()
    }

    fn handover(moves: &[(&str, &str)]) -> Handover {
        let sources = Sources::new();
        let origin = Span::new(sources.add("a", ""), 0, 0);
        let moves = moves.iter().map(|(from, to)| Move { from: (*from).into(), to: (*to).into(), origin });
        Handover { moves: moves.collect(), ..Handover::default() }
    }

    fn after(all: &[(&str, &str)], moves: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut living = living(all);
        let handover = handover(moves);
        handover.move_all(&mut living);
        let once = living.clone();
        // What was moved is not moved again.
        assert!(handover.move_all(&mut living).0.is_empty(), "{moves:?}");
        assert_eq!(once, living, "{moves:?}");
        living.into_iter().map(|(name, called)| (name.clone(), called.address_of(&name))).collect()
    }

    #[test]
    fn clusters_are_moved_alone_with_their_keys_and_with_their_modules() {
        for (from, moves, to) in [
            ("cluster.a", ("cluster.a", "cluster.b"), "cluster.b"),
            ("cluster.a", ("cluster.a", "cluster.a[\"x\"]"), "cluster.a[\"x\"]"),
            ("cluster.a[0]", ("cluster.a[0]", "cluster.a"), "cluster.a"),
            ("cluster.a[\"x\"]", ("cluster.a", "cluster.b"), "cluster.b[\"x\"]"),
            ("cluster.ab", ("cluster.a", "cluster.b"), "cluster.ab"),
            ("module.s[\"x\"].cluster.c", ("module.s", "module.t"), "module.t[\"x\"].cluster.c"),
            ("module.s.cluster.c", ("module.s", "module.s[\"x\"]"), "module.s[\"x\"].cluster.c"),
            ("cluster.c", ("cluster.c", "module.s.cluster.c"), "module.s.cluster.c"),
        ] {
            assert_eq!(after(&[("n", from)], &[moves]), [("n".to_owned(), to.to_owned())], "{from} {moves:?}");
        }
        let chain = [("cluster.a", "cluster.b"), ("cluster.b", "cluster.c")];
        assert_eq!(after(&[("n", "cluster.a")], &chain), [("n".to_owned(), "cluster.c".to_owned())]);
    }

    #[test]
    fn two_never_get_the_same_address() {
        let mut all = living(&[("a", "cluster.a"), ("b", "cluster.b")]);
        let (moved, found) = handover(&[("cluster.a", "cluster.b")]).move_all(&mut all);
        assert!(moved.is_empty() && found.iter().any(|found| found.code == "disco::move_blocked"));
    }

    #[test]
    fn groups_keep_their_names_and_come_back_to_them() {
        let mut all = living(&[("a", "cluster.a")]);
        let named = |label: &str| BTreeMap::from([("burst".to_owned(), label.to_owned())]);
        all.get_mut("a").unwrap().groups = named("burst");
        for _ in 0..2 {
            handover(&[("cluster.a.burst", "cluster.a.extra")]).move_all(&mut all);
            assert_eq!(all["a"].groups, named("extra"));
        }
        handover(&[("cluster.a.extra", "cluster.a.burst")]).move_all(&mut all);
        assert_eq!(all["a"].groups, named("burst"));
        // What is not there is not moved.
        assert!(handover(&[("cluster.a.slaves", "cluster.a.others")]).move_all(&mut all).0.is_empty());
    }
}
