//! The files that expressions may see.

/// How functions such as `file` reach files. What may be read is for the one who hands it in to decide: on the command
/// line whatever its user may read, in a service never outside the project. Paths are as written in the definition:
/// relative to the project, `~` not yet expanded. An error is a sentence for the user.
pub trait FileReader {
    /// The bytes of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// Whether there is a file of that name. An error says that something else has it, or that it may not be told.
    fn exists(&self, path: &str) -> Result<bool, String>;

    /// All files below a folder, relative to it, with `/` between parts, sorted.
    fn list(&self, folder: &str) -> Result<Vec<String>, String> {
        Err(format!("the files in {folder} cannot be listed here"))
    }

    /// Fails for a path that was listed and is not a file that can be read: a link that leads nowhere, a named pipe.
    fn check(&self, _path: &str) -> Result<(), String> {
        Ok(())
    }

    /// The path of the user's home folder, if that may be told.
    fn home(&self) -> Option<String> {
        None
    }

    /// The path from the root of the folder that paths begin in, if that may be told.
    fn folder(&self) -> Option<String> {
        None
    }
}

/// Where there are no files.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl FileReader for NoFiles {
    fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
        Err("no file can be read here".to_owned())
    }

    fn exists(&self, _path: &str) -> Result<bool, String> {
        Ok(false)
    }
}
