//! Plans in files: `plan --out FILE` writes one, `apply FILE` carries out exactly that, or refuses.
//!
//! A saved plan is the plan's JSON with the templates of its steps and with everything that it was made from. Secrets are
//! in it as salted digests only. To apply it, the same is planned again, from the sources as they are then: what comes
//! out has to be the same to the last byte.

use std::collections::BTreeSet;
use std::path::Path;

use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::compile::has_secrets;
use super::definition::{Input, InputKind, Loaded};
use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use super::operation::PLANS;
use super::planned::Planned;
use super::scope::ScopeRequest;
use super::store::{Cipher, PLAN, StateStore, is_sealed, is_sealed_plan, open};
use super::workspace::{self, Workspace};
use super::{FOLDER, Operation, Project, VariableArgument};
use crate::plan::Plan;
use crate::report::{self, PlanCloud, PlanInput, PlanInputText, PlanOrigin, SavedPlanFormat};
use crate::source::Sources;
use crate::state::{Author, State, salted_digest};

/// The newest format that is read.
const FORMAT: &str = "1.1";

/// What the names of environment variables begin with that are values of variables.
const ENVIRONMENT: &str = "DISCO_VAR_";

/// What is compared between the plan as saved and as made again.
const BINDING: [&str; 3] = ["changes", "steps", "outputs"];

/// The same for a plan that was made offline.
const OFFLINE_BINDING: [&str; 2] = ["changes", "outputs"];

/// A plan that was read from a file.
#[derive(Clone, Debug)]
pub struct SavedPlan {
    document: Json,
    format: SavedPlanFormat,
}

