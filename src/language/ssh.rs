//! `ssh_keys` and `key_pair`: how people get onto the nodes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::blocks::ClusterAttributes;
use super::decode::Decoder;
use super::reported::{Decoded, Reported};
use crate::model::{Sourced, SshAccess};
use crate::source::Diagnostic;
use crate::syntax::tree::Block;

/// Kinds of public keys that today's SSH servers take.
const KINDS: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

const GOOD_KEY: &str = "the content of a `.pub` file: file(\"~/.ssh/id_ed25519.pub\")";

/// Reads both attributes of a cluster.
pub(crate) fn ssh(cluster: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<SshAccess> {
    let list = decoder.read(cluster, &ClusterAttributes::ALL.ssh_keys);
    let key_pair = decoder.read(cluster, &ClusterAttributes::ALL.key_pair);
    let mut keys: Vec<Sourced<String>> = Vec::new();
    let mut failed = false;
    for text in list?.map(|list| list.value).unwrap_or_default() {
        if is_private(&text.value) {
            failed = true;
            decoder.report(
                Diagnostic::error("disco::private_key", "`ssh_keys` holds a private key")
                    .at_maybe(text.origin, "not shown here")
                    .help(format!("remove it and give {GOOD_KEY}; a key that others have seen is no longer private")),
            );
            continue;
        }
        let lines = text.value.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut found = false;
        for line in lines {
            found = true;
            match problem(line) {
                None if keys.iter().any(|key| key.value == line) => {}
                None => keys.push(Sourced::new(line.to_owned(), text.origin)),
                Some(problem) => {
                    failed = true;
                    decoder.report(not_a_key(&problem).at_maybe(text.origin, problem));
                }
            }
        }
        if !found {
            failed = true;
            decoder.report(not_a_key("it is empty").at_maybe(text.origin, "empty"));
        }
    }
    let key_pair = key_pair?;
    if failed { Err(Reported) } else { Ok(SshAccess { keys, key_pair }) }
}

fn not_a_key(problem: &str) -> Diagnostic {
    Diagnostic::error("disco::invalid_ssh_key", format!("this is not an SSH public key: {problem}")).help(GOOD_KEY)
}

fn is_private(text: &str) -> bool {
    text.contains("PRIVATE KEY") || text.contains("PuTTY-User-Key-File")
}

/// What is wrong with a line that should be a public key; never quotes more of it than its first word.
fn problem(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let kind = words.next().unwrap_or_default();
    if !KINDS.contains(&kind) {
        return Some(match kind {
            "ssh-dss" => "DSA keys are no longer accepted by SSH servers".to_owned(),
            _ if line.rsplit_once('.').is_some_and(|(_, ending)| ending == "pub") => {
                "it is the name of a file".to_owned()
            }
            _ => "it does not begin with a kind of key such as `ssh-ed25519`".to_owned(),
        });
    }
    let Some(encoded) = words.next() else { return Some("nothing follows its first word".to_owned()) };
    let Ok(bytes) = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)) else {
        return Some("its second word is not valid Base64".to_owned());
    };
    let whole = fields(&bytes).filter(|fields| fields.len() >= 2);
    match whole {
        None => Some("it is cut off".to_owned()),
        Some(fields) if fields[0] != kind.as_bytes() => Some("its two words name different kinds of keys".to_owned()),
        Some(fields) if kind == "ssh-ed25519" && fields[1].len() != 32 => Some("it is cut off".to_owned()),
        Some(_) => None,
    }
}

/// The fields of an SSH blob, each preceded by its length in four bytes.
fn fields(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (field, rest) = rest.split_at_checked(length)?;
        fields.push(field);
        bytes = rest;
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1yuHfHOTHRKQDH2QVfFnM1VGiHFmwzBLEEpCxZnJ0e someone@somewhere";

    #[test]
    fn public_keys_are_told_from_other_texts() {
        assert_eq!(problem(GOOD), None);
        assert_eq!(problem(&GOOD[..60]).as_deref(), Some("it is cut off"));
        assert_eq!(problem(&GOOD[..61]).as_deref(), Some("its second word is not valid Base64"));
        assert_eq!(problem("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1yuHfH").as_deref(), Some("it is cut off"));
        assert_eq!(problem("~/.ssh/id.pub").as_deref(), Some("it is the name of a file"));
        assert!(problem(&GOOD.replacen("ssh-ed25519", "ssh-rsa", 1)).is_some());
        assert!(problem("ssh-ed25519").is_some());
    }
}
