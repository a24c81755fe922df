//! Packs the node agent, the pages of errors and the examples once, so that the program need not do it in every run.
#![expect(clippy::disallowed_methods, reason = "a build script reads and writes files")]

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Folder of the agent's parts; the file `order` names them, each on a line.
const AGENT: &str = "src/node/agent";

/// Folder of the pages of errors, a file each.
const PAGES: &str = "docs/errors";

/// Folder of the examples, a folder each.
const EXAMPLES: &str = "examples";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={AGENT}");
    // A manifest that is new there would not be seen otherwise.
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed={PAGES}");
    println!("cargo::rerun-if-changed={EXAMPLES}");
    fold_identical_code();
    let out = env::var("OUT_DIR")?;
    let agent = packed(agent()?.as_bytes())?;
    fs::write(Path::new(&out).join("agent.gz.base64"), BASE64_STANDARD.encode(agent))?;
    fs::write(Path::new(&out).join("pages.gz"), packed(pages()?.as_bytes())?)?;
    fs::write(Path::new(&out).join("examples.gz"), packed(&examples()?)?)?;
    Ok(())
}

/// Has the linker keep one of several functions whose code is the same, where that is the linker which comes with Rust: the
/// program is smaller by some hundred kilobytes.
fn fold_identical_code() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let target = is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let own_linker = env::var_os("RUSTC_LINKER").is_some() || flags.contains("linker") || flags.contains("fuse-ld");
    if target && is("PROFILE", "release") && !own_linker {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes)?;
    Ok(packed.finish()?)
}

/// All pages of errors as one text. Each begins with its heading, `# disco::CODE`.
fn pages() -> Result<String, Box<dyn Error>> {
    let mut paths: Vec<_> =
        fs::read_dir(PAGES)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    let texts: Vec<String> = paths.iter().map(fs::read_to_string).collect::<Result<_, _>>()?;
    Ok(texts.concat())
}

/// All files of the examples, sorted, each after a line with its path and its size. What a run of DISCO has left there is
/// none of them.
fn examples() -> Result<Vec<u8>, Box<dyn Error>> {
    let sorted = |folder: &Path| -> Result<Vec<PathBuf>, std::io::Error> {
        let mut paths: Vec<_> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
        paths.sort();
        Ok(paths)
    };
    let mut all = Vec::new();
    let mut waiting: Vec<PathBuf> = sorted(Path::new(EXAMPLES))?.into_iter().filter(|path| path.is_dir()).collect();
    waiting.reverse();
    while let Some(path) = waiting.pop() {
        let name = path.strip_prefix(EXAMPLES)?.to_string_lossy().into_owned();
        if name.contains("/.") || name.ends_with("disco.state.json") {
            continue;
        }
        if path.is_dir() {
            waiting.extend(sorted(&path)?.into_iter().rev());
            continue;
        }
        let bytes = fs::read(&path)?;
        all.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        all.extend_from_slice(&bytes);
    }
    Ok(all)
}

/// The agent's parts as one text, which is what stands on nodes. `tests/node/joined.py` joins them in the same way.
fn agent() -> Result<String, Box<dyn Error>> {
    let order = fs::read_to_string(format!("{AGENT}/order"))?;
    let mut text = String::new();
    for part in order.split_whitespace() {
        if !text.is_empty() {
            write!(text, "\n\n# --- {part} {}\n\n", "-".repeat(112 - part.len()))?;
        }
        text.push_str(&fs::read_to_string(format!("{AGENT}/{part}.py"))?);
    }
    Ok(text)
}
