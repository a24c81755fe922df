//! What a catalogue has to choose from, for programs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::traits::SuitsFile;
use crate::catalogue::{
    Catalogue, FileDeclaration, Framework, Placement, PortDeclaration, ServiceDeclaration, SettingDeclaration, Version,
};
use crate::report::document::{FormatVersion, document};
use crate::source::Sources;
use crate::syntax::tree::{Expression, ExpressionKind};

/// The answer of `disco frameworks --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct FrameworksFile<'a> {
    format_version: FormatVersion,
    frameworks: Vec<InShort<'a>>,
}

/// A framework in short.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct InShort<'a> {
    name: &'a str,
    description: &'a str,
    /// The default one first.
    versions: Vec<&'a str>,
    services: Vec<ServiceInShort<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ServiceInShort<'a> {
    name: &'a str,
    on: Vec<On>,
}

/// The answer of `disco frameworks show NAME --json`. Conditions and formulas are written as in the manifest.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct FrameworkFile<'a> {
    format_version: FormatVersion,
    name: &'a str,
    description: &'a str,
    /// The default one first.
    versions: Vec<VersionFile<'a>>,
    /// What other frameworks can build on.
    provides: Vec<ProvisionFile<'a>>,
    /// What must be in the cluster too.
    requires: Vec<RequirementFile<'a>>,
    /// What it makes use of where it is there.
    uses: Vec<String>,
    /// What must not be in the cluster too.
    conflicts: Vec<String>,
    /// How many masters it can have; `null`: any number.
    maximum_masters: Option<u32>,
    /// Nodes without which it cannot be.
    needs: Vec<On>,
    /// Least memory of a node, MiB, by role.
    minimum_memory_mib: BTreeMap<&'static str, String>,
    settings: Vec<SettingFile<'a>>,
    /// In the order to start them.
    services: Vec<ServiceFile<'a>>,
    ports: Vec<PortFile<'a>>,
    /// What is protected, and what is not.
    protections: Vec<ProtectionFile<'a>>,
    files: Vec<FileFile<'a>>,
    /// Steps of the cluster as a whole.
    steps: Vec<StepFile<'a>>,
    /// What it is good for, and how large a cluster of it has to be.
    suits: SuitsFile<'a>,
}

