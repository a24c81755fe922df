//! A project's life in this process: it is changed, planned and applied, and what happened is recorded.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use disco::apply::{Interrupt, NoObserver};
use disco::plan::Plan;
use disco::project::{Operation, Planned, Project, Request, Session};
use disco::report::{self, PlanDrawing};
use disco::source::Severity;
use disco::state::OutputState;
use serde_json::Value as Json;

use super::compare::{Brought, brought};
use super::real;
use super::record::{Record, mark};
use crate::support::{TestCloud, TestProject, in_its_words};

/// The definition that every change begins with.
pub(super) const LAB: &str = include_str!("lab.disco.hcl");

/// A piece of the definition, and what stands there instead.
pub(super) type Edit<'e> = (&'e str, &'e str);

/// A cluster that is there.
pub(super) struct Life {
    pub(super) folder: TestProject,
    pub(super) definition: String,
    /// The real cloud that it is on, if it is on one.
    cloud: Option<TestCloud>,
}

/// What was promised, and what happened.
pub(super) struct Lived {
    pub(super) plan: Plan,
    /// The plan as its owner reads it: warnings, errors, the plan itself.
    pub(super) told: String,
    pub(super) record: Record,
    pub(super) brought: Vec<Brought>,
    pub(super) outputs_before: BTreeMap<String, Json>,
    pub(super) outputs_after: BTreeMap<String, Json>,
    /// The plan made right afterwards.
    pub(super) again: Plan,
}

impl Life {
    /// The lab, applied; it is made once and copied.
    pub(super) fn begin() -> Self {
        static FIRST: OnceLock<TestProject> = OnceLock::new();
        let first = FIRST.get_or_init(|| {
            let life = Self { folder: TestProject::with(LAB), definition: LAB.to_owned(), cloud: None };
            life.apply();
            life.folder
        });
        let life = Self { folder: TestProject::with(LAB), definition: LAB.to_owned(), cloud: None };
        fs::create_dir_all(life.folder.file(".disco/engine")).unwrap();
        for file in ["disco.state.json", ".disco/engine/log.jsonl"] {
            fs::copy(first.file(file), life.folder.file(file)).unwrap();
        }
        life
    }

    /// The lab without volumes, applied on a real cloud.
    pub(super) fn begin_real() -> Self {
        // One kind of change gives the cluster another name.
        let cloud = TestCloud::chosen("");
        let folder = TestProject::with("");
        folder.write("clouds.yaml", &cloud.settings());
        folder.write("cloud.disco.hcl", "provider \"openstack\" {}\n");
        let mut life = Self { folder, definition: String::new(), cloud: Some(cloud) };
        life.say(&LAB.replace("    volume \"hdfs\" { size = 100 }\n", ""));
        life.apply();
        life
    }

    /// Destroys what a real cloud has of it.
    pub(super) fn end(&self) {
        self.folder.disco("destroy -auto-approve").ends_with(0);
    }

    /// Changes the definition; nothing happens yet.
    pub(super) fn edit(&mut self, edits: &[Edit<'_>]) {
        let mut definition = self.definition.clone();
        for (old, new) in edits {
            assert_eq!(definition.matches(old).count(), 1, "`{old}` is there once in:\n{definition}");
            definition = definition.replacen(old, new, 1);
        }
        self.say(&definition);
    }

    /// Says something else; nothing happens yet.
    pub(super) fn say(&mut self, definition: &str) {
        definition.clone_into(&mut self.definition);
        let written = if self.cloud.is_some() { in_its_words(definition) } else { definition.to_owned() };
        self.folder.write("main.disco.hcl", &written);
    }

    fn project(&self) -> Project {
        Project::new(Request {
            directory: self.folder.path().to_owned(),
            home: None,
            user: "owner".to_owned(),
            host: "here".to_owned(),
            environment: vec![("DISCO_LOCAL_TIME_SCALE".to_owned(), "0".to_owned())],
            variables: Vec::new(),
            verbose: false,
            lock_timeout: std::time::Duration::from_secs(5),
            program: None,
            clouds: disco::project::CloudAccess::OwnMachine,
        })
    }

    /// The plan as its owner reads it.
    pub(super) fn plan(&self) -> String {
        let project = self.project();
        wait(async {
            let session = project.open(Operation::Plan).await.unwrap();
            let planned = plan(&session, false).await;
            let text = told(&project, &planned);
            session.close();
            text
        })
    }

    /// Plans, applies, and plans again.
    pub(super) fn apply(&self) -> Lived {
        let project = self.project();
        let outputs_before = self.outputs();
        let (plan, told, record, again) = wait(async {
            let session = project.open(Operation::Apply).await.unwrap();
            let planned = plan(&session, true).await;
            assert!(!planned.plan.diagnostics.has_errors(), "{:#?}", planned.plan.diagnostics);
            let (plan, told) = (planned.plan.clone(), told(&project, &planned));
            let before = match &self.cloud {
                Some(cloud) => Err(real::look(cloud)),
                None => Ok(mark(self.folder.path())),
            };
            let applied = session.apply(planned, Interrupt::never(), &mut NoObserver).await.unwrap();
            assert!(applied.finished);
            // An engine from which something has gone writes its log anew when it stops, and so may whoever opens it next.
            let record = match (&before, &self.cloud) {
                (Err(before), Some(cloud)) => real::since(cloud, before),
                (Ok(mark), _) => Record::since(self.folder.path(), mark),
                (Err(_), None) => unreachable!("it is on no cloud"),
            };
            session.close();
            let session = project.open(Operation::Plan).await.unwrap();
            let again = self::plan(&session, false).await.plan;
            session.close();
            (plan, told, record, again)
        });
        let brought = brought(&record);
        Lived { plan, told, record, brought, outputs_before, outputs_after: self.outputs(), again }
    }

    /// Has `disco apply` refuse the plan; says whether the engine's log and the state are what they were, and with which
    /// codes it is refused.
    pub(super) fn refused(&self) -> (bool, Vec<String>) {
        let kept =
            || [".disco/engine/log.jsonl", "disco.state.json"].map(|file| fs::read(self.folder.file(file)).unwrap());
        let project = self.project();
        // Whoever opens the engine may rewrite its log.
        wait(async { project.open(Operation::Plan).await.unwrap().close() });
        let before = kept();
        self.folder.disco("apply -auto-approve").ends_with(1);
        let planned = wait(async { plan(&project.open(Operation::Plan).await.unwrap(), false).await });
        let errors = planned.plan.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        (kept() == before, errors.map(|found| found.code.to_owned()).collect())
    }

    fn outputs(&self) -> BTreeMap<String, Json> {
        let Some(state) = wait(self.project().state()).unwrap() else { return BTreeMap::new() };
        let outputs = state.outputs.into_iter().map(|(name, output)| match output {
            OutputState::Value(value) => (name, value),
            OutputState::Secret(digest) => (name, digest.into()),
        });
        outputs.collect()
    }
}

async fn plan(session: &Session<'_>, accept_data_loss: bool) -> Planned {
    session.plan(accept_data_loss, Interrupt::never(), &mut NoObserver).await.unwrap()
}

fn told(project: &Project, planned: &Planned) -> String {
    let sources = project.sources();
    // The same on every cloud.
    let plan = Plan { cloud: None, ..planned.plan.clone() };
    let found = |found| report::diagnostics(found, sources, report::DiagnosticDrawing::new(false, 100));
    let drawing = PlanDrawing { colour: false, width: Some(100) };
    let parts = [found(&planned.warnings), found(&planned.plan.diagnostics), report::plan(&plan, sources, drawing)];
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty()).collect();
    parts.join("\n") + "\n"
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