impl SavedPlan {
    /// What it says would change.
    pub(super) fn changes(&self) -> &[Json] {
        self.document["changes"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn read(path: &Path, cipher: impl Fn() -> Result<Option<Cipher>, Failure>) -> Result<Self, Failure> {
        let shown = files::shown(path);
        let unreadable = || Failure::new(FailureKind::Definition, format!("cannot read `{shown}`"));
        let found = files::kind(path).map_err(|fault| unreadable().because(&fault))?;
        if found != FileKind::Ordinary {
            return Err(Failure::new(FailureKind::Definition, format!("`{shown}` {found}"))
                .help("name a file written by `disco plan --out FILE`"));
        }
        let bytes = files::read_existing(path).map_err(|fault| unreadable().because(&fault))?;
        let foreign = || {
            Failure::new(FailureKind::Definition, format!("`{shown}` is not a plan of DISCO"))
                .help("name a file written by `disco plan --out FILE`")
        };
        let bytes = if is_sealed(&bytes) {
            open(cipher()?.as_ref(), bytes, Some(PLAN))
                .map_err(|fault| unreadable().because(&fault).help(fault.help()))?
        } else {
            bytes
        };
        let document: Json = serde_json::from_slice(&bytes).map_err(|fault| foreign().because(&fault))?;
        let text = |name: &str| document.get(name).and_then(Json::as_str);
        match (text("disco_plan"), document.get("made_from")) {
            (Some(format), made_from) => match SavedPlanFormat::parse(format) {
                Some(format) if made_from.is_some() => Ok(Self { document, format }),
                Some(_) => Err(foreign()),
                None => Err(Failure::new(
                    FailureKind::Definition,
                    format!("`{shown}` is a plan of format {format}, this DISCO reads up to {FORMAT}"),
                )
                .help("run `disco plan` again with this version, or apply the plan with the version that made it")),
            },
            _ => Err(foreign()),
        }
    }

    /// The workspace that it is for; `None` is the default one.
    pub fn workspace(&self) -> Option<&str> {
        self.document["workspace"].as_str()
    }

    /// Refuses a plan of another workspace than the one that is worked on, `here`.
    pub(super) fn require_workspace(&self, here: &Workspace) -> Result<(), Failure> {
        if self.workspace() == here.name() {
            return Ok(());
        }
        let (of, here) = (self.workspace().unwrap_or(workspace::DEFAULT), here.word());
        Err(Failure::new(FailureKind::Refused, format!("the saved plan is for workspace `{of}`, this is `{here}`"))
            .help(format!("select its workspace: disco workspace select {of}")))
    }

    /// Whether everything is to go.
    pub fn destroys(&self) -> bool {
        self.document["made_from"]["destroy"] == true
    }

    /// Whether the plan was made to lose stored data where it has to.
    pub fn accepts_data_loss(&self) -> bool {
        self.document["made_from"]["accept_data_loss"] == true
    }

    /// Who leaves where a group becomes smaller, by address.
    pub(super) fn victims(&self) -> Vec<String> {
        let words = self.document["made_from"]["victims"].as_array().into_iter().flatten();
        words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
    }

    /// What it is about, and what it replaces.
    pub(super) fn scope(&self) -> ScopeRequest {
        let words = |name: &str| {
            let words = self.document["made_from"][name].as_array().into_iter().flatten();
            words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        ScopeRequest { targets: words("targets"), excluded: words("excluded"), replaced: words("replaced") }
    }

    /// How its digests are salted.
    pub(super) fn format(&self) -> SavedPlanFormat {
        self.format
    }

    /// The lineage of the state that it was made from, or of the one that it begins.
    pub fn lineage(&self) -> &str {
        self.document["base"]["lineage"].as_str().unwrap_or_default()
    }

    /// The plan as it was shown.
    pub fn drawing(&self) -> &str {
        self.document["drawing"].as_str().unwrap_or_default()
    }

    /// The plan as a comment of a pull request.
    ///
    /// # Errors
    /// A version of DISCO has written it that kept none.
    pub fn comment(&self) -> Result<&str, Failure> {
        self.document["comment"].as_str().ok_or_else(|| {
            Failure::new(FailureKind::Refused, "the plan was saved by a version of DISCO that kept no Markdown of it")
                .help("make another plan with `disco plan --out FILE`")
        })
    }

    /// The plan for programs.
    pub fn document(&self) -> &Json {
        &self.document
    }

    pub(super) fn inputs(&self) -> &[Json] {
        self.document["made_from"]["inputs"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// The variables that the plan was made with, in order, and after them what is `given` beside. The values of secret
    /// ones are not kept: they are taken from what is given now, or from the environment. Whether all of it comes to the
    /// same plan is found when it is made again.
    pub(super) fn variables(
        &self,
        given: &[VariableArgument],
        environment: &[(String, String)],
    ) -> Result<Vec<VariableArgument>, Failure> {
        let mut unused: Vec<&VariableArgument> = given.iter().collect();
        let mut take = |wanted: &dyn Fn(&VariableArgument) -> bool| {
            let at = unused.iter().position(|argument| wanted(argument))?;
            Some(unused.remove(at).clone())
        };
        let mut variables = Vec::new();
        for input in self.inputs() {
            let text = |name: &str| input.get(name).and_then(Json::as_str);
            let name = text("name").unwrap_or_default();
            match (text("kind"), text("value")) {
                (Some("variable"), Some(value)) => {
                    let argument = VariableArgument::Assignment(format!("{name}={value}"));
                    take(&|given| *given == argument);
                    variables.push(argument);
                }
                (Some("variable"), None) => {
                    let of = |argument: &VariableArgument| matches!(argument, VariableArgument::Assignment(text) if text.split('=').next().map(str::trim) == Some(name));
                    let variable = format!("{ENVIRONMENT}{name}");
                    let from_environment = || {
                        let (_, value) = environment.iter().find(|(known, _)| *known == variable)?;
                        Some(VariableArgument::Assignment(format!("{name}={value}")))
                    };
                    variables.push(take(&of).or_else(from_environment).ok_or_else(|| {
                        let message = format!("variable `{name}` is secret, so the plan does not have its value");
                        Failure::new(FailureKind::Refused, message)
                            .help(format!("add `--var {name}=…`, or set {variable}"))
                    })?);
                }
                (Some("variable_file"), _) => {
                    let argument = VariableArgument::File(name.to_owned());
                    take(&|given| *given == argument);
                    variables.push(argument);
                }
                _ => {}
            }
        }
        variables.extend(unused.into_iter().cloned());
        Ok(variables)
    }
}

impl Project {
    /// Reads a plan's file; the path is relative to the project.
    ///
    /// # Errors
    /// A file that cannot be read or is no plan.
    pub fn saved_plan(&self, path: &Path) -> Result<SavedPlan, Failure> {
        SavedPlan::read(&self.directory().join(path), || {
            let (loaded, diagnostics) = self.load_or_remember()?;
            if loaded.placed {
                Ok(self.cipher(&loaded))
            } else {
                Err(Failure::of(FailureKind::Definition, diagnostics))
            }
        })
    }

    /// Refuses a path that a plan cannot be written to, before one is made. It is relative to the project.
    ///
    /// # Errors
    /// A folder that does not exist, something at the path that is neither empty nor an older plan.
    pub fn check_plan_path(&self, path: &Path) -> Result<(), Failure> {
        refuse_place(&self.directory().join(path))
    }
}

/// Refuses a path at which something is that a plan must not take the place of: whatever is not an ordinary file, and
/// files that are neither empty nor an older plan.
///
/// # Errors
/// That, with the way out.
pub(super) fn refuse_place(path: &Path) -> Result<(), Failure> {
    let shown = files::shown(path);
    let refused = |why: String| {
        Failure::new(FailureKind::Definition, format!("cannot write the plan to `{shown}`: {why}"))
            .help("name a file that does not exist yet, or an older plan")
    };
    // What DISCO keeps for itself there is locked, or read back, by its name.
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_kept = files::folder_of(path).ends_with(Path::new(FOLDER).join(PLANS));
    if !is_kept && path.components().any(|part| part.as_os_str() == FOLDER) {
        return Err(refused(format!("{FOLDER} is DISCO's own folder")));
    }
    let is_read = files::is_definition(&name) || files::is_variables(&name);
    let read_by_name = "a file of that name is read as a definition or as variables".to_owned();
    let folder = || files::require_folder(files::folder_of(path)).map_err(|fault| fault.to_string());
    match files::kind(path).map_err(|fault| refused(fault.to_string()))? {
        FileKind::Nothing if is_read => Err(refused(read_by_name)),
        FileKind::Nothing => folder()
            .map_err(|why| refused(why).help(format!("create it: mkdir -p {}", files::folder_of(path).display()))),
        FileKind::Ordinary => match files::read_existing(path) {
            Ok(bytes) if bytes.is_empty() && is_read => Err(refused(read_by_name)),
            Ok(bytes) if bytes.is_empty() || is_plan(&bytes) => Ok(()),
            Ok(_) => Err(refused("it is a file that is not a plan of DISCO".to_owned())),
            Err(fault) => Err(refused(fault.to_string())),
        },
        other => Err(refused(format!("it {other}"))),
    }
}

/// Whether these are the bytes of a saved plan, of any format.
pub(super) fn is_plan(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Marks {
        #[serde(rename = "disco_plan")]
        _format: String,
        #[serde(rename = "made_from")]
        _origin: IgnoredAny,
    }
    is_sealed_plan(bytes) || serde_json::from_slice::<Marks>(bytes).is_ok()
}

/// Writes a plan to a file, aside and then renamed.
///
/// # Errors
/// A plan that cannot be kept, a file that cannot be written, something that must not be replaced.
pub(super) fn write(path: &Path, document: &Json, cipher: Option<&Cipher>) -> Result<(), Failure> {
    refuse_place(path)?;
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    let failed = |fault: &dyn std::error::Error| {
        Failure::new(FailureKind::Definition, format!("cannot write `{}`", path.display())).because(fault)
    };
    let bytes = match cipher {
        Some(cipher) => {
            let lineage = document["base"]["lineage"].as_str().unwrap_or_default();
            let serial = document["base"]["serial"].as_u64().unwrap_or_default();
            cipher.seal(text.as_bytes(), lineage, serial, Some(PLAN)).map_err(|fault| failed(&fault))?
        }
        None => text.into_bytes(),
    };
    files::write(path, &bytes).map(drop).map_err(|fault| failed(&fault))
}

/// Everything that a plan's file has.
pub(super) fn document(
    planned: &Planned,
    loaded: &Loaded,
    destroys: bool,
    format: SavedPlanFormat,
    sources: &Sources,
) -> Json {
    let salt = format.salt(&planned.state);
    let inputs = loaded.inputs.iter().map(|Input { kind, name, text }| PlanInput {
        kind: kind.name(),
        name: name.clone(),
        text: match kind {
            InputKind::Variable if !loaded.definition.hides(name) => PlanInputText::Value(text.clone()),
            _ => PlanInputText::Digest(salted_digest(salt, name, text)),
        },
    });
    let origin = PlanOrigin {
        destroy: destroys,
        accept_data_loss: planned.accept_data_loss,
        victims: planned.victims.addresses(),
        targets: planned.scope.targets.clone(),
        excluded: planned.scope.excluded.clone(),
        replaced: planned.scope.replaced.clone(),
        cloud: planned.state.cloud.as_ref().map_or(PlanCloud::Local, PlanCloud::from),
        inputs: inputs.collect(),
    };
    report::saved_plan_json(&planned.plan, &origin, format, &planned.state, &planned.warnings, sources)
}

/// Keeps a plan in a file. `is_new` says that there is no state yet.
pub(super) async fn keep(
    project: &Project,
    store: &StateStore,
    is_new: bool,
    planned: &Planned,
    loaded: &Loaded,
    operation: Operation,
    path: &Path,
) -> Result<(), Failure> {
    refuse(&planned.plan)?;
    let of_state = store.file().and_then(|file| files::target(file).ok());
    if of_state.is_some() && files::target(&project.directory().join(path)).ok() == of_state {
        let message = format!("cannot write the plan to `{}`: the state is kept there", files::shown(path));
        return Err(Failure::new(FailureKind::Definition, message).help("name another file"));
    }
    // Secrets are told and named by the state's salt, which has to be there when the plan is applied.
    let secretive = is_secretive(planned, loaded);
    if is_new && secretive {
        store.save(&planned.state).await.map_err(|fault| store.unwritable(&fault))?;
    }
    let format = if secretive || !is_new { SavedPlanFormat::Salt } else { SavedPlanFormat::Lineage };
    let document = document(planned, loaded, operation.destroys(), format, project.sources());
    write(&project.directory().join(path), &document, store.cipher())
}

/// Whether the file of a plan would hold digests of what nobody may guess: of secrets in templates, of variables that are
/// sensitive or not declared, of the files that give sensitive ones their values.
pub(super) fn is_secretive(planned: &Planned, loaded: &Loaded) -> bool {
    let in_templates = || planned.made.iter().flat_map(|made| made.clusters.values()).any(has_secrets);
    let undeclared = |input: &Input| match input.kind {
        InputKind::Environment => loaded.definition.hides(input.name.trim_start_matches(ENVIRONMENT)),
        InputKind::Variable => loaded.definition.hides(&input.name),
        InputKind::File | InputKind::VariableFile => false,
    };
    loaded.definition.has_secrets() || loaded.inputs.iter().any(undeclared) || in_templates()
}

/// The refusal of a plan whose state, which keeps its salt, does not exist any more.
pub(super) fn without_state(shown: &str) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("the saved plan is stale: `{shown}`, which it was made from, does not exist"),
    )
    .help(format!("put {shown} back, or make another plan with `disco plan --out FILE`"))
}

/// The refusal of a saved plan that does not fit any more.
pub(super) fn stale(why: &str) -> Failure {
    Failure::new(FailureKind::Refused, format!("the saved plan is stale: {why}"))
        .help("look at what has changed, and write another plan with `disco plan --out FILE`")
}

/// Refuses a saved plan that was made from another state than the one that there is.
///
/// # Errors
/// What has changed since, and by whom.
pub(super) fn check_state(saved: &SavedPlan, state: &State) -> Result<(), Failure> {
    check_base(saved, &serde_json::json!({"lineage": state.lineage, "serial": state.serial}), state)
}

fn check_base(saved: &SavedPlan, now: &Json, state: &State) -> Result<(), Failure> {
    let base = &saved.document["base"];
    if base["lineage"] != now["lineage"] {
        return Err(stale("it was made from the state of another project"));
    }
    if base["serial"] != now["serial"] {
        let by = state.last.as_ref().map(Author::to_string).map(|by| format!(", last by {by}")).unwrap_or_default();
        let (before, after) = (&base["serial"], &now["serial"]);
        return Err(stale(&format!("the state was changed since (serial {before} → {after}{by})")));
    }
    Ok(())
}

/// Refuses a saved plan that is not, to the last byte, what is planned now.
///
/// # Errors
/// What has changed since, and by whom.
pub(super) fn check(saved: &SavedPlan, now: &Json, state: &State) -> Result<(), Failure> {
    let refused = |why: String| stale(&why);
    check_base(saved, &now["base"], state)?;
    if let Some(why) = another_cloud(&saved.document["made_from"]["cloud"], &now["made_from"]["cloud"]) {
        return Err(refused(why));
    }
    // How steps are taken is not known before the cloud was asked.
    let binding = if saved.document["observed"] == Json::Bool(false) { &OFFLINE_BINDING[..] } else { &BINDING };
    let same = binding.iter().all(|part| saved.document[part] == now[part]);
    let inputs = now["made_from"]["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
    // The same value by another way is no change; which way it was shows where it is another one.
    let changed = differing(saved.inputs(), inputs, same);
    if !changed.is_empty() {
        return Err(refused(format!("the definition was changed since: {}", changed.join(", "))));
    }
    if same {
        return Ok(());
    }
    let changed = affected(&saved.document, now);
    let what = if changed.is_empty() { "the templates to send".to_owned() } else { changed.join(", ") };
    Err(refused(format!("the cloud, or a file that the definition reads, has changed: {what}")))
}

/// Whether a plan was made for another cloud than the one that is reached now. One that names none is of a DISCO that knew
/// the embedded Heat only.
fn another_cloud(before: &Json, now: &Json) -> Option<String> {
    let word = |cloud: &Json, name: &str| cloud[name].as_str().unwrap_or_default().to_owned();
    let provider = |cloud: &Json| cloud["provider"].as_str().unwrap_or("local").to_owned();
    let same =
        provider(before) == provider(now) && ["project_id", "region"].iter().all(|name| before[name] == now[name]);
    let place = |cloud: &Json| match provider(cloud).as_str() {
        "local" => "the embedded Heat".to_owned(),
        _ => format!("the OpenStack at {}, project `{}`", word(cloud, "auth_url"), word(cloud, "project_name")),
    };
    (!same).then(|| format!("it is for {}, this is {}", place(before), place(now)))
}

/// Names of the inputs that are not the same in both, or of the definition's files only.
pub(super) fn differing(before: &[Json], after: &[Json], only_files: bool) -> Vec<String> {
    let all = before.iter().filter(|input| !after.contains(input));
    let all = all.chain(after.iter().filter(|input| !before.contains(input)));
    let all = all.filter(|input| !only_files || input["kind"] == "file");
    let words = all.map(|input| {
        let name = input["name"].as_str().unwrap_or_default();
        match input["kind"].as_str() {
            Some("variable") => format!("--var {name}"),
            _ => name.to_owned(),
        }
    });
    words.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Addresses whose changes are not the same in both.
fn affected(before: &Json, after: &Json) -> Vec<String> {
    let changes = |document: &Json| document["changes"].as_array().cloned().unwrap_or_default();
    let (before, after) = (changes(before), changes(after));
    let all = before.iter().filter(|change| !after.contains(change));
    let all = all.chain(after.iter().filter(|change| !before.contains(change)));
    let addresses: BTreeSet<&str> = all.filter_map(|change| change["address"].as_str()).collect();
    let mut words: Vec<String> = addresses.iter().take(5).map(|address| (*address).to_owned()).collect();
    if addresses.len() > words.len() {
        words.push(format!("{} more", addresses.len() - words.len()));
    }
    words
}

/// A plan that cannot be kept: what it would do is not yet known.
pub(super) fn refuse(plan: &Plan) -> Result<(), Failure> {
    match plan.in_progress.first() {
        None => Ok(()),
        Some(stack) => Err(Failure::new(
            FailureKind::Refused,
            format!("Heat is still working on stack `{stack}`, so this plan may change"),
        )
        .help("wait for its end and plan again, or run `disco apply`, which waits")),
    }
}
