//! The folders of `examples/`, as the program has them inside.

use std::io::Read as _;

use flate2::read::GzDecoder;

/// All files, one behind the other, packed by the build script: before each a line with its path and its size.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/examples.gz"));

/// A project to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Name of its folder.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// Names and contents of its files.
    pub files: Vec<(String, Vec<u8>)>,
}

/// All examples, sorted by name.
pub fn examples() -> Vec<Example> {
    let mut bytes = Vec::new();
    // It was packed when the program was built: it unpacks.
    let _ = GzDecoder::new(PACKED).read_to_end(&mut bytes);
    let mut all: Vec<Example> = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((folder, name, content, after)) = next(rest) {
        rest = after;
        if all.last().is_none_or(|example| example.name != folder) {
            all.push(Example { name: folder.to_owned(), title: String::new(), files: Vec::new() });
        }
        let Some(example) = all.last_mut() else { continue };
        if name == "README.md" {
            let text = String::from_utf8_lossy(content);
            let first = text.lines().next().unwrap_or_default();
            first.trim_start_matches("# ").clone_into(&mut example.title);
        }
        example.files.push((name.to_owned(), content.to_vec()));
    }
    all
}

/// Folder, name and content of the first file, and what comes after it.
fn next(bytes: &[u8]) -> Option<(&str, &str, &[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let (path, size) = head.rsplit_once(' ')?;
    let (folder, name) = path.split_once('/')?;
    let (content, after) = bytes[end + 1..].split_at_checked(size.parse().ok()?)?;
    Some((folder, name, content, after))
}
