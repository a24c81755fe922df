//! A file as DISCO writes it, key by key, and where a definition says what is to be otherwise.

use super::Project;
use super::catalogue::{Around, ExplainedCluster};
use super::failure::{Failure, FailureKind};
use super::form::FormBody;
use crate::catalogue::{Answer, Catalogue, Content, ExplainedFile, Explanation, Piece, configure, in_words};
use crate::language::Evaluated;
use crate::model::FrameworkSpec;
use crate::state::State;

/// What stands for a secret.
const SECRET: &str = "(secret)";

/// A file of the nodes of a group.
#[derive(Clone, Debug)]
pub struct WrittenFile {
    /// The cluster's name.
    pub cluster: String,
    /// The group's.
    pub group: String,
    /// Which file.
    pub file: ExplainedFile,
    /// What stands in it; secrets are left out. `None` where it depends on what only the cloud knows.
    pub text: Option<String>,
    /// Whether those are its bytes: nothing of it is secret, or filled in by each node.
    pub is_exact: bool,
    /// Its keys, those too that the definition takes out.
    pub keys: Vec<WrittenKey>,
    /// Whether the definition gives the whole file.
    pub is_whole: bool,
    /// The services that restart when it changes.
    pub restarts: Vec<String>,
    /// The definition with the framework's block, and which block it is in its form; `None` where the block is in a module.
    pub block: Option<(String, String)>,
}

/// The files of a group's nodes.
#[derive(Clone, Debug)]
pub struct GroupFiles {
    /// The cluster's name.
    pub cluster: String,
    /// The group's.
    pub group: String,
    /// They.
    pub files: Vec<ExplainedFile>,
}

/// A key of a file.
#[derive(Clone, Debug)]
pub struct WrittenKey {
    /// The key.
    pub key: String,
    /// Its value and how it came about; `None` where it is not written.
    pub value: Option<Explanation>,
    /// What the definition says of it.
    pub own: OwnValue,
    /// Why it cannot be changed.
    pub protected: Option<String>,
}

/// What a definition says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnValue {
    /// Nothing: DISCO's value counts.
    Nothing,
    /// It is not written.
    Removed,
    /// It has this value.
    Set(String),
    /// It has a value that is secret.
    Secret,
}

impl Project {
    /// A file of a group's nodes, as the definitions are now, without asking a cloud.
    ///
    /// # Errors
    /// Mistakes in the definitions; a cluster, a group or a file that is not there.
    pub fn written_file(&self, cluster: &str, group: &str, file: &str) -> Result<WrittenFile, Failure> {
        let address = format!("{cluster}.{group}/{file}");
        let look = |of: &ExplainedCluster<'_>, catalogue: &Catalogue, state: Option<&State>, question: &str| {
            let explained = self.explained(of, catalogue, state, question)?;
            let Answer::File { file, values, whole, .. } = explained.answer else {
                return Err(Failure::new(FailureKind::Definition, format!("`{address}` is no file"))
                    .help("choose one on the cluster's page"));
            };
            let fixed = of.fixed(catalogue, state);
            let (configuration, _) = configure(of.context(catalogue, &fixed, &self.sources));
            let written = configuration.groups.get(group);
            let written = written.and_then(|group| group.files.iter().find(|written| written.path == file.path));
            let spec = of.spec.frameworks.iter().find(|framework| framework.name == file.framework);
            let declared = catalogue.framework(&file.framework);
            let declared = declared.and_then(|framework| framework.files.iter().find(|own| own.name == file.name));
            let protected = |key: &str| declared.and_then(|declared| declared.protected.get(key).cloned());
            let own = spec.and_then(|spec| spec.files.get(&file.name));
            let own_value = |key: &str| match own.and_then(|own| own.set.get(key)).map(|own| &own.value) {
                None => OwnValue::Nothing,
                Some(None) => OwnValue::Removed,
                Some(Some(text)) if text.secret => OwnValue::Secret,
                Some(Some(text)) => OwnValue::Set(text.value.clone()),
            };
            let mut keys: Vec<WrittenKey> = Vec::new();
            for value in values {
                let key = value.name.clone();
                keys.push(WrittenKey { own: own_value(&key), protected: protected(&key), value: Some(value), key });
            }
            let removed =
                own.into_iter().flat_map(|own| own.set.keys()).filter(|key| own_value(key) == OwnValue::Removed);
            for key in removed.cloned().collect::<Vec<_>>() {
                keys.retain(|written| written.key != key);
                keys.push(WrittenKey { own: OwnValue::Removed, protected: protected(&key), value: None, key });
            }
            Ok(WrittenFile {
                cluster: of.spec.name.clone(),
                group: group.to_owned(),
                text: written.map(|written| shown(&written.content)),
                is_exact: written.is_some_and(|written| is_exact(&written.content)),
                keys,
                is_whole: whole.is_some(),
                restarts: written.map(|written| written.restarts.clone()).unwrap_or_default(),
                block: spec.and_then(|spec| self.block_of(spec)),
                file,
            })
        };
        self.in_cluster(&address, look).map(|(file, _)| file)
    }

    /// The files of each cluster, by cluster and group, as the definitions are now.
    ///
    /// # Errors
    /// Mistakes in the definitions, unreadable files.
    pub fn written_files(&self) -> Result<Vec<GroupFiles>, Failure> {
        let look = |evaluated: &Evaluated, around: &Around<'_>| {
            let mut all = Vec::new();
            for cluster in evaluated.spec.clusters.values() {
                let of = around.cluster(cluster, evaluated);
                for group in &cluster.groups {
                    let explained = self.explained(&of, around.catalogue, around.state, &group.name)?;
                    if let Answer::Contents { files, .. } = explained.answer {
                        all.push(GroupFiles { cluster: cluster.name.clone(), group: group.name.clone(), files });
                    }
                }
            }
            Ok(all)
        };
        self.evaluated(look).map(|(files, _)| files)
    }

    /// The definition with a framework's block, and which block that is in its form.
    fn block_of(&self, framework: &FrameworkSpec) -> Option<(String, String)> {
        if framework.needed_by.is_some() {
            return None;
        }
        let (name, position) = self.sources.locate(framework.origin);
        let (_, text) = self.definition_text(&name).ok()?;
        let form = self.form_of(&text?).ok()?;
        Some((name, path_at(&form, position.line)?))
    }
}

/// The path of the framework's block that begins on a line.
fn path_at(body: &FormBody, line: usize) -> Option<String> {
    body.blocks.iter().find_map(|block| {
        if block.word == "framework" && block.line == line {
            return Some(block.body.path.clone());
        }
        path_at(&block.body, line)
    })
}

/// The bytes of a file without its secrets.
fn shown(content: &Content) -> String {
    let piece = |piece: &Piece| {
        let hidden = piece.text.secret || piece.generated.is_some();
        if hidden { SECRET.to_owned() } else { piece.text.value.clone() }
    };
    in_words(&content.pieces.iter().map(piece).collect::<String>())
}

/// Whether what is shown are the bytes.
fn is_exact(content: &Content) -> bool {
    let revealed = content.revealed();
    !content.is_secret()
        && content.pieces.iter().all(|piece| piece.generated.is_none())
        && in_words(&revealed) == revealed
}
