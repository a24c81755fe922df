//! What a definition comes to.

use std::collections::{BTreeMap, BTreeSet};

use super::Definition;
use super::blocks::ModuleAttributes;
use super::cluster::{ClusterDraft, Naming, cluster};
use super::clusters::{Addressed, Clusters, Named, addressed, clusters};
use super::collisions::collisions;
use super::condition::check;
use super::definition::in_order;
use super::depends_on::depends_on;
use super::evaluated::{Configured, Evaluated, EvaluationContext};
use super::ipv6::containers_without_ipv6;
use super::living;
use super::mention::{Mentioned, Parts};
use super::moved::read_handover;
use super::order::cluster_references;
use super::output::{OutputValue, output};
use super::reported::Reported;
use super::schema::blocks;
use super::settings::{Settings, settings};
use super::space::{Foreknown, ModulePath, Space};
use super::variable::validate;
use crate::catalogue::{ClusterContext, Composition, OpenPort, compose, configure, open_ports, told_additions};
use crate::expression::{FileReader, Value};
use crate::model::{Called, ClusterSpec, KnownCluster, Members, ProjectSpec};
use crate::source::{Diagnostics, Sources};

/// The clusters of each space.
type ClustersBySpace<'d> = BTreeMap<ModulePath, Clusters<'d>>;

impl Definition {
    /// What the project asks for, and everything that is wrong with it.
    pub fn evaluate(
        &self,
        context: EvaluationContext<'_>,
        sources: &Sources,
        reader: &dyn FileReader,
    ) -> (Evaluated, Diagnostics) {
        let catalogue = context.catalogue;
        let foreseen = self.foreseen(context, sources, reader);
        let foreknown = Foreknown { clusters: &foreseen.clusters, values: &foreseen.values };
        let (spaces, mut diagnostics) = self.spaces(Some(&foreknown), sources, reader);
        let mut root = Settings::default();
        for space in &spaces {
            let mut decoder = self.decoder(&space.scope);
            let contents = space.contents;
            if space.caller.is_none() {
                root = settings(contents.disco.as_ref(), contents.provider.as_ref(), &mut decoder);
            }
            for local in contents.locals.values() {
                let name = &*local.name.text;
                space.scope.entry("local", name, local.name.span);
                decoder.gather();
            }
            match space.caller {
                None => validate(&self.variables, &mut decoder),
                Some(_) => validate(&space.variables(&mut decoder), &mut decoder),
            }
            diagnostics.extend(space.placed(decoder.diagnostics));
        }
        let (clusters, found) = self.clusters(&spaces, context.called);
        diagnostics.extend(found);
        let mut drafts: Vec<ClusterDraft> = Vec::new();
        for space in &spaces {
            let mut decoder = self.decoder(&space.scope);
            for one in clusters.get(&space.path).into_iter().flat_map(|clusters| &clusters.all) {
                let mut draft = one.read(context, &mut decoder);
                draft.complete(catalogue, sources);
                drafts.push(draft);
            }
            for block in &space.contents.namesakes {
                let name = block.labels.first().map(|label| label.text.to_string()).unwrap_or_default();
                let named = Naming { name: &name, called: &Called::default(), standing: None };
                cluster(block, named, catalogue, &mut decoder);
            }
            for (name, block) in &space.contents.outputs {
                let _ = output(name, block, &mut decoder);
            }
            for (name, block) in &space.contents.checks {
                check(name, block, &mut decoder);
            }
            for module in space.contents.modules.values() {
                depends_on(&module.call, &ModuleAttributes::ALL.depends_on, &mut decoder);
            }
            diagnostics.extend(space.placed(decoder.diagnostics));
        }
        collisions(&drafts, &mut diagnostics);
        containers_without_ipv6(&root.provider, &drafts, &mut diagnostics);
        let Settings { provider, catalogues, state: _, encryption: _, lint: _ } = root;
        let mut spec = ProjectSpec { provider, catalogues, clusters: BTreeMap::new(), unfinished: Vec::new() };
        let mut made = BTreeMap::new();
        for draft in drafts {
            // What the frameworks object to belongs to the mistakes of the definition, be it finished or not.
            if let Some(of) = draft.spec.as_ref().ok().or(draft.sketch.as_ref()) {
                let configured = configured(of, context, &foreseen.read, sources, &mut diagnostics);
                made.insert(draft.name.clone(), configured);
            }
            match draft.spec {
                Ok(cluster) => {
                    spec.clusters.insert(draft.name, cluster);
                }
                Err(Reported) => spec.unfinished.extend(draft.groups.into_iter().filter_map(|group| group.spec.ok())),
            }
        }
        made.retain(|name, _| spec.clusters.contains_key(name));
        let (references, found) = cluster_references(&spaces, &clusters);
        diagnostics.extend(found);
        diagnostics.extend(self.handed_over(&spaces, &clusters));
        (Evaluated { spec, clusters: made, references }, in_order(diagnostics))
    }

