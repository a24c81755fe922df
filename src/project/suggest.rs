//! `disco suggest`: answers to a few questions, frameworks that suit them, and the definition of a cluster.

use std::collections::BTreeMap;
use std::path::Path;

use super::failure::{Failure, FailureKind};
use super::init::Begun;
use super::{Place, Project, files};
use crate::catalogue::Catalogue;
use crate::model::{CloudFacts, NodeDriver, Provider};
use crate::source::Diagnostics;
use crate::suggest::{self, Answers, Suggestion, Suggestions};
use crate::syntax;

/// What is suggested, and what it rests on.
#[derive(Debug)]
pub struct Suggested {
    /// The frameworks that there are to choose from.
    pub catalogue: Catalogue,
    /// What the cloud offers.
    pub facts: CloudFacts,
}

impl Project {
    /// What suggestions rest on: the frameworks, those of the project too, and what its cloud offers. `place` may name another
    /// cloud than the project's, of which nothing is known then.
    ///
    /// # Errors
    /// Mistakes in the definitions of the project that hide them; a cloud that does not answer.
    pub async fn suggestible(&self, place: Option<&Place>) -> Result<(Suggested, Diagnostics), Failure> {
        let (catalogue, diagnostics) = self.frameworks()?;
        let facts = match place {
            Some(Place::Cloud(_)) => CloudFacts::default(),
            Some(_) => super::cloud::embedded_facts(),
            None => self.offers().await?,
        };
        Ok((Suggested { catalogue, facts }, diagnostics))
    }

    /// The answers in a file's bytes, which messages call `name`.
    ///
    /// # Errors
    /// What is no answer.
    pub fn read_answers(&self, name: &str, bytes: Vec<u8>) -> Result<Answers, Failure> {
        let (id, binary) = self.sources.add_bytes(name, bytes, "write the answers as HCL or JSON");
        if let Some(binary) = binary {
            return Err(Failure::of(FailureKind::Definition, binary.into()));
        }
        let (answers, diagnostics) = suggest::read(&self.sources, id);
        if diagnostics.has_errors() { Err(Failure::of(FailureKind::Definition, diagnostics)) } else { Ok(answers) }
    }

    /// The definition of a suggestion, laid out, and what is wrong with it: nothing, unless the cloud is odd.
    ///
    /// # Errors
    /// A cluster that cannot have that name; definitions of the project that cannot be read.
    pub fn suggested_definition(
        &self,
        result: &Suggestions,
        of: &Suggestion,
        on: &Suggested,
        name: &str,
        place: Option<&Place>,
    ) -> Result<(String, Diagnostics), Failure> {
        let place = match place {
            Some(Place::Cloud(name)) => suggest::Place::Cloud(Some(name.clone())),
            Some(Place::Containers) => suggest::Place::Containers,
            Some(Place::Simulated) => suggest::Place::Simulated,
            None => self.own_place()?,
        };
        let file = format!("{name}.disco.hcl");
        let written = self.sources.add(&file, result.definition(of, name, &place, &on.facts));
        let text = syntax::format(&self.sources, written);
        let id = self.sources.add(&file, &text);
        let (loaded, mut diagnostics) = self.load_texts(vec![id])?;
        diagnostics.extend(self.compile_loaded(&loaded, &BTreeMap::new(), &on.facts, None).1);
        Ok((text, diagnostics))
    }

    /// Where the project's own clusters are.
    fn own_place(&self) -> Result<suggest::Place, Failure> {
        if !self.is_there()? {
            return Ok(suggest::Place::Simulated);
        }
        let (loaded, _) = self.load()?;
        Ok(match loaded.settings.provider {
            Provider::OpenStack { cloud, .. } => suggest::Place::Cloud(cloud),
            Provider::Local { nodes: NodeDriver::Container, .. } => suggest::Place::Containers,
            Provider::Local { .. } => suggest::Place::Simulated,
        })
    }

    /// Writes a definition into a folder of the project's, which is made if it is missing. Nothing is replaced.
    ///
    /// # Errors
    /// A folder that has definitions already; what the disk says.
    pub fn write_suggested(&self, folder: &Path, name: &str, text: &str) -> Result<Begun, Failure> {
        let there = self.definitions_in(folder)?;
        if let Some(first) = there.first() {
            let path = self.directory().join(folder).join(first);
            let shown = files::shown(&path);
            return Err(Failure::new(
                FailureKind::Refused,
                format!("the folder is a project already: it has `{shown}`"),
            )
            .help("name another folder, as in `disco suggest --out FOLDER`"));
        }
        self.write_first(folder, &[(format!("{name}.disco.hcl"), text.as_bytes().to_vec(), false)])
    }
}
