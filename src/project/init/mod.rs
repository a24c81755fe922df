//! `disco init`: a first definition, written from answers or copied from an example.

mod answers;
mod definition;
mod examples;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use answers::{Answers, Place};
pub use examples::{Example, examples};

use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use super::{Project, unreadable};
use crate::catalogue::{Catalogue, image_for};
use crate::source::{Diagnostics, did_you_mean};
use crate::syntax;

/// What is kept out of version control where nobody has said what is: what DISCO writes itself.
const IGNORED: &str = "# What DISCO writes itself. The state is of one set of clusters, not of a commit: keep it safe elsewhere.\n\
                       .disco/\ndisco.state.json\n";

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The folder, as it was named.
    pub folder: PathBuf,
    /// Names of the files in it.
    pub files: Vec<String>,
}

impl Project {
    /// Names of the definitions in a folder of the project's; none where there is no such folder.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn definitions_in(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        let folder = self.directory().join(folder);
        match files::definitions(&folder) {
            Ok(names) => Ok(names),
            // What is in the way is said by who makes the folder.
            Err(fault) if matches!(fault.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
            Err(fault) => Err(unreadable(&folder, &fault)),
        }
    }

    /// The definition that answers come to, and what is wrong with it.
    ///
    /// # Errors
    /// Files of variables that cannot be read.
    pub fn first_definition(&self, answers: &Answers) -> Result<(String, Diagnostics), Failure> {
        let name = answers.file();
        let frameworks = Self::with_what_they_need(self.embedded_catalogue(), &answers.frameworks);
        let image = Self::image_of(self.embedded_catalogue(), &frameworks, &answers.image);
        let answers = Answers { frameworks, image, ..answers.clone() }.with_room();
        let written = self.sources.add(&name, definition::write(&answers));
        let text = syntax::format(&self.sources, written);
        let id = self.sources.add(&name, &text);
        let (loaded, mut diagnostics) = self.load_texts(vec![id])?;
        diagnostics.extend(self.compile_offline(&loaded, None).1);
        Ok((text, diagnostics))
    }

    /// The image for these frameworks: the usual one, unless that lacks something that they need.
    pub(super) fn image_of(catalogue: &Catalogue, frameworks: &[String], usual: &str) -> String {
        let frameworks: Vec<_> = frameworks.iter().filter_map(|name| catalogue.framework(name)).collect();
        image_for(catalogue, &frameworks, usual, &[])
    }

    /// These frameworks, each after those that it cannot be without.
    pub(super) fn with_what_they_need(catalogue: &Catalogue, chosen: &[String]) -> Vec<String> {
        let (mut all, mut begun): (Vec<String>, BTreeSet<String>) = Default::default();
        let mut open: Vec<String> = chosen.iter().rev().cloned().collect();
        while let Some(name) = open.pop() {
            let Some(framework) = catalogue.framework(&name) else {
                all.push(name);
                continue;
            };
            let is_there = |asked: &str| {
                let named = all.iter().chain(chosen).filter_map(|name| catalogue.framework(name));
                named.into_iter().any(|framework| framework.may_offer(asked))
            };
            let required = framework.requires.iter().filter(|required| required.when.is_none());
            let missing: Vec<&str> = required
                .filter(|required| !required.relation.names().any(is_there))
                .filter_map(|required| required.relation.names().next())
                .collect();
            let provider = |asked: &&str| catalogue.frameworks().find(|framework| framework.may_offer(asked));
            let providers: Vec<String> = missing.iter().filter_map(provider).map(|found| found.name.clone()).collect();
            // Those that need each other would be looked at for ever.
            if providers.is_empty() || !begun.insert(name.clone()) {
                if !all.contains(&name) {
                    all.push(name);
                }
            } else {
                open.push(name);
                open.extend(providers);
            }
        }
        all
    }

