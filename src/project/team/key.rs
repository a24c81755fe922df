//! The key of a service, with which it encrypts credentials.

use std::path::Path;
use std::sync::Arc;

use crate::model::{Encryption, Key, Sourced};
use crate::project::store::{Cipher, open};
use crate::project::{Failure, FailureKind, NO_DEFINITIONS, files, new_secret};

/// What an envelope holds that is a credential.
const CREDENTIAL: &str = "credential";

/// The file of a key that the service makes, in its own folder.
const OWN: &str = "key";

/// Encrypts credentials.
#[derive(Clone, Debug)]
pub struct CredentialKey(Cipher);

impl CredentialKey {
    /// That of a file; without one, that of the service's own, which is made where there is none.
    ///
    /// # Errors
    /// A file that cannot be read, or holds no key; a disk that takes none.
    pub fn open(file: Option<&Path>, projects: &Path) -> Result<Self, Failure> {
        let own = projects.join(NO_DEFINITIONS).join(OWN);
        let path = file.unwrap_or(&own);
        let failed = |what: &str| Failure::new(FailureKind::State, format!("{what} the key `{}`", files::shown(path)));
        let known = files::read(path).map_err(|fault| failed("cannot read").because(&fault))?;
        let text = match (known, file) {
            (Some(bytes), _) => String::from_utf8(bytes).unwrap_or_default(),
            (None, Some(_)) => {
                return Err(failed("cannot find").help(format!(
                    "make it: head -c 32 /dev/urandom | base64 > {0} && chmod 600 {0}",
                    files::shown(path)
                )));
            }
            (None, None) => {
                let text = new_secret().map_err(|_| failed("this system gives no randomness for"))?;
                let folder = files::folder_of(path);
                files::make_folders(folder)
                    // A file that is written aside is its owner's alone.
                    .and_then(|()| files::write(path, format!("{text}\n").as_bytes()))
                    .map_err(|fault| failed("cannot write").because(&fault))?;
                text
            }
        };
        if !files::is_private(path) {
            return Err(failed("others may read").help(format!("run: chmod 600 {}", files::shown(path))));
        }
        let key = Key::of_text(&text).ok_or_else(|| {
            failed("there is no key of 32 bytes in").help("it has 44 characters of Base64, or 64 hexadecimal digits")
        })?;
        let encryption = Encryption { keys: vec![Sourced::new(key, None)] };
        Ok(Self(Cipher::new(&encryption, &Arc::default())))
    }

    /// Encrypts what belongs to somebody: what it is opened as has to be the same.
    pub(super) fn seal(&self, plain: &[u8], of: &str) -> Result<Vec<u8>, Failure> {
        self.0.seal(plain, of, 0, Some(CREDENTIAL)).map_err(|fault| unusable("kept").because(&fault))
    }

    /// What was encrypted for that one.
    pub(super) fn open_sealed(&self, bytes: Vec<u8>, of: &str) -> Result<Vec<u8>, Failure> {
        #[derive(serde::Deserialize)]
        struct Whose {
            lineage: String,
        }
        let whose = serde_json::from_slice::<Whose>(&bytes).map_err(|fault| unusable("read").because(&fault))?;
        if whose.lineage != of {
            return Err(unusable("read").help("it is that of another project: remove `.disco/credential.json`"));
        }
        open(Some(&self.0), bytes, Some(CREDENTIAL))
            .map_err(|fault| unusable("read").because(&fault).help(fault.help()))
    }
}

pub(super) fn unusable(how: &str) -> Failure {
    Failure::new(FailureKind::State, format!("the credential of the project cannot be {how}"))
}
