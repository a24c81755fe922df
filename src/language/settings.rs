//! `disco` and `provider`: what is known of a project before its clusters are looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::blocks::{
    DISCO, DiscoAttributes, LINT, LOCAL, LintAttributes, LocalAttributes, MAX_RESOURCES, OPENSTACK,
    OpenStackAttributes, ProviderAttributes, STATE_PATH,
};
use super::decode::Decoder;
use super::encryption::encryption;
use super::reported::Decoded;
use super::schema::block;
use super::state_place::state_place;
use crate::expression::Value;
use crate::model::{Encryption, NodeDriver, Provider, Sourced, StatePlace};
use crate::source::{Diagnostic, did_you_mean};
use crate::syntax::tree::Block;

/// The version of DISCO that reads.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What must be known before the clusters can be: where the state is, which cloud, which catalogues.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Which cloud.
    pub provider: Provider,
    /// Where the state is kept.
    pub state: StatePlace,
    /// What states and saved plans are encrypted with, if they are.
    pub encryption: Option<Encryption>,
    /// Folders with further frameworks, relative to the project.
    pub catalogues: Vec<Sourced<String>>,
    /// What warnings are in this project.
    pub lint: LintSettings,
}

/// What warnings are in a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LintSettings {
    /// Codes that are not said, with the reasons.
    pub ignored: BTreeMap<String, Sourced<String>>,
    /// Codes of warnings that are errors.
    pub errors: Vec<Sourced<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            provider: local(None),
            state: StatePlace::Local { path: STATE_PATH.to_owned() },
            encryption: None,
            catalogues: Vec::new(),
            lint: LintSettings::default(),
        }
    }
}

/// The embedded engine as it is if nothing is said.
fn local(origin: Option<crate::source::Span>) -> Provider {
    Provider::Local { nodes: NodeDriver::Simulated, max_resources_per_stack: MAX_RESOURCES, origin }
}

/// Reads both blocks; defaults where there is none or where it is wrong.
pub(crate) fn settings(disco: Option<&Block>, provider: Option<&Block>, decoder: &mut Decoder<'_, '_>) -> Settings {
    let mut settings = Settings::default();
    if let Some(disco) = disco {
        let _ = DISCO.open(disco, &mut decoder.diagnostics);
        required_version(disco, decoder);
        if let Ok(Some(catalogues)) = decoder.read(disco, &DiscoAttributes::ALL.catalogues) {
            settings.catalogues = catalogues.value;
        }
        if let Some(block) = block(&disco.body, "lint") {
            settings.lint = lint(block, decoder);
        }
        if let Some(Ok(place)) = block(&disco.body, "state").map(|state| state_place(state, decoder)) {
            settings.state = place;
        }
        if let Some(Ok(keys)) = block(&disco.body, "encryption").map(|block| encryption(block, decoder)) {
            settings.encryption = Some(keys);
        }
    }
    if let Some(Ok(provider)) = provider.map(|block| self::provider(block, decoder)) {
        settings.provider = provider;
    }
    settings
}

fn required_version(disco: &Block, decoder: &mut Decoder<'_, '_>) {
    let Ok(Some(required)) = decoder.read(disco, &DiscoAttributes::ALL.required_version) else { return };
    let Ok(requirement) = semver::VersionReq::parse(&required.value) else {
        decoder.report(
            Diagnostic::error(
                "disco::invalid_version",
                format!("\"{}\" is not a valid version requirement", required.value),
            )
            .at_maybe(required.origin, "cannot be read")
            .help("write for instance \">= 0.1\" or \">= 0.1, < 2\""),
        );
        return;
    };
    if semver::Version::parse(VERSION).is_ok_and(|version| !requirement.matches(&version)) {
        decoder.report(
            Diagnostic::error(
                "disco::wrong_version",
                format!("this project requires DISCO {}, this is {VERSION}", required.value),
            )
            .at_maybe(required.origin, format!("{VERSION} does not match"))
            .help("use a version of DISCO that matches, or change `required_version`"),
        );
    }
}

/// What warnings are in this project.
fn lint(block: &Block, decoder: &mut Decoder<'_, '_>) -> LintSettings {
    let _ = LINT.open(block, &mut decoder.diagnostics);
    let at = LintAttributes::ALL;
    let mut lint = LintSettings::default();
    if let Ok(Some(errors)) = decoder.read(block, &at.error) {
        lint.errors = errors.value;
    }
    let Some(attribute) = at.ignore.written(&block.body) else { return lint };
    let Ok(value) = decoder.evaluate(&attribute.value) else { return lint };
    let place = attribute.value.span;
    let reason = |(code, reason): (&Arc<str>, &Value)| {
        let text = reason.as_str().filter(|text| !text.trim().is_empty() && !reason.contains_secret())?;
        Some((code.to_string(), Sourced { value: text.to_owned(), origin: Some(place) }))
    };
    match value.entries().and_then(|entries| entries.iter().map(reason).collect()) {
        Some(reasons) => lint.ignored = reasons,
        None => drop(
            decoder.report(
                Diagnostic::error("disco::wrong_type", "`ignore` is not an object of codes with reasons")
                    .at(place, "expected a reason for each code")
                    .help("write `ignore = { single_master = \"why this is fine\" }`"),
            ),
        ),
    }
    lint
}

fn provider(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Provider> {
    let label = LOCAL.named_label(block, &mut decoder.diagnostics)?;
    let body = &block.body;
    match &*label.text {
        "local" => {
            LOCAL.check(body, &mut decoder.diagnostics);
            let nodes = decoder.read(block, &LocalAttributes::ALL.nodes);
            let most = decoder.read(block, &ProviderAttributes::ALL.max_resources_per_stack);
            Ok(Provider::Local {
                nodes: nodes?.map_or(NodeDriver::Simulated, |nodes| nodes.value),
                max_resources_per_stack: max_resources(most?.as_ref()),
                origin: Some(block.head),
            })
        }
        "openstack" => {
            OPENSTACK.check(body, &mut decoder.diagnostics);
            let at = OpenStackAttributes::ALL;
            let cloud = decoder.read(block, &at.cloud);
            let region = decoder.read(block, &at.region);
            let most = decoder.read(block, &ProviderAttributes::ALL.max_resources_per_stack);
            Ok(Provider::OpenStack {
                cloud: cloud?.map(|cloud| cloud.value),
                region: region?.map(|region| region.value),
                max_resources_per_stack: max_resources(most?.as_ref()),
                origin: Some(block.head),
            })
        }
        other => Err(decoder.report(
            Diagnostic::error("disco::unknown_provider", format!("provider `{other}` does not exist"))
                .at(label.span, "not known")
                .help("use `local` or `openstack`")
                .help_maybe(did_you_mean(other, ["local", "openstack"])),
        )),
    }
}

fn max_resources(most: Option<&Sourced<i64>>) -> u32 {
    most.and_then(|most| u32::try_from(most.value).ok()).unwrap_or(MAX_RESOURCES)
}