    /// The outputs, once it is decided which nodes there are. `members`, `open_ports` and `known` are by cluster.
    pub fn outputs(
        &self,
        project: &ProjectSpec,
        members: &BTreeMap<String, Members>,
        open_ports: &BTreeMap<String, Vec<OpenPort>>,
        known: &BTreeMap<String, KnownCluster>,
        sources: &Sources,
        reader: &dyn FileReader,
    ) -> (Vec<OutputValue>, Diagnostics) {
        let spaces = self.living_spaces(false, Living { project, members, open_ports, known }, sources, reader);
        let Some(root) = spaces.first() else { return (Vec::new(), Diagnostics::new()) };
        let mut decoder = self.decoder(&root.scope);
        let blocks = self.contents.outputs.iter();
        let outputs = blocks.filter_map(|(name, block)| output(name, block, &mut decoder).ok()).collect();
        let mut diagnostics = decoder.diagnostics;
        for space in &spaces {
            let mut decoder = self.decoder(&space.scope);
            for (name, block) in &space.contents.checks {
                check(name, block, &mut decoder);
            }
            diagnostics.extend(space.placed(decoder.diagnostics));
        }
        (outputs, diagnostics)
    }

    /// What is wrong with `moved`, `removed` and `import` blocks, also with what they say beside what is defined.
    fn handed_over(&self, spaces: &[Space<'_>], clusters: &ClustersBySpace<'_>) -> Diagnostics {
        let all = clusters.values().flat_map(|clusters| &clusters.all);
        let defined: Vec<&str> = all.filter_map(|one| one.called.address.as_deref()).collect();
        let mut diagnostics = Diagnostics::new();
        for space in spaces {
            let mut decoder = self.decoder(&space.scope);
            let handover = read_handover(space, &mut decoder);
            let mut found = decoder.diagnostics;
            found.extend(handover.contradictions(&defined));
            diagnostics.extend(space.placed(found));
        }
        diagnostics
    }

    /// All names, those of clusters with what there is to say of them once it is decided which nodes there are.
    ///
    /// `all`: of clusters that no expression names, too.
    pub(super) fn living_spaces<'a>(
        &'a self,
        all: bool,
        of: Living<'_>,
        sources: &'a Sources,
        reader: &'a dyn FileReader,
    ) -> Vec<Space<'a>> {
        let Living { project, members, open_ports, known } = of;
        let (blind, _) = self.spaces(None, sources, reader);
        let called = project.clusters.iter().map(|(name, spec)| (name.clone(), spec.called.clone())).collect();
        let (clusters, _) = self.clusters(&blind, &called);
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        for (space, mentioned) in with_mentioned(&blind) {
            let of_space = clusters.get(&space.path).into_iter().flat_map(|clusters| &clusters.all);
            let mentioned = if all { Mentioned::everything() } else { mentioned };
            for one in of_space.filter(|one| mentioned.has(&one.label)) {
                let Some(spec) = project.clusters.get(&one.name) else { continue };
                let ports = open_ports.get(&one.name).map_or(&[][..], Vec::as_slice);
                let (members, known) = (members.get(&one.name), known.get(&one.name));
                values.insert(one.name.clone(), living::cluster(spec, members, ports, known, one.parts(&mentioned)));
            }
        }
        self.spaces(Some(&Foreknown { clusters: &clusters, values: &values }), sources, reader).0
    }

    /// Names of the clusters, mistakes in them or not, that they get where none of them lives; of those of which it cannot be
    /// told how many there are, what their blocks are called.
    pub fn cluster_names(&self, sources: &Sources, reader: &dyn FileReader) -> Vec<String> {
        let (spaces, _) = self.spaces(None, sources, reader);
        let (clusters, _) = self.clusters(&spaces, &BTreeMap::new());
        let mut names = Vec::new();
        for space in &spaces {
            let all = clusters.get(&space.path).map_or(&[][..], |clusters| &clusters.all);
            names.extend(all.iter().map(|one| one.name.clone()));
            let labels = space.contents.clusters.iter().filter_map(|block| block.labels.first());
            let untold = labels.filter(|label| all.iter().all(|one| one.label != label.text));
            names.extend(untold.map(|label| space.path.cluster_name(&label.text)));
        }
        names
    }

    /// Names of the clusters that expressions of the project name: what is said of others need not be told.
    pub(crate) fn mentioned_clusters(
        &self,
        project: &ProjectSpec,
        sources: &Sources,
        reader: &dyn FileReader,
    ) -> BTreeSet<String> {
        let (spaces, _) = self.spaces(None, sources, reader);
        let called = project.clusters.iter().map(|(name, spec)| (name.clone(), spec.called.clone())).collect();
        let (clusters, _) = self.clusters(&spaces, &called);
        let mut names = BTreeSet::new();
        for (space, mentioned) in with_mentioned(&spaces) {
            let of_space = clusters.get(&space.path).into_iter().flat_map(|clusters| &clusters.all);
            names.extend(of_space.filter(|one| mentioned.has(&one.label)).map(|one| one.name.clone()));
        }
        names
    }

    /// The clusters of all spaces. Names of which two have the same are reported.
    fn clusters<'d>(
        &self,
        spaces: &[Space<'d>],
        living: &BTreeMap<String, Called>,
    ) -> (ClustersBySpace<'d>, Diagnostics) {
        let mut firsts = BTreeMap::new();
        let mut diagnostics = Diagnostics::new();
        let mut all = BTreeMap::new();
        let addressed = spaces.iter().map(|space| {
            let mut decoder = self.decoder(&space.scope);
            let blocks = addressed(space, &mut decoder);
            (space, blocks, decoder.diagnostics)
        });
        let addressed: Vec<_> = addressed.collect();
        let defined = addressed.iter().flat_map(|(_, blocks, _)| blocks.iter().flat_map(Addressed::addresses).cloned());
        let defined: BTreeSet<String> = defined.collect();
        let named = Named { living, defined: &defined };
        for (space, blocks, mut found) in addressed {
            let clusters = clusters(space, blocks, named, &mut firsts, &mut found);
            diagnostics.extend(space.placed(found));
            all.insert(space.path.clone(), clusters);
        }
        (all, diagnostics)
    }

    /// Clusters may use each other's names, sizes, networks and addresses: each that is named somewhere is read beforehand,
    /// quietly, first without knowing anything of the others, then again with what has become known of them, as long as that
    /// leads further.
    fn foreseen<'d>(
        &'d self,
        context: EvaluationContext<'_>,
        sources: &'d Sources,
        reader: &'d dyn FileReader,
    ) -> Foreseen<'d> {
        let EvaluationContext { catalogue, known, place, .. } = context;
        let mut read = BTreeMap::new();
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        let (blind, _) = self.spaces(None, sources, reader);
        let (clusters, _) = self.clusters(&blind, context.called);
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mentioned: Vec<Mentioned> = with_mentioned(&blind).map(|(_, mentioned)| mentioned).collect();
        let of_space = |at: usize| blind.get(at).and_then(|space| clusters.get(&space.path));
        for (at, mentioned) in mentioned.iter().enumerate() {
            let all = of_space(at).into_iter().flat_map(|clusters| clusters.all.iter().enumerate());
            open.extend(all.filter(|(_, one)| mentioned.has(&one.label)).map(|(number, _)| (at, number)));
        }
        let mut in_vain = 0;
        while !open.is_empty() && in_vain < PATIENCE {
            let (spaces, _) = self.spaces(Some(&Foreknown { clusters: &clusters, values: &values }), sources, reader);
            let before = open.len();
            open.retain(|(at, number)| {
                let one = of_space(*at).and_then(|clusters| clusters.all.get(*number));
                // A module of which there are now others: what is in it is read when all is.
                let (Some(one), Some(space)) = (one, spaces.get(*at)) else { return false };
                let block = one.block;
                let mut draft = one.read(context, &mut self.decoder(&space.scope));
                draft.complete(catalogue, sources);
                let known = known.get(&draft.name);
                let Ok(spec) = &draft.spec else {
                    // As far as the frameworks can be told.
                    let frameworks: Vec<_> = blocks(&block.body, "framework")
                        .filter_map(|block| catalogue.framework(&block.labels.first()?.text))
                        .collect();
                    let placed = draft.nodes_only().map(|spec| place(&spec));
                    values.insert(draft.name.clone(), living::foreseen(&draft, &frameworks, known, placed.as_ref()));
                    return true;
                };
                let (composition, problems) = compose(spec, catalogue, sources);
                let ports = open_ports(spec, catalogue, &composition, sources);
                read.insert(draft.name.clone(), ReadBefore { spec: spec.clone(), composition, problems });
                let named = mentioned.get(*at).map_or(&Parts::All, |mentioned| one.parts(mentioned));
                let value = living::cluster(spec, Some(&place(spec)), &ports, known, named);
                values.insert(draft.name.clone(), value);
                false
            });
            in_vain = if open.len() < before { 0 } else { in_vain + 1 };
        }
        Foreseen { read, values, clusters }
    }
}