    /// The definition that answers come to.
    ///
    /// # Errors
    /// Answers that make no valid definition.
    pub fn sound_definition(&self, answers: &Answers) -> Result<String, Failure> {
        let (text, diagnostics) = self.first_definition(answers)?;
        if diagnostics.has_errors() { Err(Failure::of(FailureKind::Definition, diagnostics)) } else { Ok(text) }
    }

    /// Writes the definition that answers come to into a folder of the project's, which is made if it is missing.
    ///
    /// # Errors
    /// Answers that make no valid definition; a file that is there already; what the disk says.
    pub fn write_definition(&self, folder: &Path, answers: &Answers) -> Result<Begun, Failure> {
        let text = self.sound_definition(answers)?;
        self.write_first(folder, &[(answers.file(), text.into_bytes(), false)])
    }

    /// Copies an example into a folder of the project's, which is made if it is missing.
    ///
    /// # Errors
    /// An example that does not exist; a file that is there already; what the disk says.
    pub fn write_example(&self, folder: &Path, name: &str) -> Result<Begun, Failure> {
        let all = examples();
        let Some(example) = all.iter().find(|example| example.name == name) else {
            let near = did_you_mean(name, all.iter().map(|example| example.name.as_str()));
            return Err(Failure::new(FailureKind::Definition, format!("example `{name}` does not exist"))
                .help("run `disco init --list` to see them")
                .help_maybe(near));
        };
        let files: Vec<_> = example
            .files
            .iter()
            .map(|(name, bytes)| {
                let is_program = Path::new(name).extension().is_some_and(|ending| ending == "sh");
                (name.clone(), bytes.clone(), is_program)
            })
            .collect();
        self.write_first(folder, &files)
    }

    /// Writes the first files of a project, and has version control leave out what DISCO writes.
    pub(super) fn write_first(&self, within: &Path, all: &[(String, Vec<u8>, bool)]) -> Result<Begun, Failure> {
        let help = "`disco init` replaces no files: name another folder, as in `disco init FOLDER`";
        let mut begun = self.write_new(within, all, help)?;
        let folder = self.directory().join(within);
        let ignore = folder.join(".gitignore");
        if files::is_in_repository(&folder) && files::kind(&ignore).is_ok_and(|found| found == FileKind::Nothing) {
            files::create(&ignore, IGNORED.as_bytes(), false).map_err(|fault| cannot_write(&ignore, &fault))?;
            begun.files.push(".gitignore".to_owned());
        }
        Ok(begun)
    }

    /// Writes files that are not there yet, each with whether it is a program; `help` says what to do where one is.
    pub(super) fn write_new(
        &self,
        within: &Path,
        all: &[(String, Vec<u8>, bool)],
        help: &str,
    ) -> Result<Begun, Failure> {
        let folder = self.directory().join(within);
        for (name, ..) in all {
            let path = folder.join(name);
            let found = match files::kind(&path) {
                // A part of the path that is no folder is said where that is made.
                Err(fault) if fault.kind() == ErrorKind::NotADirectory => FileKind::Nothing,
                found => found.map_err(|fault| cannot_write(&path, &fault))?,
            };
            if found != FileKind::Nothing {
                return Err(
                    Failure::new(FailureKind::Refused, format!("`{}` exists already", files::shown(&path))).help(help)
                );
            }
        }
        files::make_folders(&folder).map_err(|fault| cannot_write(&folder, &fault))?;
        let mut begun = Begun { folder: within.to_owned(), files: Vec::new() };
        for (name, bytes, is_program) in all {
            let path = folder.join(name);
            let made = path.parent().map_or(Ok(()), files::make_folders);
            if let Err(fault) = made.and_then(|()| files::create(&path, bytes, *is_program)) {
                // Half a project is none; what cannot be taken back either stays.
                begun.files.iter().for_each(|name| drop(files::remove(&folder.join(name))));
                return Err(cannot_write(&path, &fault));
            }
            begun.files.push(name.clone());
        }
        Ok(begun)
    }
}

fn cannot_write(path: &Path, fault: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Definition, format!("cannot write `{}`", files::shown(path))).because(fault)
}
