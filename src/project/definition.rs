//! The project's files as a definition, with the values of its variables.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind, UserFiles};
use super::handover::{called, standing};
use super::modules::Reading;
use super::provisional;
use super::workspace::Workspace;
use super::{Project, Request, VariableArgument};
use crate::catalogue::Catalogue;
use crate::graph;
use crate::language::{
    self, CommandLineVariable, Definition, Evaluated, EvaluationContext, Handover, Settings, VariableInputs,
};
use crate::model::{CloudFacts, ClusterSpec, KnownCluster, StatePlace};
use crate::source::{Diagnostic, Diagnostics, SourceId};
use crate::state::State;
use crate::syntax;

/// All files of a project, read and understood as far as they can be without a cloud.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The blocks.
    pub(super) definition: Definition,
    /// Cloud, state and catalogues; defaults stand for what is wrong.
    pub(super) settings: Settings,
    /// Whether cloud and state can be told.
    pub(super) placed: bool,
    /// SHA-256 over all texts and variables.
    pub(super) digest: String,
    /// What the digest is over, piece by piece.
    pub(super) inputs: Vec<Input>,
    /// The texts of its definitions.
    pub(super) files: Vec<SourceId>,
    /// What it says of clusters that live.
    pub(super) handover: Handover,
    /// The texts of its files of variables.
    pub(super) variable_files: Vec<SourceId>,
    /// The workspace that they are read for.
    pub(super) workspace: Workspace,
}

/// One of the texts that make a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Where it comes from.
    pub(super) kind: InputKind,
    /// File, or variable.
    pub(super) name: String,
    /// The text; that of a file by digest.
    pub(super) text: String,
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InputKind {
    /// A definition, or a file of variables that is read by itself.
    File,
    /// An environment variable.
    Environment,
    /// `--var`
    Variable,
    /// `--var-file`
    VariableFile,
}

impl InputKind {
    /// An input of this kind, for a person.
    pub(super) fn shown(self, name: &str) -> String {
        match self {
            Self::File | Self::VariableFile => name.to_owned(),
            Self::Environment => format!("environment variable {name}"),
            Self::Variable => format!("--var {name}"),
        }
    }

    /// As a saved plan has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Environment => "environment",
            Self::Variable => "variable",
            Self::VariableFile => "variable_file",
        }
    }
}

/// What a command can do without.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MayLack {
    /// Values of variables.
    pub(super) values: bool,
    /// Definitions, where there is a state.
    pub(super) definitions: bool,
}

impl Loaded {
    /// Whether there is a definition at all.
    pub(super) fn is_defined(&self) -> bool {
        self.inputs.iter().any(|input| input.kind == InputKind::File && files::is_definition(&input.name))
    }

    /// The state's path relative to the project, where it is a file.
    pub(super) fn state_path(&self) -> Option<&str> {
        match &self.settings.state {
            StatePlace::Local { path } => Some(path),
            StatePlace::Http(_) | StatePlace::S3(_) | StatePlace::Postgres(_) => None,
        }
    }

    /// Where the state is, for a person.
    pub(super) fn state_shown(&self, directory: &Path) -> String {
        match &self.settings.state {
            StatePlace::Local { path } => files::shown(&directory.join(path)).to_string(),
            StatePlace::Http(place) => place.address.clone(),
            StatePlace::S3(place) => format!("s3://{}/{}", place.bucket, place.key),
            StatePlace::Postgres(place) => format!("{} in PostgreSQL", place.name),
        }
    }
}

impl Project {
    /// Reads all files of the project and what they say about cloud, state and catalogues.
    ///
    /// # Errors
    /// A folder without definitions, files that cannot be read. Mistakes in them are diagnostics.
    pub(super) fn load(&self) -> Result<(Loaded, Diagnostics), Failure> {
        self.load_with(&self.request.variables, MayLack::default())
    }

