//! Packs the node agent once, so that the program need not do it in every run.
#![expect(clippy::disallowed_methods, reason = "a build script reads and writes files")]

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Folder of the agent's parts; the file `order` names them, each on a line.
const AGENT: &str = "src/node/agent";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={AGENT}");
    // A manifest that is new there would not be seen otherwise.
    println!("cargo::rerun-if-changed=templates");
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(agent()?.as_bytes())?;
    let file = Path::new(&env::var("OUT_DIR")?).join("agent.gz.base64");
    fs::write(file, BASE64_STANDARD.encode(packed.finish()?))?;
    Ok(())
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
