//! Encryption of states and saved plans, before they reach any place where they are kept.
//!
//! What is written is an envelope: its format, lineage and serial in the open, and the rest encrypted with a key that is
//! used once. It is derived (HKDF-SHA256) from the key of the definition and a fresh salt of 32 bytes, so the nonce of
//! AES-256-GCM may be the same always. What is in the open is authenticated with the rest.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{hkdf, hmac, pbkdf2};
use serde::{Deserialize, Serialize};

use crate::model::{Encryption, Key, Sourced};

/// The format of the envelope.
const FORMAT: &str = "disco-encrypted/1";

/// What every format of it begins with.
const FORMATS: &str = "disco-encrypted/";

/// In how many of the first bytes the format is looked for.
const HEAD: usize = 512;

/// Rounds of PBKDF2 for a passphrase.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(599_999);

/// Bytes of a key's name.
const FINGERPRINT: usize = 8;

const SALT: usize = 32;

/// What an envelope holds that is no state.
pub(in crate::project) const PLAN: &str = "plan";

/// Why an envelope stays closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealFault {
    /// It is none, or damaged.
    #[error("it is not an envelope of DISCO's encryption: {0}")]
    Malformed(String),
    /// A later DISCO wrote it.
    #[error("it is encrypted in the format `{0}`, this DISCO reads `{FORMAT}`")]
    Newer(String),
    /// It holds something else.
    #[error("what is encrypted is {0}")]
    Another(&'static str),
    /// The definition has no `encryption` block.
    #[error("it is encrypted (key {0}), and the definition has no `encryption` block")]
    NoKey(String),
    /// None of the keys is that one.
    #[error("it is encrypted with the key {wanted}, the definition has {known}")]
    WrongKey {
        /// Its name.
        wanted: String,
        /// Names of those there are.
        known: String,
    },
    /// The key is right, the rest is not.
    #[error("it was changed after it was encrypted with the key {0}")]
    Damaged(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

impl SealFault {
    /// The way out.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::NoKey(_) => {
                "put the `encryption` block back. To go on without it: with the block in place run \
                 `disco state pull > plain.json`, remove the block, then `disco state push --force plain.json`"
            }
            Self::WrongKey { .. } => {
                "name the key that it was encrypted with, in `previous` if it is not the present one"
            }
            Self::Newer(_) => "upgrade DISCO",
            Self::Another(_) => "name the file that was meant",
            Self::Malformed(_) | Self::Damaged(_) => {
                "put the last good copy back: `disco state history` lists those of before the last operations, \
                 `disco state rollback` puts one back"
            }
            Self::NoRandomness => "look why /dev/urandom cannot be read",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holds: Option<String>,
    lineage: String,
    serial: u64,
    key: String,
    salt: String,
    data: String,
}

/// Keys that were derived from passphrases in this process: that takes a while, and is done once.
#[derive(Debug, Default)]
pub(in crate::project) struct Derived(Mutex<BTreeMap<(String, String), [u8; 32]>>);

/// Seals, and opens what was sealed with any of its keys.
#[derive(Clone, Debug)]
pub(in crate::project) struct Cipher {
    keys: Vec<Sourced<Key>>,
    derived: Arc<Derived>,
}

impl Cipher {
    pub(in crate::project) fn new(encryption: &Encryption, derived: &Arc<Derived>) -> Self {
        Self { keys: encryption.keys.clone(), derived: Arc::clone(derived) }
    }

    /// Seals bytes that belong to a state.
    pub(in crate::project) fn seal(
        &self,
        plain: &[u8],
        lineage: &str,
        serial: u64,
        holds: Option<&str>,
    ) -> Result<Vec<u8>, SealFault> {
        let Some(key) = self.keys.first() else { return Err(SealFault::NoKey(String::new())) };
        let bytes = self.bytes(&key.value, lineage);
        let mut salt = [0; SALT];
        SystemRandom::new().fill(&mut salt).map_err(|_| SealFault::NoRandomness)?;
        let mut envelope = Envelope {
            format: FORMAT.to_owned(),
            holds: holds.map(str::to_owned),
            lineage: lineage.to_owned(),
            serial,
            key: fingerprint(&bytes),
            salt: STANDARD.encode(salt),
            data: String::new(),
        };
        let failed = || SealFault::Damaged(fingerprint(&bytes));
        let mut data = plain.to_vec();
        let aad = Aad::from(open_part(&envelope));
        once(&bytes, &salt)
            .and_then(|key| key.seal_in_place_append_tag(nonce(), aad, &mut data).ok())
            .ok_or_else(failed)?;
        envelope.data = STANDARD.encode(data);
        let mut text = serde_json::to_vec_pretty(&envelope).map_err(|_| failed())?;
        text.push(b'\n');
        Ok(text)
    }

    /// Names of the keys for a state, the one that encrypts first.
    pub(in crate::project) fn fingerprints(&self, lineage: &str) -> Vec<String> {
        self.keys.iter().map(|key| fingerprint(&self.bytes(&key.value, lineage))).collect()
    }

    fn bytes(&self, key: &Key, lineage: &str) -> [u8; 32] {
        let passphrase = match key {
            Key::Bytes(bytes) => return *bytes,
            Key::Passphrase(passphrase) => passphrase,
        };
        let mut derived = self.derived.0.lock().unwrap_or_else(PoisonError::into_inner);
        *derived.entry((passphrase.clone(), lineage.to_owned())).or_insert_with(|| {
            let mut bytes = [0; 32];
            let salt = format!("{FORMAT} {lineage}");
            pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt.as_bytes(), passphrase.as_bytes(), &mut bytes);
            bytes
        })
    }

    /// The key of that name. Those that need no derivation are tried first.
    fn named(&self, name: &str, lineage: &str) -> Option<[u8; 32]> {
        let (ready, others): (Vec<_>, Vec<_>) = self.keys.iter().partition(|key| matches!(key.value, Key::Bytes(_)));
        let mut all = ready.into_iter().chain(others).map(|key| self.bytes(&key.value, lineage));
        all.find(|bytes| fingerprint(bytes) == name)
    }
}