    /// The same where variables need no values.
    pub(super) fn load_to_check(&self) -> Result<(Loaded, Diagnostics), Failure> {
        self.load_with(&self.request.variables, MayLack { values: true, ..MayLack::default() })
    }

    /// The same where a state may be all there is.
    pub(super) fn load_or_remember(&self) -> Result<(Loaded, Diagnostics), Failure> {
        self.load_with(&self.request.variables, MayLack { definitions: true, ..MayLack::default() })
    }

    /// The same with other variables than those asked for.
    pub(super) fn load_with(
        &self,
        variables: &[VariableArgument],
        may_lack: MayLack,
    ) -> Result<(Loaded, Diagnostics), Failure> {
        let directory = &self.request.directory;
        let workspace = self.workspace()?.clone();
        let names = files::definitions(directory).map_err(|fault| unreadable(directory, &fault))?;
        let names = self.with_edited(names, files::is_definition);
        if names.is_empty() {
            self.require_definition(may_lack.definitions)?;
        }
        let mut reading = Reading::default();
        let bodies = self.read_definitions("", &names, &mut reading);
        let folder = self.read_modules("", bodies, &mut reading);
        let Reading { mut read, files, broken, mut diagnostics, .. } = reading;
        let mut inputs = self.inputs(&workspace, variables, &mut read, &mut diagnostics)?;
        inputs.may_lack = may_lack.values;
        // What a file says that cannot be read is not known: not even what else would be a mistake without it.
        if diagnostics.iter().any(|found| found.code == UNREADABLE) {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        let (definition, found) = language::read(&self.sources, folder, &inputs);
        diagnostics.extend(found);
        let (mut settings, found) = definition.settings(&self.sources, &self.reader());
        if let StatePlace::Local { path } = &mut settings.state {
            *path = workspace.state_path(path);
        }
        let refused = self.request.clouds.team().map(|access| access.refusals(&settings)).unwrap_or_default();
        let placed = !broken && !found.has_errors() && refused.is_empty();
        diagnostics.extend(found);
        diagnostics.extend(refused);
        let (handover, found) = definition.handover(&self.sources, &self.reader());
        diagnostics.extend(found);
        let digest = digest_of(&read);
        let variable_files = inputs.all_files().collect();
        let inputs = read;
        let loaded =
            Loaded { definition, settings, placed, digest, inputs, files, handover, variable_files, workspace };
        Ok((loaded, diagnostics))
    }

    /// The same of texts that are no files of the project, such as one that is about to be written.
    ///
    /// # Errors
    /// Files of variables that cannot be read.
    pub(super) fn load_texts(&self, files: Vec<SourceId>) -> Result<(Loaded, Diagnostics), Failure> {
        let (mut diagnostics, mut read) = (Diagnostics::new(), Vec::new());
        let mut bodies = Vec::new();
        for id in &files {
            let (body, found) = syntax::parse(&self.sources, *id);
            diagnostics.extend(found);
            bodies.push(body);
        }
        let workspace = self.workspace()?.clone();
        let inputs = self.inputs(&workspace, &self.request.variables, &mut read, &mut diagnostics)?;
        let (definition, found) = language::read(&self.sources, bodies, &inputs);
        diagnostics.extend(found);
        let (settings, found) = definition.settings(&self.sources, &self.reader());
        diagnostics.extend(found);
        let placed = !diagnostics.has_errors();
        let digest = digest_of(&read);
        let handover = Handover::default();
        let variable_files = inputs.all_files().collect();
        let inputs = read;
        let loaded =
            Loaded { definition, settings, placed, digest, inputs, files, handover, variable_files, workspace };
        Ok((loaded, diagnostics))
    }

    /// Evaluates the definition as far as it could be read.
    pub(super) fn evaluate(
        &self,
        loaded: &Loaded,
        known: &BTreeMap<String, KnownCluster>,
        facts: &CloudFacts,
        state: Option<&State>,
    ) -> (Evaluated, Catalogue, Diagnostics) {
        let (catalogue, mut diagnostics) = self.catalogue(loaded);
        let (evaluated, found) = self.evaluate_with(&catalogue, loaded, known, facts, state);
        diagnostics.extend(found);
        (evaluated, catalogue, diagnostics)
    }

    /// The same with frameworks that somebody has chosen.
    pub(super) fn evaluate_with(
        &self,
        catalogue: &Catalogue,
        loaded: &Loaded,
        known: &BTreeMap<String, KnownCluster>,
        facts: &CloudFacts,
        state: Option<&State>,
    ) -> (Evaluated, Diagnostics) {
        let most = loaded.settings.provider.most_resources();
        let place = |cluster: &ClusterSpec| {
            let previous = state.and_then(|state| state.clusters.get(&cluster.name));
            let mut members = graph::allocate(cluster, previous.map(|cluster| &cluster.members), most).0;
            provisional::fill(&cluster.name, &mut members);
            members
        };
        let clusters = state.iter().flat_map(|state| &state.clusters);
        let fixed = clusters
            .map(|(name, cluster)| (name.clone(), catalogue.fixed(&cluster.members.fixed, cluster.frameworks.keys())));
        let fixed = fixed.collect();
        let mut called = state.map(called).unwrap_or_default();
        loaded.handover.move_all(&mut called);
        let standing = state.map(standing).unwrap_or_default();
        let context = EvaluationContext {
            catalogue,
            facts,
            known,
            fixed: &fixed,
            called: &called,
            standing: &standing,
            place: &place,
        };
        loaded.definition.evaluate(context, &self.sources, &self.reader())
    }

    pub(super) fn reader(&self) -> UserFiles {
        let Request { directory, home, .. } = &self.request;
        UserFiles { directory: directory.clone(), home: home.clone(), confined: self.is_confined() }
    }

    fn inputs(
        &self,
        workspace: &Workspace,
        variables: &[VariableArgument],
        read: &mut Vec<Input>,
        diagnostics: &mut Diagnostics,
    ) -> Result<VariableInputs, Failure> {
        let directory = &self.request.directory;
        let mut inputs = VariableInputs {
            environment: self.request.environment.clone(),
            verbose: self.request.verbose,
            workspace: workspace.name().map(str::to_owned),
            ..VariableInputs::default()
        };
        for (name, value) in inputs.environment.iter().filter(|(name, _)| name.starts_with("DISCO_VAR_")) {
            read.push(Input { kind: InputKind::Environment, name: name.clone(), text: value.clone() });
        }
        let names = files::variable_files(directory).map_err(|fault| unreadable(directory, &fault))?;
        for name in self.with_edited(names, files::is_variables) {
            inputs.files.extend(self.source(InputKind::File, &name, read, diagnostics));
        }
        if let Some(name) = self.workspace_variables(workspace) {
            inputs.files.extend(self.source(InputKind::File, &name, read, diagnostics));
        }
        for argument in variables {
            let variable = match argument {
                VariableArgument::Assignment(text) => {
                    let whole = text.clone();
                    let (name, value) = text.split_once('=').unwrap_or((text, ""));
                    let (name, text) = (name.trim().to_owned(), value.to_owned());
                    read.push(Input { kind: InputKind::Variable, name, text });
                    Some(CommandLineVariable::Assignment(whole))
                }
                VariableArgument::File(path) => {
                    self.source(InputKind::VariableFile, path, read, diagnostics).map(CommandLineVariable::File)
                }
            };
            inputs.command_line.extend(variable);
        }
        Ok(inputs)
    }

    /// The names with those of texts that count although they are in no file yet.
    fn with_edited(&self, mut names: Vec<String>, belongs: fn(&str) -> bool) -> Vec<String> {
        let new: Vec<&String> = self.texts.keys().filter(|name| belongs(name) && !names.contains(name)).collect();
        if !new.is_empty() {
            names.extend(new.into_iter().cloned());
            names.sort_by_key(|name| (files::variables_order(name), name.clone()));
        }
        names
    }

    /// The name of a file of the project for people.
    pub(super) fn shown(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Reads a text file of the project; `None`, and a mistake, where it cannot be read or is no UTF-8 text.
    pub(super) fn source(
        &self,
        kind: InputKind,
        name: &str,
        read: &mut Vec<Input>,
        diagnostics: &mut Diagnostics,
    ) -> Option<SourceId> {
        let path = self.request.directory.join(name);
        let bytes = match kind {
            _ if self.texts.contains_key(name) => Ok(self.texts[name].clone().into_bytes()),
            // Named by the user, who may well mean a pipe, as a shell makes one of `<(…)`.
            InputKind::VariableFile => files::read_stream(&path),
            _ => files::read_existing(&path),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(fault) => {
                diagnostics.push(unreadable_file(&path, kind, &fault));
                return None;
            }
        };
        let text = format!("{:x}", HexDigest(Sha256::digest(&bytes).as_slice()));
        read.push(Input { kind, name: name.to_owned(), text });
        let if_binary = match kind {
            InputKind::VariableFile => NAME_A_VARIABLE_FILE,
            _ if files::is_definition(name) => "remove or rename it: files of this name are read as definitions",
            _ => "remove or rename it: files of this name are read for values of variables",
        };
        let (id, problem) = self.sources.add_bytes(&self.shown(name), bytes, if_binary);
        let sound = problem.is_none();
        diagnostics.extend(problem);
        sound.then_some(id)
    }
}

/// SHA-256 over everything that a definition is made of.
fn digest_of(inputs: &[Input]) -> String {
    let mut hash = Sha256::new();
    for Input { kind, name, text } in inputs {
        for part in [kind.name(), name, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    format!("{:x}", HexDigest(hash.finalize().as_slice()))
}

/// Code of files of the project that cannot be read.
const UNREADABLE: &str = "disco::unreadable_file";

/// What to do where `--var-file` names something else.
const NAME_A_VARIABLE_FILE: &str = "name a file with lines of `NAME = VALUE`";

/// The mistake that a file of the project is, where its name says that it is one and it cannot be read.
fn unreadable_file(path: &Path, kind: InputKind, fault: &io::Error) -> Diagnostic {
    let shown = files::shown(path);
    let found = files::kind(path);
    let message = match &found {
        Ok(FileKind::Ordinary) | Err(_) => format!("`{shown}` cannot be read: {fault}"),
        Ok(FileKind::Pipe | FileKind::Device) if kind == InputKind::VariableFile => {
            format!("`{shown}` cannot be read: {fault}")
        }
        Ok(other) => format!("`{shown}` {other}"),
    };
    let help = match &found {
        Ok(FileKind::Dangling(_)) => format!("bring back what it points to, or remove the link: rm {shown}"),
        Ok(FileKind::Nothing) => "name a file that exists".to_owned(),
        Ok(FileKind::Ordinary) if fault.kind() == io::ErrorKind::PermissionDenied => {
            format!("allow reading it: chmod u+r {shown}")
        }
        Ok(FileKind::Ordinary) | Err(_) => "fix that, then run again".to_owned(),
        Ok(_) if kind == InputKind::VariableFile => NAME_A_VARIABLE_FILE.to_owned(),
        Ok(_) => "give it another name, or move it out of the project's folder".to_owned(),
    };
    Diagnostic::error(UNREADABLE, message).help(help)
}

pub(super) fn unreadable(path: &Path, fault: &io::Error) -> Failure {
    Failure::new(FailureKind::Definition, format!("cannot read `{}`", path.display())).because(fault)
}

/// Bytes as lower-case hex digits.
struct HexDigest<'a>(&'a [u8]);

impl std::fmt::LowerHex for HexDigest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
