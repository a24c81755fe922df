//! `disco frameworks new`: a manifest to begin with, which works as it is.

use std::path::Path;

use super::Project;
use super::failure::{Failure, FailureKind};
use super::init::Begun;
use crate::catalogue::Catalogue;

/// The files, with `@NAME@` where the framework's name goes and `@FOLDER@` where its folder's does.
const FILES: [(&str, &str); 2] =
    [("framework.hcl", include_str!("framework.hcl")), ("cluster.py", include_str!("cluster.py"))];

/// The longest name: accounts and units are called by it.
const LONGEST: usize = 24;

impl Project {
    /// Writes a manifest for a framework of one's own and its program into a folder of that name below `within`.
    ///
    /// # Errors
    /// A name that cannot be one, or is taken; a file that is there already; what the disk says.
    pub fn new_framework(&self, name: &str, within: &Path) -> Result<Begun, Failure> {
        if let Some(why) = refusal(name, self.embedded_catalogue()) {
            let message = format!("`{}` cannot be the name of a framework: {why}", name.escape_debug());
            return Err(Failure::new(FailureKind::Definition, message).help(format!(
                "use up to {LONGEST} lower-case letters, digits and `-`, beginning with a letter, as in `my-framework`"
            )));
        }
        let folder = within.join(name);
        let shown = folder.display().to_string();
        let text = |text: &str| text.replace("@NAME@", name).replace("@FOLDER@", &shown).into_bytes();
        let files: Vec<_> = FILES.iter().map(|(file, of)| ((*file).to_owned(), text(of), false)).collect();
        self.write_new(&folder, &files, "choose another name, or another folder with `--path`")
    }
}

/// Why a framework cannot have a name.
fn refusal(name: &str, catalogue: &Catalogue) -> Option<&'static str> {
    let letter = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
    if catalogue.framework_names().any(|known| known == name) {
        return Some("DISCO has one of that name");
    }
    if name.len() > LONGEST {
        return Some("it is too long for accounts and units");
    }
    let fits = name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(letter);
    (!fits || name.ends_with('-')).then_some("accounts, units and folders are called by it")
}