/// Whether bytes are an envelope: their beginning says so, or their end, where somebody has put its members in order.
pub(in crate::project) fn is_sealed(bytes: &[u8]) -> bool {
    let mark = format!("\"{FORMATS}");
    let has_mark = |part: &[u8]| part.windows(mark.len()).any(|window| window == mark.as_bytes());
    let head = &bytes[..bytes.len().min(HEAD)];
    let tail = &bytes[bytes.len().saturating_sub(HEAD)..];
    head.trim_ascii_start().starts_with(b"{") && (has_mark(head) || (has_mark(tail) && format_of(bytes).is_ok()))
}

/// The format that an envelope says it has.
fn format_of(bytes: &[u8]) -> Result<String, serde_json::Error> {
    #[derive(Deserialize)]
    struct Mark {
        format: String,
    }
    serde_json::from_slice(bytes).map(|Mark { format }| format)
}

/// Whether bytes are an envelope with a plan in it.
pub(in crate::project) fn is_sealed_plan(bytes: &[u8]) -> bool {
    is_sealed(bytes) && envelope(bytes).is_ok_and(|envelope| envelope.holds.as_deref() == Some(PLAN))
}

/// What was sealed; bytes that were not, as they are.
///
/// # Errors
/// An envelope that none of the keys opens, or that was changed.
pub(in crate::project) fn open(
    cipher: Option<&Cipher>,
    bytes: Vec<u8>,
    holds: Option<&str>,
) -> Result<Vec<u8>, SealFault> {
    if !is_sealed(&bytes) {
        return Ok(bytes);
    }
    let envelope = envelope(&bytes)?;
    if envelope.holds.as_deref() != holds {
        return Err(SealFault::Another(if envelope.holds.is_some() { "no state" } else { "a state" }));
    }
    let Some(cipher) = cipher else { return Err(SealFault::NoKey(envelope.key)) };
    let malformed = |what: &str| SealFault::Malformed(format!("`{what}` is damaged"));
    let salt = STANDARD.decode(&envelope.salt).ok().and_then(|salt| <[u8; SALT]>::try_from(salt).ok());
    let salt = salt.ok_or_else(|| malformed("salt"))?;
    let mut data = STANDARD.decode(&envelope.data).map_err(|_| malformed("data"))?;
    let Some(key) = cipher.named(&envelope.key, &envelope.lineage) else {
        let known = cipher.fingerprints(&envelope.lineage).join(", ");
        return Err(SealFault::WrongKey { wanted: envelope.key, known });
    };
    let aad = Aad::from(open_part(&envelope));
    let length = once(&key, &salt).and_then(|key| Some(key.open_in_place(nonce(), aad, &mut data).ok()?.len()));
    let Some(length) = length else { return Err(SealFault::Damaged(envelope.key)) };
    data.truncate(length);
    Ok(data)
}

fn envelope(bytes: &[u8]) -> Result<Envelope, SealFault> {
    let malformed = |fault: serde_json::Error| SealFault::Malformed(fault.to_string());
    let format = format_of(bytes).map_err(malformed)?;
    if format != FORMAT {
        return Err(SealFault::Newer(format));
    }
    serde_json::from_slice(bytes).map_err(malformed)
}

/// What is in the open, as it is authenticated.
fn open_part(envelope: &Envelope) -> Vec<u8> {
    let Envelope { format, holds, lineage, serial, .. } = envelope;
    match holds {
        None => serde_json::json!([format, lineage, serial]),
        Some(holds) => serde_json::json!([format, lineage, serial, holds]),
    }
    .to_string()
    .into_bytes()
}

