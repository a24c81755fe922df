//! Packs the node agent once, so that the program need not do it in every run.
#![expect(clippy::disallowed_methods, reason = "a build script reads and writes files")]

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

const AGENT: &str = "src/node/agent.py";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={AGENT}");
    // A manifest that is new there would not be seen otherwise.
    println!("cargo::rerun-if-changed=templates");
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&fs::read(AGENT)?)?;
    let text = BASE64_STANDARD.encode(packed.finish()?);
    fs::write(Path::new(&env::var("OUT_DIR")?).join("agent.gz.base64"), text)?;
    Ok(())
}
