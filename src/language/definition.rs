//! A project's blocks, sorted by kind, and what becomes of them.

use std::collections::BTreeMap;

use super::blocks::{CLUSTER, FILE, LOCALS};
use super::check::twice;
use super::cluster::{ClusterDraft, cluster};
use super::clusters::ClusterInstance;
use super::collisions::collisions;
use super::decode::Decoder;
use super::dynamic::unrolled;
use super::evaluated::{Configured, Evaluated, EvaluationContext};
use super::inputs::{Given, GivenValue, VariableInputs, given, last_of_each};
use super::living;
use super::mention::Mentioned;
use super::names::{duplicate, identifier, plain_name};
use super::order::cluster_references;
use super::output::{OutputValue, output, output_name};
use super::reported::{Decoded, Reported};
use super::schema::blocks;
use super::secrets::{Marks, mask_definitions, mask_inputs};
use super::settings::{Settings, VERSION, settings};
use super::variable::{Unread, Variable, validate, variable_name, variables};
use crate::catalogue::{ClusterContext, Composition, OpenPort, compose, configure, open_ports};
use crate::expression::{FileReader, Kind, NoFiles, Scope, Type, Value};
use crate::model::{ClusterSpec, KnownCluster, Members, ProjectSpec};
use crate::source::{Diagnostic, Diagnostics, Sources};
use crate::syntax::tree::{Attribute, Block, Body, Reading};

/// What all files of a project say, and what was given for its variables.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    pub(super) disco: Option<Block>,
    pub(super) provider: Option<Block>,
    pub(super) variables: BTreeMap<String, Variable>,
    pub(super) locals: BTreeMap<String, Attribute>,
    pub(super) clusters: Vec<Block>,
    /// Clusters whose name another one has: read for what else is wrong with them.
    pub(super) namesakes: Vec<Block>,
    pub(super) outputs: BTreeMap<String, Block>,
    /// Blocks may be missing because files could not be read.
    partial: bool,
}

/// Sorts the blocks of all files of a project, whose order does not matter, and gives variables their values.
///
/// Where parsing the files found errors, something is missing in `bodies`: what may stand there is not missed. Secrets in
/// the texts are masked here.
pub fn read(sources: &Sources, bodies: Vec<Body>, inputs: &VariableInputs) -> (Definition, Diagnostics) {
    let marks = mask_definitions(&bodies, sources);
    mask_inputs(inputs.all_files(), sources);
    let mut diagnostics = Diagnostics::new();
    let mut definition = Definition::default();
    let mut declared: BTreeMap<String, Block> = BTreeMap::new();
    for body in bodies {
        definition.partial |= !body.is_whole();
        if body.reading != Reading::Guessed {
            attributes_are_out_of_place(&body, &mut diagnostics);
        }
        let body = Body { attributes: Vec::new(), ..body };
        let body = unrolled(body, &mut diagnostics);
        FILE.check_words(&body, &mut diagnostics);
        for block in body.blocks {
            let found = &mut diagnostics;
            match &*block.kind.text {
                "disco" => only_one(&mut definition.disco, block, found),
                "provider" => only_one(&mut definition.provider, block, found),
                "variable" => named(&mut declared, variable_name(&block, found), block, "variable", found),
                "output" => named(&mut definition.outputs, output_name(&block, found), block, "output", found),
                "locals" => {
                    definition.partial |= !block.body.is_whole();
                    locals(&mut definition.locals, block, found);
                }
                "cluster" => clusters(&mut definition, block, found),
                _ => {}
            }
        }
    }
    let (given, values_are_whole) = given(inputs, sources, &mut diagnostics);
    let unread = Unread { declarations: definition.partial, values: !values_are_whole };
    mask_given(&given, &marks, sources);
    let given = last_of_each(given);
    let scope = Scope::new(sources, &NoFiles);
    definition.variables = variables(declared.values(), inputs, given, unread, &scope, &mut diagnostics);
    (definition, in_order(diagnostics))
}

/// Masks what files give to sensitive variables, and to variables of which nothing is known.
fn mask_given(given: &[Given], marks: &Marks, sources: &Sources) {
    for one in given {
        if let GivenValue::Expression(expression) = &one.value
            && marks.hide(&one.name)
        {
            sources.mask(expression.span);
        }
    }
}

