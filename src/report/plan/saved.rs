//! A plan to keep in a file: with the templates of its steps and with everything that it was made from.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::json::PlanFile;
use super::{Headline, LONGEST_COMMENT, PlanDrawing, plan as drawn, plan_markdown};
use crate::model::CloudIdentity;
use crate::plan::{Plan, Step, StepAction};
use crate::report::document::{ParameterFile, document, parameters};
use crate::source::{Diagnostics, Sources};
use crate::state::State;

/// Formats of a saved plan's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum SavedPlanFormat {
    /// Digests are salted with the lineage of the state, which the cloud knows too: where nothing is secret, and there is
    /// no state yet that could keep a salt. Versions of DISCO that know no other wrote it for secrets too.
    #[serde(rename = "1.0")]
    Lineage,
    /// Digests are salted with the salt of the state, which nobody else knows.
    #[serde(rename = "1.1")]
    Salt,
}

impl SavedPlanFormat {
    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "1.0" => Some(Self::Lineage),
            "1.1" => Some(Self::Salt),
            _ => None,
        }
    }

    /// What digests are salted with.
    pub fn salt(self, state: &State) -> &str {
        match self {
            Self::Lineage => &state.lineage,
            Self::Salt => state.salt(),
        }
    }
}

/// What a plan was made from, beside the state.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanOrigin {
    /// Whether everything is to go.
    pub destroy: bool,
    /// Whether stored data may be lost.
    pub accept_data_loss: bool,
    /// Nodes that leave where their group becomes smaller, if some were named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub victims: Vec<String>,
    /// Clusters and groups that alone are planned, if some were named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// Clusters and groups that are not planned, if some were named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
    /// Nodes and groups whose servers are replaced, if some were named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<String>,
    /// Which cloud it is for. Absent in the files of DISCOs that knew the embedded Heat only.
    pub cloud: PlanCloud,
    /// Files and variables, in the order in which they were read.
    pub inputs: Vec<PlanInput>,
}

/// The cloud that a plan is for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "provider", rename_all = "lowercase")]
pub enum PlanCloud {
    /// The embedded Heat of the project.
    Local,
    /// A project of an OpenStack.
    OpenStack {
        /// Keystone's address, without a version or a user.
        auth_url: String,
        /// The region that Heat is used in.
        region: Option<String>,
        /// Keystone's id of the project.
        project_id: String,
        /// For people.
        project_name: String,
    },
}

impl From<&CloudIdentity> for PlanCloud {
    fn from(identity: &CloudIdentity) -> Self {
        match identity.clone() {
            CloudIdentity::Embedded => Self::Local,
            CloudIdentity::OpenStack { auth_url, region, project } => {
                Self::OpenStack { auth_url, region, project_id: project.id, project_name: project.name }
            }
        }
    }
}

/// A text that went into a plan.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanInput {
    /// Where it comes from.
    #[cfg_attr(test, schemars(extend("enum" = ["file", "environment", "variable", "variable_file"])))]
    pub kind: &'static str,
    /// The file or the variable.
    pub name: String,
    /// What it says.
    #[serde(flatten)]
    pub text: PlanInputText,
}

/// What an input says. Files and secrets are told by their salted digest.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlanInputText {
    /// The text.
    Value(String),
    /// Its salted digest.
    Digest(String),
}

/// The file of `disco plan --out FILE`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct SavedPlanFile<'a> {
    /// The format of this file.
    disco_plan: SavedPlanFormat,
    /// The version of DISCO that wrote it.
    disco: &'static str,
    made_from: &'a PlanOrigin,
    /// The plan as it was shown.
    drawing: String,
    /// The same as a comment of a pull request, in Markdown.
    comment: String,
    #[serde(flatten)]
    plan: PlanFile<'a>,
}

/// What a step sends; empty in a plan that is only looked at.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SentFile<'a> {
    /// In a saved plan: the template, for the first step of a stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Json>,
    /// In a saved plan: what has changed since the stack's step before, by section of the template.
    #[serde(skip_serializing_if = "Option::is_none")]
    template_changes: Option<BTreeMap<&'static str, SectionFile>>,
    /// In a saved plan: the stack's tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a [String]>,
    /// In a saved plan: the template's parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BTreeMap<&'a str, ParameterFile<'a>>>,
}

/// What has changed in a section of a template.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SectionFile {
    /// What is new, or another.
    set: Map<String, Json>,
    /// Names of what is gone.
    gone: Vec<String>,
}

/// Everything that a plan's file has; `state` is the one that the plan was made from.
pub fn saved_plan_json(
    plan: &Plan,
    origin: &PlanOrigin,
    format: SavedPlanFormat,
    state: &State,
    warnings: &Diagnostics,
    sources: &Sources,
) -> Json {
    document(&SavedPlanFile {
        disco_plan: format,
        disco: env!("CARGO_PKG_VERSION"),
        made_from: origin,
        comment: plan_markdown(plan, warnings, sources, Headline::PLAN, LONGEST_COMMENT),
        drawing: drawn(plan, sources, PlanDrawing { colour: false, width: None }),
        plan: PlanFile::whole(plan, format.salt(state), sources),
    })
}

/// What a step sends, told by what the stack's step before has sent.
pub(super) fn sent<'a>(step: &'a Step, salt: &str, before: &mut BTreeMap<&'a str, Json>) -> SentFile<'a> {
    let (StepAction::Create(template, tags) | StepAction::Update(template, tags)) = &step.action else {
        return SentFile::default();
    };
    let now = template.to_json();
    let known = before.insert(&step.stack, now.clone());
    SentFile {
        template_changes: known.as_ref().map(|known| changes(known, &now)),
        template: known.is_none().then_some(now),
        tags: Some(tags),
        parameters: Some(parameters(template, Some(salt))),
    }
}

/// What a template has that the stack's template of an earlier step has not: section by section what is set, and the
/// names of what is gone.
fn changes(before: &Json, after: &Json) -> BTreeMap<&'static str, SectionFile> {
    let section =
        |template: &Json, name: &str| template.get(name).and_then(Json::as_object).cloned().unwrap_or_default();
    let mut changes = BTreeMap::new();
    for name in ["parameters", "resources", "outputs"] {
        let (before, mut after) = (section(before, name), section(after, name));
        let gone: Vec<String> = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
        after.retain(|key, value| before.get(key) != Some(value));
        if !gone.is_empty() || !after.is_empty() {
            changes.insert(name, SectionFile { set: after, gone });
        }
    }
    changes
}