/// On which nodes something goes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
struct On(#[cfg_attr(test, schemars(extend("enum" = Placement::ALL.map(Placement::name))))] &'static str);

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct VersionFile<'a> {
    name: &'a str,
    /// Path of the archive below a mirror's root; empty where distribution packages are all there is.
    archive: &'a str,
    sha512: Option<&'a str>,
    /// Where the publisher's own SHA-512 is.
    sha512_url: Option<&'a str>,
    /// Where the publisher's own SHA-256 is, of one who serves no SHA-512.
    sha256_url: Option<&'a str>,
    /// Major versions of Java it runs on, best first; empty: needs none.
    java: &'a [u32],
    /// Least version of Python.
    python: Option<&'a str>,
    /// Versions of other frameworks it works with; one that is not named is not restricted.
    compatible: &'a BTreeMap<String, Vec<String>>,
    compatible_reason: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProvisionFile<'a> {
    name: &'a str,
    when: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RequirementFile<'a> {
    relation: String,
    when: Option<String>,
    /// Whether what fulfils it comes by itself.
    adds: bool,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SettingFile<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(extend("enum" = crate::catalogue::SettingType::ALL.map(crate::catalogue::SettingType::name))))]
    kind: &'static str,
    unit: Option<&'a str>,
    description: &'a str,
    default: Option<String>,
    minimum: Option<String>,
    maximum: Option<String>,
    /// Texts that are allowed; empty: all.
    one_of: &'a [String],
    /// Whether a text or list must have something in it.
    not_empty: bool,
    /// Empty: on all nodes.
    on: Vec<On>,
    when: Option<String>,
    /// Whether its default is computed once, when the cluster is created, and kept.
    fixed: bool,
    /// The condition under which it then goes up as the cluster grows, as its formula.
    rises: Option<String>,
    secret: bool,
    /// How many letters and digits Heat makes up where nobody sets it and `default`, a condition, holds; absent where it
    /// does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    generated: Option<u32>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ServiceFile<'a> {
    name: &'a str,
    description: &'a str,
    /// systemd's name.
    unit: String,
    on: Vec<On>,
    /// The ensemble whose members alone run it.
    ensemble: Option<&'a str>,
    when: Option<String>,
    /// Formula of how many nodes of a group may be without it at a time; `null` where nothing is said.
    max_unavailable: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PortFile<'a> {
    name: &'a str,
    description: &'a str,
    /// Service that listens; `null` where people start what listens.
    service: Option<&'a str>,
    protocol: &'static str,
    /// Absent where no number is written out.
    first: Option<u16>,
    last: Option<u16>,
    /// Whether users may be let in.
    users: bool,
    /// Path of its web page, if it has one.
    page: Option<&'a str>,
    /// What the address of its service begins with, where an output can tell it.
    endpoint: Option<&'a str>,
    /// Formula of what anybody who reaches it can do: what goes on after "can".
    anybody: Option<String>,
    when: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProtectionFile<'a> {
    /// What is protected, and how.
    does: &'a [String],
    /// What is not.
    does_not: &'a [String],
    when: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FileFile<'a> {
    name: &'a str,
    path: String,
    #[cfg_attr(test, schemars(extend("enum" = crate::catalogue::FileFormat::ALL.map(crate::catalogue::FileFormat::name))))]
    format: &'static str,
    /// Empty: on all nodes.
    on: Vec<On>,
    /// The ensemble whose members alone have it.
    ensemble: Option<&'a str>,
    when: Option<String>,
    keys: Vec<&'a str>,
    /// Keys that a definition must not touch, with the reason.
    protected: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepFile<'a> {
    name: &'a str,
    #[cfg_attr(test, schemars(extend("enum" = crate::catalogue::StepMoment::ALL.map(crate::catalogue::StepMoment::name))))]
    moment: &'static str,
    when: Option<String>,
}

/// All frameworks, in short.
pub fn frameworks_json(catalogue: &Catalogue) -> Json {
    let all = catalogue.frameworks().map(|framework| InShort {
        name: &framework.name,
        description: &framework.description,
        versions: framework.versions.iter().map(|version| version.name.as_str()).collect(),
        services: framework
            .services
            .iter()
            .map(|service| ServiceInShort { name: &service.name, on: placements(&service.on) })
            .collect(),
    });
    document(&FrameworksFile { format_version: FormatVersion::Current, frameworks: all.collect() })
}

/// Everything about one framework.
pub fn framework_json(framework: &Framework, sources: &Sources) -> Json {
    let manifest = Manifest { sources };
    document(&FrameworkFile {
        format_version: FormatVersion::Current,
        name: &framework.name,
        description: &framework.description,
        versions: framework.versions.iter().map(version).collect(),
        provides: framework
            .provides
            .iter()
            .map(|provided| ProvisionFile { name: &provided.name, when: manifest.maybe(provided.when.as_ref()) })
            .collect(),
        requires: framework
            .requires
            .iter()
            .map(|requirement| RequirementFile {
                relation: requirement.relation.to_string(),
                when: manifest.maybe(requirement.when.as_ref()),
                adds: requirement.adds,
                reason: requirement.reason.as_deref(),
            })
            .collect(),
        uses: framework.uses.iter().map(ToString::to_string).collect(),
        conflicts: framework.conflicts.iter().map(ToString::to_string).collect(),
        maximum_masters: (framework.maximum_masters < u32::MAX).then_some(framework.maximum_masters),
        needs: placements(&framework.needs),
        minimum_memory_mib: framework
            .minimum_memory
            .iter()
            .map(|(role, minimum)| (role.name(), manifest.formula(minimum)))
            .collect(),
        settings: framework.settings.iter().map(|declared| manifest.setting(declared)).collect(),
        services: framework.services.iter().map(|declared| manifest.service(declared)).collect(),
        ports: framework.ports.iter().map(|declared| manifest.port(framework, declared)).collect(),
        protections: framework
            .protections
            .iter()
            .map(|declared| ProtectionFile {
                does: &declared.does,
                does_not: &declared.does_not,
                when: manifest.maybe(declared.when.as_ref()),
            })
            .collect(),
        files: framework.files.iter().map(|declared| manifest.file(declared)).collect(),
        steps: framework
            .steps
            .iter()
            .map(|step| StepFile {
                name: &step.name,
                moment: step.moment.name(),
                when: manifest.maybe(step.when.as_ref()),
            })
            .collect(),
        suits: super::traits::suits(framework, sources),
    })
}