/// In the order of their places.
fn in_order(diagnostics: Diagnostics) -> Diagnostics {
    let mut all: Vec<Diagnostic> = diagnostics.into_iter().collect();
    all.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.source, span.start)));
    let mut ordered = Diagnostics::new();
    ordered.extend(all);
    ordered
}

fn attributes_are_out_of_place(body: &Body, diagnostics: &mut Diagnostics) {
    for attribute in &body.attributes {
        let name = &attribute.name.text;
        diagnostics.push(
            Diagnostic::error("disco::unknown_attribute", format!("`{name} = …` is outside of any block"))
                .at(attribute.name.span, "must be inside a block")
                .help(format!(
                    "write `locals {{ {name} = … }}` for a value to use elsewhere; set a variable's value in `disco.vars.hcl`"
                )),
        );
    }
}

fn only_one(place: &mut Option<Block>, block: Block, diagnostics: &mut Diagnostics) {
    match place {
        Some(first) => diagnostics.push(twice("a project", &block, first)),
        None => *place = Some(block),
    }
}

fn named(
    all: &mut BTreeMap<String, Block>,
    name: Decoded<String>,
    block: Block,
    what: &str,
    diagnostics: &mut Diagnostics,
) {
    let Ok(name) = name else { return };
    match all.get(&name) {
        Some(first) => diagnostics.push(duplicate(what, &name, block.head, first.head)),
        None => drop(all.insert(name, block)),
    }
}

fn locals(all: &mut BTreeMap<String, Attribute>, block: Block, diagnostics: &mut Diagnostics) {
    let _ = LOCALS.label(&block, diagnostics);
    for inner in &block.body.blocks {
        diagnostics.push(
            Diagnostic::error("disco::unknown_block", "`locals` holds values only, no blocks")
                .at(inner.head, "a block")
                .help(format!("write `{} = {{ … }}` for an object", inner.kind.text)),
        );
    }
    for attribute in block.body.attributes {
        let Ok(name) = identifier(&attribute.name, "a local value", diagnostics) else { continue };
        match all.get(&name) {
            Some(first) => diagnostics.push(duplicate("local value", &name, attribute.name.span, first.name.span)),
            None => drop(all.insert(name, attribute)),
        }
    }
}

fn clusters(definition: &mut Definition, block: Block, diagnostics: &mut Diagnostics) {
    let Ok(label) = CLUSTER.named_label(&block, diagnostics) else { return };
    let Ok(name) = plain_name(label, "a cluster", diagnostics) else { return };
    let has_name = |other: &&Block| other.labels.first().is_some_and(|label| *label.text == *name);
    match definition.clusters.iter().find(has_name) {
        Some(first) => {
            diagnostics.push(duplicate("cluster", &name, block.head, first.head));
            definition.namesakes.push(block);
        }
        None => definition.clusters.push(block),
    }
}

impl Definition {
    /// The provider, the state's path and the catalogues: all that is needed to begin with. What is wrong with them
    /// is said here; [`Definition::evaluate`] says it again, together with everything else.
    pub fn settings(&self, sources: &Sources, reader: &dyn FileReader) -> (Settings, Diagnostics) {
        let scope = self.scope(sources, reader);
        self.define_unknown_clusters(&scope);
        let mut decoder = self.decoder(&scope);
        let settings = settings(self.disco.as_ref(), self.provider.as_ref(), &mut decoder);
        (settings, decoder.diagnostics)
    }

    /// Whether what is given for a variable must never be shown or kept; so too where nothing is known of it.
    pub fn hides(&self, variable: &str) -> bool {
        self.variables.get(variable).is_none_or(|variable| variable.value.contains_secret())
    }

    /// Whether the value of any variable must never be shown or kept.
    pub fn has_secrets(&self) -> bool {
        self.variables.values().any(|variable| variable.value.contains_secret())
    }

