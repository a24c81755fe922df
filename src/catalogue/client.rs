//! What those need who use a cluster from elsewhere: the keys of its files that are theirs.

use super::usage::Usage;
use super::view::{self, FrameworkContext, View};
use super::{ClusterConfiguration, FileFormat, FileValue, content};
use crate::model::Text;
use crate::source::Diagnostics;

/// A file for clients.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientFile {
    /// Framework.
    pub framework: String,
    /// Its name (`core-site.xml`), as on the nodes.
    pub name: String,
    /// How it is written.
    pub format: FileFormat,
    /// What stands between a key and its value, in the format `lines`.
    pub separator: Option<String>,
    /// The sign at which keys are split into levels.
    pub nested: Option<String>,
    /// Keys with their values on the first master.
    pub keys: Vec<(String, FileValue)>,
    /// Whether the definition gives the whole file on the nodes, so that nobody knows its keys.
    pub is_given: bool,
}

impl ClientFile {
    /// Names of keys whose values are secret, and which are left out.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter(|(_, value)| value.text.secret).map(|(key, _)| key.as_str())
    }

    /// The file, without secrets; `outside` says what a value is for those who are elsewhere.
    pub fn text(&self, beginning: &str, outside: impl Fn(&str) -> String) -> String {
        let open = self.keys.iter().filter(|(_, value)| !value.text.secret);
        let told = |value: &FileValue| FileValue { text: Text::plain(outside(&value.text.value)), ..value.clone() };
        let keys: Vec<(&str, FileValue)> = open.map(|(key, value)| (key.as_str(), told(value))).collect();
        let keys: Vec<(&str, &FileValue)> = keys.iter().map(|(key, value)| (*key, value)).collect();
        let beginning = match self.format {
            FileFormat::HadoopXml => format!("<!-- {beginning} -->\n"),
            // There are no comments in it.
            FileFormat::Json => String::new(),
            _ => format!("# {beginning}\n"),
        };
        let layout = content::Layout {
            format: self.format,
            separator: self.separator.as_deref().unwrap_or(" "),
            nested: self.nested.as_deref(),
        };
        content::write(layout, &Text::plain(beginning), &keys).revealed()
    }
}

/// Adds the files for clients of a framework, whose files on the nodes are there already.
pub(super) fn files(
    context: &FrameworkContext<'_>,
    views: &[View<'_>],
    to: &mut ClusterConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let framework = context.chosen.framework;
    let Some(master) = view::of_master(views) else { return };
    let Some(group) = to.groups.get(&master.group.name) else { return };
    let mut files = Vec::new();
    for declared in &framework.files {
        let Some(expression) = &declared.client_keys else { continue };
        let what = format!("`client_keys` of file `{}`", declared.name);
        let usage = Usage { context, view: master, what, expression };
        let help = "write it as a list of keys: [\"fs.defaultFS\"]";
        let Some(keys) = usage.read::<Vec<String>>("a list of keys", help, diagnostics).flatten() else { continue };
        let written = group.files.iter().find(|file| file.framework == framework.name && file.name == declared.name);
        let Some(written) = written else { continue };
        let values = written.values.iter().filter(|value| keys.contains(&value.key));
        files.push(ClientFile {
            framework: framework.name.clone(),
            name: declared.name.clone(),
            format: declared.format,
            separator: declared.separator.clone(),
            nested: content::Layout::of(declared).nested.map(str::to_owned),
            keys: values.map(|value| (value.key.clone(), value.file_value())).collect(),
            is_given: written.values.is_empty(),
        });
    }
    to.client_files.extend(files);
}
