//! `clouds.yaml`, `secure.yaml`, `clouds-public.yaml` and the `OS_*` variables: bytes in, a [`CloudConfig`] out.
//!
//! The rules are those of every OpenStack tool. The first file found counts; `secure.yaml` is laid over `clouds.yaml`; a
//! `profile` of `clouds-public.yaml` lies under an entry. Which entry: the one the definition names, else `OS_CLOUD`'s,
//! else the `OS_*` variables alone, else the only one there is. What an entry leaves open is taken from the variables
//! (so that a password need not stand in a file), but a variable never overrides an entry.
//!
//! No message quotes what stands in a file or variable, except names: anything there may be a secret.

mod fields;
mod file;
mod sign_in;

use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};

use self::fields::Fields;
use self::file::Clouds;
use super::auth::{CloudConfig, CloudName};

/// What the host has to say of clouds.
#[derive(Clone, Debug, Default)]
pub struct CloudInputs {
    /// The first `clouds.yaml` found.
    pub clouds: Option<ConfigFile>,
    /// The first `secure.yaml` found.
    pub secure: Option<ConfigFile>,
    /// The first `clouds-public.yaml` found.
    pub profiles: Option<ConfigFile>,
    /// Where `clouds.yaml` is looked for, in order.
    pub searched: Vec<String>,
    /// The environment; what does not begin with `OS_` is passed over.
    pub environment: Vec<(String, String)>,
}

/// A file that was found.
#[derive(Clone)]
pub struct ConfigFile {
    /// Its path, as messages say it.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for ConfigFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConfigFile").field("path", &self.path).field("size", &self.bytes.len()).finish()
    }
}

/// Which cloud the definition asks for.
#[derive(Clone, Debug)]
pub struct CloudChoice {
    /// The entry it names.
    pub cloud: Option<String>,
    /// The region it names, which counts more than the entry's.
    pub region: Option<String>,
    /// Where it says so: the `provider` block, if there is one.
    pub origin: Option<Span>,
}

/// Reads everything and says what it comes to.
///
/// # Errors
/// As diagnostics at the `provider` block: nothing that tells a cloud, an entry or profile that does not exist, a file
/// that cannot be read, a field that is missing or cannot be what it says. All that can be found are found in one run.
pub fn configure(inputs: &CloudInputs, choice: &CloudChoice) -> (Option<CloudConfig>, Diagnostics) {
    let mut reader = Reader { inputs, choice, diagnostics: Diagnostics::new() };
    let config = reader.configure();
    (config.filter(|_| !reader.diagnostics.has_errors()), reader.diagnostics)
}

/// Names of the clouds that the files have; none where they cannot be read.
pub fn names(inputs: &CloudInputs) -> Vec<String> {
    let choice = CloudChoice { cloud: None, region: None, origin: None };
    let mut reader = Reader { inputs, choice: &choice, diagnostics: Diagnostics::new() };
    file::read(&mut reader).map(|clouds| clouds.names().map(str::to_owned).collect()).unwrap_or_default()
}

struct Reader<'a> {
    inputs: &'a CloudInputs,
    choice: &'a CloudChoice,
    diagnostics: Diagnostics,
}

impl Reader<'_> {
    fn variable(&self, name: &str) -> Option<&str> {
        let found = self.inputs.environment.iter().rev().find(|(key, _)| key == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }

    fn error(&mut self, code: &'static str, message: String, label: &str, help: Option<String>) {
        self.diagnostics.push(Diagnostic::error(code, message).at_maybe(self.choice.origin, label).help_maybe(help));
    }

    fn configure(&mut self) -> Option<CloudConfig> {
        let clouds = file::read(self)?;
        let name = self.chosen(&clouds)?;
        let fields = self.fields(&name, &clouds)?;
        sign_in::config(self, name, &fields)
    }

    /// Which cloud is meant.
    fn chosen(&mut self, clouds: &Clouds) -> Option<CloudName> {
        if let Some(name) = self.choice.cloud.clone() {
            return self.entry(name, clouds, "named here");
        }
        if let Some(name) = self.variable("OS_CLOUD").map(str::to_owned) {
            return self.entry(name, clouds, "the environment variable OS_CLOUD names it");
        }
        if self.environment_tells_a_cloud() {
            return Some(CloudName::Environment);
        }
        let mut names = clouds.names();
        match (names.next(), names.next()) {
            (Some(only), None) => Some(CloudName::Entry(only.to_owned())),
            (None, _) => {
                let place = match clouds.file() {
                    Some(path) => format!("{path} has no clouds"),
                    None => format!("looked for: {}", self.inputs.searched.join(", ")),
                };
                let help = format!(
                    "set OS_CLOUD to a cloud of clouds.yaml ({place}), or OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and \
                     OS_PROJECT_NAME"
                );
                self.error(
                    "disco::no_credentials",
                    "no credentials for an OpenStack were found".into(),
                    "",
                    Some(help),
                );
                None
            }
            (Some(_), Some(_)) => {
                let known: Vec<String> = clouds.names().map(|name| format!("`{name}`")).collect();
                let message = format!("{} contains {} clouds, and none is selected", clouds.path(), known.len());
                let help = format!("set OS_CLOUD, or write `cloud = \"NAME\"` here: {}", known.join(", "));
                self.error("disco::no_cloud_chosen", message, "no `cloud` here", Some(help));
                None
            }
        }
    }

    fn entry(&mut self, name: String, clouds: &Clouds, label: &str) -> Option<CloudName> {
        if clouds.has(&name) {
            return Some(CloudName::Entry(name));
        }
        let (message, help) = if let Some(path) = clouds.file().filter(|_| clouds.is_empty()) {
            let help = format!("write the cloud into it: `clouds:`, below it `{name}:`, and below that its `auth:`");
            (format!("cloud `{name}` does not exist: {path} has no clouds"), Some(help))
        } else if clouds.is_empty() {
            let searched = self.inputs.searched.join(", ");
            (format!("cloud `{name}` does not exist: there is no clouds.yaml"), Some(format!("looked for: {searched}")))
        } else {
            (format!("cloud `{name}` does not exist in {}", clouds.path()), did_you_mean(&name, clouds.names()))
        };
        self.error("disco::unknown_cloud", message, label, help);
        None
    }

    /// Whether there are variables beyond those that choose and adjust: an address to sign in at is the least.
    fn environment_tells_a_cloud(&self) -> bool {
        self.variable("OS_AUTH_URL").is_some()
    }

    fn fields(&mut self, name: &CloudName, clouds: &Clouds) -> Option<Fields> {
        let mut fields = Fields::new(name.clone());
        if let CloudName::Entry(entry) = name {
            clouds.lay_into(entry, self, &mut fields)?;
        }
        for (key, value) in &self.inputs.environment {
            if let Some(field) = key.strip_prefix("OS_").filter(|_| !value.is_empty()) {
                fields.fill(&field.to_lowercase(), value, key);
            }
        }
        Some(fields)
    }
}

#[cfg(test)]
mod tests;
