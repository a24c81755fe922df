//! `disco fmt`: which files there are to lay out, and writing them back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Project;
use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use crate::source::Diagnostics;
use crate::syntax;

/// What the files are called that are laid out: those in HCL.
const ENDING: &str = ".hcl";

/// Endings of what is looked for in folders: definitions and variables; and the manifest of a framework.
const FOUND_IN_FOLDERS: [&str; 3] = [".disco.hcl", ".vars.hcl", "framework.hcl"];

/// Which files to lay out.
#[derive(Clone, Debug)]
pub struct LayoutRequest {
    /// Files, and folders whose definitions are meant; none for the project's folder.
    pub paths: Vec<PathBuf>,
    /// Look into the folders of folders, too.
    pub recursive: bool,
    /// Write what differs.
    pub write: bool,
}

/// A file that has another layout than it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherLayout {
    /// Its path, as it was typed or found.
    pub name: String,
    /// How it is.
    pub before: String,
    /// How it should be.
    pub after: String,
}

impl Project {
    /// Looks at the layout of files, and mends it where that is asked for. Files in which something is wrong are left as
    /// they are; the others are done.
    ///
    /// # Errors
    /// A path at which there is nothing, or no HCL; a file that cannot be read or written. What is wrong in files are
    /// diagnostics.
    pub fn lay_out(&self, request: &LayoutRequest) -> Result<(Vec<OtherLayout>, Diagnostics), Failure> {
        let mut diagnostics = Diagnostics::new();
        let mut differing = Vec::new();
        for path in self.to_lay_out(request)? {
            let bytes = files::read_existing(&path).map_err(|fault| unusable("read", &path, &fault))?;
            let (found, other) = self.layout_of(&files::shown(&path).to_string(), bytes);
            diagnostics.extend(found);
            let Some(other) = other else { continue };
            if request.write {
                files::rewrite(&path, other.after.as_bytes()).map_err(|fault| unusable("write", &path, &fault))?;
            }
            differing.push(other);
        }
        Ok((differing, diagnostics))
    }

    /// A text as it should be laid out, if it is not; what is wrong in it.
    pub fn layout_of(&self, name: &str, bytes: Vec<u8>) -> (Diagnostics, Option<OtherLayout>) {
        let mut diagnostics = Diagnostics::new();
        let (id, fault) = self.sources.add_bytes(name, bytes, "only definitions in HCL are laid out");
        let readable = fault.is_none();
        diagnostics.extend(fault);
        if readable {
            diagnostics.extend(syntax::parse(&self.sources, id).1);
        }
        if diagnostics.has_errors() {
            return (diagnostics, None);
        }
        let after = syntax::format(&self.sources, id);
        let before = self.sources.get(id).text().to_owned();
        let other = (after != before).then(|| OtherLayout { name: name.to_owned(), before, after });
        (diagnostics, other)
    }

    /// All files that are meant, in the order of their arguments, each once.
    fn to_lay_out(&self, request: &LayoutRequest) -> Result<Vec<PathBuf>, Failure> {
        let directory = self.directory();
        let typed: Vec<PathBuf> = request.paths.iter().map(|path| directory.join(path)).collect();
        let typed = if typed.is_empty() { vec![directory.to_path_buf()] } else { typed };
        let mut found = Vec::new();
        for path in &typed {
            match files::kind(path).map_err(|fault| unusable("read", path, &fault))? {
                FileKind::Folder => in_folder(path, request.recursive, &mut found)?,
                FileKind::Ordinary if path.to_string_lossy().ends_with(ENDING) => found.push(path.clone()),
                FileKind::Ordinary => {
                    let message = format!("`{}` is not a file in HCL", files::shown(path));
                    return Err(Failure::new(FailureKind::Definition, message)
                        .help("name files that end in `.hcl`, or a folder; `-` reads stdin"));
                }
                other => return Err(unusable("read", path, &other.fault())),
            }
        }
        let mut once = BTreeSet::new();
        found.retain(|path| once.insert(path.clone()));
        Ok(found)
    }
}

fn unusable(verb: &str, path: &Path, fault: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Definition, format!("cannot {verb} `{}`", files::shown(path))).because(fault)
}

/// The files of a folder, and of those in it if that is wanted; hidden ones are none.
fn in_folder(folder: &Path, recursive: bool, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for name in files::list(folder).map_err(|fault| unusable("read", folder, &fault))? {
        let path = folder.join(&name);
        let kind = files::kind(&path).map_err(|fault| unusable("read", &path, &fault))?;
        if kind == FileKind::Folder {
            // A link may lead back to where it lies.
            if recursive && !files::is_link(&path) {
                in_folder(&path, recursive, found)?;
            }
        } else if FOUND_IN_FOLDERS.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    Ok(())
}
