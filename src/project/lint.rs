//! `disco lint`, and the warnings that a project does not want to hear of.

use std::collections::{BTreeMap, BTreeSet};

use super::Project;
use super::compile::Made;
use super::definition::Loaded;
use super::failure::Failure;
use super::files;
use crate::model::Sourced;
use crate::plan::Plan;
use crate::review::{Reviewed, Silence, review};
use crate::source::Diagnostics;

impl Project {
    /// What is wrong, and what is allowed and probably not meant. Where something is wrong, only that is said.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn lint(&self) -> Result<Diagnostics, Failure> {
        self.examine().map(|examined| examined.diagnostics)
    }

    /// The same of what has been loaded and compiled, and what was found on the way.
    pub(super) fn reviewed(&self, loaded: &Loaded, made: &Made, mut diagnostics: Diagnostics) -> Diagnostics {
        let mut silence = self.silence(loaded);
        if diagnostics.has_errors() {
            return silence.judge(diagnostics);
        }
        let open_ports = made.open_ports();
        let (outputs, _) = loaded.definition.outputs(
            made.spec(),
            &made.members(),
            &open_ports,
            &BTreeMap::new(),
            &self.sources,
            &self.reader(),
        );
        let reviewed = Reviewed {
            definition: &loaded.definition,
            spec: made.spec(),
            open_ports: &open_ports,
            catalogue: made.catalogue(),
            catalogues: &self.own_frameworks(loaded),
            outputs: &outputs,
        };
        diagnostics.extend(review(reviewed));
        let mut heard = silence.judge(diagnostics);
        heard.extend(silence.faults());
        heard
    }

    /// Which warnings the project does not want to hear of.
    pub(super) fn silence(&self, loaded: &Loaded) -> Silence {
        Silence::of(&self.sources, &loaded.files, &loaded.settings.lint)
    }

    /// The warnings of a plan, and those found on the way to it, without what the project does not want to hear of.
    pub(super) fn heard(&self, loaded: &Loaded, plan: &mut Plan, found: Diagnostics) -> Diagnostics {
        let mut silence = self.silence(loaded);
        plan.diagnostics = silence.hush(std::mem::take(&mut plan.diagnostics));
        silence.hush(found)
    }

    /// Names of what lies in the folders of one's own frameworks.
    fn own_frameworks(&self, loaded: &Loaded) -> Vec<(Sourced<String>, BTreeSet<String>)> {
        let names = |folder: &Sourced<String>| {
            let names = files::list(&self.directory().join(&folder.value)).unwrap_or_default();
            (folder.clone(), names.into_iter().collect())
        };
        loaded.settings.catalogues.iter().map(names).collect()
    }
}