    /// The secret texts that variables hold, each with the reference to it: `var.name`, `var.name.key`.
    pub fn secret_texts(&self) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for (name, variable) in &self.variables {
            gather_secrets(&format!("var.{name}"), &variable.value, false, &mut texts);
        }
        texts
    }

    /// Names of the outputs.
    pub fn output_names(&self) -> impl Iterator<Item = &str> {
        self.outputs.keys().map(String::as_str)
    }

    /// Names of the clusters, mistakes in them or not.
    pub fn cluster_names(&self) -> impl Iterator<Item = &str> {
        self.clusters.iter().filter_map(|cluster| cluster.labels.first()).map(|name| &*name.text)
    }

    /// What the project asks for, and everything that is wrong with it.
    pub fn evaluate(
        &self,
        context: EvaluationContext<'_>,
        sources: &Sources,
        reader: &dyn FileReader,
    ) -> (Evaluated, Diagnostics) {
        let catalogue = context.catalogue;
        let scope = self.scope(sources, reader);
        let foreseen = self.define_foreseen_clusters(&scope, context);
        let mut decoder = self.decoder(&scope);
        let Settings { provider, state_path, catalogues, lint: _ } =
            settings(self.disco.as_ref(), self.provider.as_ref(), &mut decoder);
        for local in self.locals.values() {
            let name = &*local.name.text;
            scope.entry("local", name, local.name.span);
            decoder.gather();
        }
        validate(&self.variables, &mut decoder);
        let instances = self.instances(&mut decoder);
        let drafts: Vec<ClusterDraft> = instances.all.iter().map(|one| one.read(catalogue, &mut decoder)).collect();
        collisions(&drafts, &mut decoder.diagnostics);
        for block in &self.namesakes {
            let name = block.labels.first().map(|label| label.text.to_string()).unwrap_or_default();
            cluster(block, &name, catalogue, &mut decoder);
        }
        for (name, block) in &self.outputs {
            let _ = output(name, block, &mut decoder);
        }
        let mut spec =
            ProjectSpec { provider, state_path, catalogues, clusters: BTreeMap::new(), unfinished: Vec::new() };
        let mut clusters = BTreeMap::new();
        for draft in drafts {
            // What the frameworks object to belongs to the mistakes of the definition, be it finished or not.
            if let Some(of) = draft.spec.as_ref().ok().or(draft.sketch.as_ref()) {
                let configured = configured(of, context, &foreseen, sources, &mut decoder.diagnostics);
                clusters.insert(draft.name.clone(), configured);
            }
            match draft.spec {
                Ok(cluster) => {
                    spec.clusters.insert(draft.name, cluster);
                }
                Err(Reported) => spec.unfinished.extend(draft.groups.into_iter().filter_map(|group| group.spec.ok())),
            }
        }
        clusters.retain(|name, _| spec.clusters.contains_key(name));
        let references = instances.references(&cluster_references(&self.clusters, &self.locals));
        (Evaluated { spec, clusters, references }, in_order(decoder.diagnostics))
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
        let scope = self.scope(sources, reader);
        self.define_unknown_clusters(&scope);
        let mentioned = self.mentioned();
        let instances = self.instances(&mut self.decoder(&scope));
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        for one in instances.all.iter().filter(|one| mentioned.has(&one.label)) {
            let Some(spec) = project.clusters.get(&one.name) else { continue };
            let ports = open_ports.get(&one.name).map_or(&[][..], Vec::as_slice);
            let (members, known) = (members.get(&one.name), known.get(&one.name));
            values.insert(one.name.clone(), living::cluster(spec, members, ports, known, one.parts(&mentioned)));
        }
        instances.define(&scope, &values);
        let mut decoder = self.decoder(&scope);
        let outputs = self.outputs.iter().filter_map(|(name, block)| output(name, block, &mut decoder).ok()).collect();
        (outputs, decoder.diagnostics)
    }

    fn decoder<'d, 'a>(&self, scope: &'d Scope<'a>) -> Decoder<'d, 'a> {
        Decoder::new(scope).lenient(self.variables.values().any(|variable| variable.lacks_value))
    }

    /// All names but those of clusters.
    fn scope<'a>(&'a self, sources: &'a Sources, reader: &'a dyn FileReader) -> Scope<'a> {
        let scope = Scope::new(sources, reader);
        if self.partial {
            scope.lacks_names();
        }
        for root in ["var", "local", "cluster"] {
            scope.define_root(root);
        }
        for (name, variable) in &self.variables {
            scope.define_entry("var", name, variable.value.clone());
        }
        for (name, local) in &self.locals {
            scope.define_lazy("local", name, &local.value);
        }
        scope.define("path", Value::object([("project", Value::string("."))]));
        scope.define("disco", Value::object([("version", Value::string(VERSION))]));
        scope.define("workspace", Value::object([("name", Value::string("default"))]));
        scope
    }

    fn define_unknown_clusters(&self, scope: &Scope<'_>) {
        for label in self.clusters.iter().filter_map(|block| block.labels.first()) {
            scope.define_entry("cluster", &label.text, Value::unknown(Type::Any));
        }
    }

    /// The clusters that any expression names.
    pub(crate) fn mentioned(&self) -> Mentioned {
        let mut mentioned = Mentioned::default();
        let single = self.disco.iter().chain(&self.provider).chain(self.outputs.values());
        single.chain(&self.clusters).chain(&self.namesakes).for_each(|block| mentioned.body(&block.body));
        self.locals.values().for_each(|local| mentioned.expression(&local.value));
        self.variables.values().flat_map(Variable::expressions).for_each(|part| mentioned.expression(part));
        mentioned
    }

    /// Clusters may use each other's names, sizes, networks and addresses: each that is named somewhere is read beforehand,
    /// quietly, first without knowing anything of the others, then again with what has become known of them, as long as that
    /// leads further.
    fn define_foreseen_clusters(
        &self,
        scope: &Scope<'_>,
        context: EvaluationContext<'_>,
    ) -> BTreeMap<String, Foreseen> {
        let EvaluationContext { catalogue, known, place, .. } = context;
        let mentioned = self.mentioned();
        let mut foreseen = BTreeMap::new();
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        let nothing = self.scope(scope.sources(), scope.reader());
        self.define_unknown_clusters(&nothing);
        let instances = self.instances(&mut self.decoder(&nothing));
        let mut open: Vec<&ClusterInstance<'_>> =
            instances.all.iter().filter(|one| mentioned.has(&one.label)).collect();
        let mut in_vain = 0;
        while !open.is_empty() && in_vain < PATIENCE {
            let blind = self.scope(scope.sources(), scope.reader());
            self.define_unknown_clusters(&blind);
            instances.define(&blind, &values);
            let before = open.len();
            open.retain(|one| {
                let block = one.block;
                let draft = one.read(catalogue, &mut self.decoder(&blind));
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
                let (composition, problems) = compose(spec, catalogue, scope.sources());
                let ports = open_ports(spec, catalogue, &composition, scope.sources());
                foreseen.insert(draft.name.clone(), Foreseen { spec: spec.clone(), composition, problems });
                let value = living::cluster(spec, Some(&place(spec)), &ports, known, one.parts(&mentioned));
                values.insert(draft.name.clone(), value);
                false
            });
            in_vain = if open.len() < before { 0 } else { in_vain + 1 };
        }
        self.define_unknown_clusters(scope);
        instances.define(scope, &values);
        foreseen
    }
}