/// The key that is used for one envelope.
fn once(key: &[u8; 32], salt: &[u8; SALT]) -> Option<LessSafeKey> {
    let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key);
    let info = [FORMAT.as_bytes()];
    let derived = derived.expand(&info, &AES_256_GCM).ok()?;
    Some(LessSafeKey::new(UnboundKey::from(derived)))
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// What a key is called.
fn fingerprint(key: &[u8; 32]) -> String {
    let name = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"disco-encrypted/1 fingerprint");
    HEXLOWER.encode(&name.as_ref()[..FINGERPRINT])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cipher(keys: &[Key]) -> Cipher {
        let keys = keys.iter().map(|key| Sourced::new(key.clone(), None)).collect();
        Cipher::new(&Encryption { keys }, &Arc::default())
    }

    const A: Key = Key::Bytes([1; 32]);
    const B: Key = Key::Bytes([2; 32]);

    fn sealed() -> Vec<u8> {
        cipher(&[A]).seal(b"what nobody may read", "one", 7, None).unwrap()
    }

    #[test]
    fn what_was_sealed_is_opened_with_its_key_alone() {
        let bytes = sealed();
        assert!(is_sealed(&bytes) && !is_sealed_plan(&bytes) && !is_sealed(b"{}"));
        assert!(!String::from_utf8_lossy(&bytes).contains("nobody"));
        assert_eq!(open(Some(&cipher(&[A])), bytes.clone(), None).unwrap(), b"what nobody may read");
        assert_eq!(
            open(Some(&cipher(&[B, A])), bytes.clone(), None).unwrap(),
            b"what nobody may read",
            "a previous key"
        );
        assert!(matches!(open(Some(&cipher(&[B])), bytes.clone(), None), Err(SealFault::WrongKey { .. })));
        assert!(matches!(open(None, bytes.clone(), None), Err(SealFault::NoKey(_))));
        assert_eq!(open(Some(&cipher(&[A])), bytes.clone(), Some(PLAN)), Err(SealFault::Another("a state")));
        assert_ne!(sealed(), bytes, "each has a salt of its own");
        assert_eq!(open(None, b"plain".to_vec(), None).unwrap(), b"plain");
    }

    #[test]
    fn a_passphrase_is_a_key_for_each_lineage() {
        let words = cipher(&[Key::Passphrase("correct horse battery".to_owned())]);
        let bytes = words.seal(b"plain", "one", 1, Some(PLAN)).unwrap();
        assert!(is_sealed_plan(&bytes));
        assert_eq!(open(Some(&words), bytes, Some(PLAN)).unwrap(), b"plain");
        assert_eq!(words.derived.0.lock().unwrap().len(), 1, "it is derived once");
    }

    #[test]
    fn what_is_in_the_open_cannot_be_changed() {
        let bytes = String::from_utf8(sealed()).unwrap();
        let damaged = |bytes: &str| open(Some(&cipher(&[A])), bytes.as_bytes().to_vec(), None).unwrap_err();
        for (from, to) in [("\"one\"", "\"two\""), ("\"serial\": 7", "\"serial\": 8")] {
            assert!(matches!(damaged(&bytes.replace(from, to)), SealFault::Damaged(_)), "{from}");
        }
        assert!(matches!(damaged(&bytes.replace("encrypted/1", "encrypted/2")), SealFault::Newer(_)));
        let plan = bytes.replace("\"lineage\"", "\"holds\": \"plan\", \"lineage\"");
        assert!(matches!(open(Some(&cipher(&[A])), plan.into_bytes(), Some(PLAN)), Err(SealFault::Damaged(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn no_byte_can_be_changed(at in any::<proptest::sample::Index>(), to in any::<u8>()) {
            let mut bytes = sealed();
            let at = at.index(bytes.len());
            let same = bytes[at] == to;
            bytes[at] = to;
            // A blank between two members may be another one.
            match open(Some(&cipher(&[A])), bytes.clone(), None) {
                Ok(plain) => prop_assert!(same || plain == b"what nobody may read" || plain == bytes),
                Err(_) => prop_assert!(!same),
            }
        }

        #[test]
        fn any_bytes_are_refused_or_plain(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut whole = b"{\"format\": \"disco-encrypted/1\", ".to_vec();
            whole.extend(&bytes);
            prop_assert!(open(Some(&cipher(&[A])), whole, None).is_err());
            let _ = open(Some(&cipher(&[A])), bytes, None);
        }

        #[test]
        fn any_members_are_refused(lineage in ".*", key in "[0-9a-f]{0,20}", salt in "[A-Za-z0-9+/=]{0,60}", data in "[A-Za-z0-9+/=]{0,80}", serial in any::<u64>()) {
            let members = serde_json::json!({ "format": FORMAT, "lineage": lineage, "serial": serial, "key": key, "salt": salt, "data": data });
            prop_assert!(open(Some(&cipher(&[A])), members.to_string().into_bytes(), None).is_err());
        }
    }
}