/// What is decided of clusters: what is wanted, and by cluster which nodes there are, what users may be let in on, and what
/// is known of those that live.
#[derive(Clone, Copy)]
pub(super) struct Living<'l> {
    pub(super) project: &'l ProjectSpec,
    pub(super) members: &'l BTreeMap<String, Members>,
    pub(super) open_ports: &'l BTreeMap<String, Vec<OpenPort>>,
    pub(super) known: &'l BTreeMap<String, KnownCluster>,
}

/// Each space with what its expressions name.
fn with_mentioned<'s, 'd>(spaces: &'s [Space<'d>]) -> impl Iterator<Item = (&'s Space<'d>, Mentioned)> {
    spaces.iter().map(|space| (space, space.contents.mentioned()))
}

/// What clusters show to each other, as far as that is known beforehand.
struct Foreseen<'d> {
    /// Those that could be read.
    read: BTreeMap<String, ReadBefore>,
    /// What expressions see of them, by name.
    values: BTreeMap<String, Value>,
    clusters: ClustersBySpace<'d>,
}

/// So many readings in a row that tell no more of any cluster are the last: what is then not known is a mistake, or known
/// only after apply. The first may still tell parts that others need.
const PATIENCE: u32 = 2;

/// A cluster as it was read beforehand, and how its frameworks go together.
struct ReadBefore {
    spec: ClusterSpec,
    composition: Composition,
    problems: Diagnostics,
}

/// What its frameworks make of a cluster. Where it reads as was foreseen, they go together as was foreseen.
fn configured(
    spec: &ClusterSpec,
    context: EvaluationContext<'_>,
    foreseen: &BTreeMap<String, ReadBefore>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Configured {
    let EvaluationContext { catalogue, facts, .. } = context;
    let (composition, problems) = match foreseen.get(&spec.name).filter(|foreseen| foreseen.spec == *spec) {
        Some(ReadBefore { composition, problems, .. }) => (composition.clone(), problems.clone()),
        None => compose(spec, catalogue, sources),
    };
    diagnostics.extend(problems);
    diagnostics.extend(told_additions(spec));
    let new = BTreeMap::new();
    let fixed = context.fixed.get(&spec.name).unwrap_or(&new);
    let of = ClusterContext { spec, catalogue, composition: &composition, facts, fixed, sources };
    let (configuration, problems) = configure(of);
    diagnostics.extend(problems);
    Configured { composition, configuration }
}
