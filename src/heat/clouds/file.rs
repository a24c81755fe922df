//! The files: which clouds they hold, and one laid over the other.

use serde_json::{Map, Value as Json};

use super::fields::Fields;
use super::{ConfigFile, Reader};

/// What `clouds.yaml` and `secure.yaml` hold together.
pub(super) struct Clouds {
    path: Option<String>,
    entries: Map<String, Json>,
    secure: Option<(String, Map<String, Json>)>,
    profiles: Option<(String, Map<String, Json>)>,
}

/// Reads the files that were found. `None` where one of them cannot be read, which is reported.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Clouds> {
    let inputs = reader.inputs;
    let clouds = inputs.clouds.as_ref().map(|file| section(reader, file, "clouds"));
    let secure = inputs.secure.as_ref().map(|file| section(reader, file, "clouds"));
    let profiles = inputs.profiles.as_ref().map(|file| section(reader, file, "public-clouds"));
    let named = |file: &Option<ConfigFile>, found: Option<Option<Map<String, Json>>>| match (file, found) {
        (Some(file), Some(Some(found))) => Ok(Some((file.path.clone(), found))),
        (Some(_), Some(None)) => Err(()),
        _ => Ok(None),
    };
    let clouds = named(&inputs.clouds, clouds);
    let secure = named(&inputs.secure, secure);
    let profiles = named(&inputs.profiles, profiles);
    let (Ok(clouds), Ok(secure), Ok(profiles)) = (clouds, secure, profiles) else { return None };
    let (path, entries) = clouds.map_or((None, Map::new()), |(path, entries)| (Some(path), entries));
    Some(Clouds { path, entries, secure, profiles })
}

/// The map under a file's one key.
fn section(reader: &mut Reader<'_>, file: &ConfigFile, key: &str) -> Option<Map<String, Json>> {
    let whole = match parse(&file.bytes) {
        Ok(whole) => whole,
        Err(place) => {
            let message = format!("{}{place} is not valid YAML", file.path);
            let help = "fix it, or set OS_CLIENT_CONFIG_FILE to another file; nothing of it is shown, as it may contain secrets";
            reader.error("disco::invalid_clouds_file", message, "needed for the cloud", Some(help.to_owned()));
            return None;
        }
    };
    let found = match whole {
        Json::Null => Some(Map::new()),
        Json::Object(mut whole) => match whole.remove(key) {
            None | Some(Json::Null) => Some(Map::new()),
            Some(Json::Object(found)) => Some(found),
            Some(_) => None,
        },
        _ => None,
    };
    if found.is_none() {
        let message = format!("{} has no map under `{key}`", file.path);
        let help = format!("write `{key}:`, below it the name of a cloud, and below that its `auth:`");
        reader.error("disco::invalid_clouds_file", message, "needed for the cloud", Some(help));
    }
    found
}

/// The document, or `:LINE:COLUMN` of what is wrong with it.
fn parse(bytes: &[u8]) -> Result<Json, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| String::new())?;
    if text.trim().is_empty() {
        return Ok(Json::Null);
    }
    serde_saphyr::from_str(text)
        .map_err(|error| error.location().map(|at| format!(":{}:{}", at.line(), at.column())).unwrap_or_default())
}

impl Clouds {
    pub(super) fn path(&self) -> &str {
        self.path.as_deref().unwrap_or("clouds.yaml")
    }

    /// The file's path, where there is one.
    pub(super) fn file(&self) -> Option<&str> {
        self.path.as_deref()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Lays an entry's fields into `fields`: its profile's below, `secure.yaml`'s above.
    pub(super) fn lay_into(&self, name: &str, reader: &mut Reader<'_>, fields: &mut Fields) -> Option<()> {
        let Some(Json::Object(entry)) = self.entries.get(name) else {
            let message = format!("cloud `{name}` in {} is not a map", self.path());
            reader.error(
                "disco::invalid_clouds_file",
                message,
                "",
                Some("give it `auth:` and `region_name:`".to_owned()),
            );
            return None;
        };
        // `cloud` is the older word for it.
        if let Some(profile) = entry.get("profile").or_else(|| entry.get("cloud")).and_then(Json::as_str) {
            self.profile(name, profile, reader, fields)?;
        }
        fields.lay(entry, self.path());
        if let Some((path, secure)) = &self.secure
            && let Some(Json::Object(secure)) = secure.get(name)
        {
            fields.lay(secure, path);
        }
        Some(())
    }

    fn profile(&self, name: &str, profile: &str, reader: &mut Reader<'_>, fields: &mut Fields) -> Option<()> {
        // An address stands for a cloud that publishes its profile at /.well-known/openstack/api, which is not read.
        let found = self.profiles.as_ref().and_then(|(path, all)| Some((path, all.get(profile)?.as_object()?)));
        if let Some((path, found)) = found {
            fields.lay(found, path);
            return Some(());
        }
        let known = self.profiles.iter().flat_map(|(_, all)| all.keys().map(String::as_str));
        let help = crate::source::did_you_mean(profile, known).unwrap_or_else(|| {
            "write it into a clouds-public.yaml beside clouds.yaml, or write its `auth_url` into the entry: DISCO ships no profiles"
                .to_owned()
        });
        let message = format!("profile `{profile}` of cloud `{name}` does not exist");
        reader.error("disco::unknown_cloud", message, "", Some(help));
        None
    }
}