fn placements(on: &[Placement]) -> Vec<On> {
    on.iter().map(|placement| On(placement.name())).collect()
}

fn version(version: &Version) -> VersionFile<'_> {
    VersionFile {
        name: &version.name,
        archive: &version.archive,
        sha512: version.sha512.as_deref(),
        sha512_url: version.sha512_url.as_deref(),
        sha256_url: version.sha256_url.as_deref(),
        java: &version.java,
        python: version.python.as_deref(),
        compatible: &version.compatible,
        compatible_reason: version.compatible_reason.as_deref(),
    }
}

/// The texts in which a framework's expressions stand.
struct Manifest<'s> {
    sources: &'s Sources,
}

impl Manifest<'_> {
    fn formula(&self, expression: &Expression) -> String {
        self.sources.snippet(expression.span)
    }

    /// A text as it is, where it is written out, or else its formula.
    fn written(&self, expression: &Expression) -> String {
        match &expression.kind {
            ExpressionKind::String(text) => text.to_string(),
            _ => self.formula(expression),
        }
    }

    fn maybe(&self, expression: Option<&Expression>) -> Option<String> {
        expression.map(|expression| self.formula(expression))
    }

    fn setting<'a>(&self, declared: &'a SettingDeclaration) -> SettingFile<'a> {
        SettingFile {
            name: &declared.name,
            kind: declared.kind.name(),
            unit: declared.unit.as_deref(),
            description: &declared.description,
            default: self.maybe(declared.default.as_ref()),
            minimum: self.maybe(declared.minimum.as_ref()),
            maximum: self.maybe(declared.maximum.as_ref()),
            one_of: &declared.one_of,
            not_empty: declared.not_empty,
            on: placements(&declared.on),
            when: self.maybe(declared.when.as_ref()),
            fixed: declared.fixed,
            rises: self.maybe(declared.rises.as_ref()),
            secret: declared.secret,
            generated: declared.generated,
        }
    }

    fn service<'a>(&self, declared: &'a ServiceDeclaration) -> ServiceFile<'a> {
        ServiceFile {
            name: &declared.name,
            description: &declared.description,
            unit: format!("{}.service", declared.unit),
            on: placements(&declared.on),
            ensemble: declared.ensemble.as_deref(),
            when: self.maybe(declared.when.as_ref()),
            max_unavailable: self.maybe(declared.max_unavailable.as_ref()),
        }
    }

    fn port<'a>(&self, framework: &Framework, declared: &'a PortDeclaration) -> PortFile<'a> {
        PortFile {
            name: &declared.name,
            description: &declared.description,
            service: declared.service.as_deref(),
            protocol: declared.protocol.name(),
            first: framework.usual_ports(declared).map(|ports| ports.first),
            last: framework.usual_ports(declared).map(|ports| ports.last),
            users: declared.for_users,
            page: declared.web_path.as_deref(),
            endpoint: declared.endpoint.as_deref(),
            anybody: self.maybe(declared.anybody.as_ref()),
            when: self.maybe(declared.when.as_ref()),
        }
    }

    fn file<'a>(&self, declared: &'a FileDeclaration) -> FileFile<'a> {
        FileFile {
            name: &declared.name,
            path: self.written(&declared.path),
            format: declared.format.name(),
            on: placements(&declared.on),
            ensemble: declared.ensemble.as_deref(),
            when: self.maybe(declared.when.as_ref()),
            keys: declared.keys.iter().map(|(key, _)| key.as_str()).collect(),
            protected: &declared.protected,
        }
    }
}
