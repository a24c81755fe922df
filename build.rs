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
    let whole = fs::read_to_string(AGENT)?;
    let folder = env::var("OUT_DIR")?;
    for (name, text) in [("agent.gz.base64", &first(&whole)), ("agent-2.gz.base64", &whole)] {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text.as_bytes())?;
        fs::write(Path::new(&folder).join(name), BASE64_STANDARD.encode(packed.finish()?))?;
    }
    Ok(())
}

/// The agent as the first release had it: without what stands between `# since 2 {` and `# }`. Bundles that need no more
/// go on carrying it, byte for byte, so that a newer DISCO changes no machine for its agent alone.
fn first(whole: &str) -> String {
    let mut newer = false;
    let mut text = String::with_capacity(whole.len());
    for line in whole.lines() {
        match line {
            "# since 2 {" => newer = true,
            "# }" => newer = false,
            _ if newer => {}
            line => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}
