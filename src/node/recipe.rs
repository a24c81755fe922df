//! A recipe that puts what nodes would fetch into their image: packages, and archives where the agent looks for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalogue::{Archive, GroupConfiguration};
use crate::source::shell_word;

/// What the nodes of an image fetch when they are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// Packages of the distribution.
    pub packages: BTreeSet<String>,
    /// Archives, by the folder that they are unpacked to, and single files, by their path.
    pub archives: BTreeMap<String, Archive>,
}

/// Fetches the first of some addresses that answers, and its published digest where none is given: `FILE DIGEST-OR-ADDRESS
/// ADDRESS…`. The digest is printed.
const FETCH: &str = r#"import hashlib, re, sys, urllib.request
path, digest, urls = sys.argv[1], sys.argv[2], sys.argv[3:]
if "/" in digest:
    text = urllib.request.urlopen(digest, timeout=60).read(1 << 16).decode("utf-8", "replace")
    digest = re.search("[0-9a-fA-F]{128}|[0-9a-fA-F]{64}", re.sub(r"\s", "", text)).group(0).lower()
for url in urls:
    try:
        urllib.request.urlretrieve(url, path)
        break
    except OSError as error:
        print("%s: %s" % (url, error), file=sys.stderr)
else:
    sys.exit("no mirror has it")
sha = hashlib.new("sha256" if len(digest) == 64 else "sha512")
with open(path, "rb") as file:
    for part in iter(lambda: file.read(1 << 20), b""):
        sha.update(part)
found = sha.hexdigest()
if found != digest:
    sys.exit("its SHA-%d is %s, expected %s" % (len(found) * 4, found, digest))
print(digest)
"#;

impl Recipe {
    /// Takes in what the nodes of a group fetch.
    pub fn add(&mut self, group: &GroupConfiguration) {
        self.packages.extend(group.packages.iter().cloned());
        let place = |archive: &Archive| archive.file.as_ref().unwrap_or(&archive.directory).clone();
        self.archives.extend(group.archives.iter().map(|archive| (place(archive), archive.clone())));
    }

    /// Whether there is nothing to put into an image.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.archives.is_empty()
    }

    /// Commands for `sh`, run as root in the system of the image. They can be run again.
    pub fn commands(&self) -> String {
        let mut text = "set -eu\n".to_owned();
        if !self.packages.is_empty() {
            let names: Vec<String> = self.packages.iter().map(|name| quoted(name)).collect();
            text.push_str("export DEBIAN_FRONTEND=noninteractive\napt-get update\n");
            let names = names.join(" ");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "apt-get install -y --no-install-recommends {names}");
            text.push_str("apt-get clean\nrm -rf /var/lib/apt/lists/*\n");
        }
        if !self.archives.is_empty() {
            let _ = writeln!(text, "fetch={}", quoted(FETCH));
        }
        for (place, archive) in &self.archives {
            let what = format!("{} {}", archive.name, archive.version);
            let published = archive.sha512_url.as_ref().or(archive.sha256_url.as_ref());
            let digest = archive.sha512.as_ref().or(published).map_or("", String::as_str);
            let urls: Vec<String> = archive.urls.iter().map(|url| quoted(url)).collect();
            let (place, what, strip) = (quoted(place), quoted(&what), archive.strip.unwrap_or(1));
            let _ = write!(
                text,
                "# {}\narchive=$(mktemp)\ndigest=$(python3 -c \"$fetch\" \"$archive\" {} {})\n",
                archive.name,
                quoted(digest),
                urls.join(" "),
            );
            let _ = if archive.file.is_some() {
                writeln!(text, "install -D -m 0644 \"$archive\" {place}")
            } else {
                writeln!(
                    text,
                    "rm -rf {place}\nmkdir -p {place}\n\
                     tar -xf \"$archive\" -C {place} --strip-components={strip} --no-same-owner\n\
                     printf '%s\\n' {what} \"$digest\" > {place}/.disco-archive"
                )
            };
            text.push_str("rm \"$archive\"\n");
        }
        text
    }

    /// A script that changes the disk image that it is called with, by virt-customize.
    pub fn script(&self) -> String {
        format!(
            "#!/bin/sh\n# Puts packages and archives of this project into a disk image: sh RECIPE IMAGE.qcow2\nset -eu\n\
             image=${{1:?the disk image is missing: sh RECIPE IMAGE.qcow2}}\n\
             steps=$(mktemp)\ntrap 'rm -f \"$steps\"' EXIT\ncat > \"$steps\" <<'DISCO'\n#!/bin/sh\n{}DISCO\n\
             virt-customize -a \"$image\" --run \"$steps\" --truncate /etc/machine-id\n",
            self.commands()
        )
    }

    /// A Dockerfile that begins with an image of the container engine. It needs no other file.
    pub fn dockerfile(&self, from: &str) -> String {
        // The commands travel as one word: a Dockerfile has rules of its own for lines, `#`, `\` and `$`.
        let commands = self.commands();
        let packed = base64(commands.as_bytes());
        let shown: Vec<&str> = commands.lines().flat_map(|line| ["# ", line, "\n"]).collect();
        let shown = shown.concat();
        format!("FROM {from}\n# What is run, as root:\n#\n{shown}RUN echo {packed} | base64 -d | sh\n")
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "/.:_-+=,@".contains(sign);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { shell_word(text) }
}
