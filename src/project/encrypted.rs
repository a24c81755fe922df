//! Encrypting what was kept in the open.

use super::Project;
use super::failure::Failure;
use super::session::now;
use super::state_edit::{never_applied, put, refused};

/// What was encrypted anew, and what is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encrypted {
    /// Serial of the state.
    pub serial: u64,
    /// How many copies of earlier states.
    pub copies: usize,
    /// How many operations the history has forgotten: what they said is not encrypted.
    pub operations: usize,
    /// How many plans of `disco serve` were removed, which were not encrypted.
    pub plans: usize,
    /// Other workspaces whose state, or history, is not encrypted.
    pub open: Vec<String>,
    /// Fingerprint of the key.
    pub key: String,
}

impl Project {
    /// Writes the state and the copies of before encrypted with the present key, and forgets what was kept in the open: what
    /// operations said, and the plans of services.
    ///
    /// # Errors
    /// A definition without a key; a state, or a copy, that none of its keys opens.
    pub async fn encrypt_state(&self) -> Result<Encrypted, Failure> {
        let store = self.store_in_place()?;
        let Some(cipher) = store.cipher() else {
            return Err(refused("the definition does not say what to encrypt with")
                .help("write `disco { encryption { key = file(\"…\") } }`"));
        };
        let _lease = self.acquire(&store, "state encrypt", now()).await?;
        let before = store.load().await?.ok_or_else(never_applied)?;
        let mut after = before.clone();
        let serial = put(&store, Some(&before), &mut after).await?;
        let copies = store.seal_generations()?;
        let key = cipher.fingerprints(&after.lineage).into_iter().next().unwrap_or_default();
        let (operations, plans) = (self.forget_history()?, self.forget_open_plans()?);
        let mut open = Vec::new();
        for (name, other) in self.other_workspaces()? {
            if other.is_open().await? {
                open.push(name);
            }
        }
        Ok(Encrypted { serial, copies, operations, plans, open, key })
    }

    /// Whether anything is kept of this workspace that is not encrypted.
    async fn is_open(&self) -> Result<bool, Failure> {
        Ok(self.history_range()?.is_some() || self.store_in_place()?.is_open().await?)
    }
}