/// So many readings in a row that tell no more of any cluster are the last: what is then not known is a mistake, or known
/// only after apply. The first may still tell parts that others need.
const PATIENCE: u32 = 2;

/// A cluster as it was read beforehand, and how its frameworks go together.
struct Foreseen {
    spec: ClusterSpec,
    composition: Composition,
    problems: Diagnostics,
}

/// What its frameworks make of a cluster. Where it reads as was foreseen, they go together as was foreseen.
fn configured(
    spec: &ClusterSpec,
    context: EvaluationContext<'_>,
    foreseen: &BTreeMap<String, Foreseen>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Configured {
    let EvaluationContext { catalogue, facts, .. } = context;
    let (composition, problems) = match foreseen.get(&spec.name).filter(|foreseen| foreseen.spec == *spec) {
        Some(Foreseen { composition, problems, .. }) => (composition.clone(), problems.clone()),
        None => compose(spec, catalogue, sources),
    };
    diagnostics.extend(problems);
    let new = BTreeMap::new();
    let fixed = context.fixed.get(&spec.name).unwrap_or(&new);
    let of = ClusterContext { spec, catalogue, composition: &composition, facts, fixed, sources };
    let (configuration, problems) = configure(of);
    diagnostics.extend(problems);
    Configured { composition, configuration }
}

/// Adds the secret texts and numbers of a value, with what refers to each.
fn gather_secrets(reference: &str, value: &Value, secret: bool, texts: &mut Vec<(String, String)>) {
    let secret = secret || value.is_secret();
    match value.kind() {
        Kind::String(text) if secret => texts.push((reference.to_owned(), (**text).to_owned())),
        Kind::Number(number) if secret => texts.push((reference.to_owned(), number.to_string())),
        _ => {
            for (name, inner) in value.entries().into_iter().flatten() {
                gather_secrets(&format!("{reference}.{name}"), inner, secret, texts);
            }
            for (number, inner) in value.elements().into_iter().flatten().enumerate() {
                gather_secrets(&format!("{reference}[{number}]"), inner, secret, texts);
            }
        }
    }
}
