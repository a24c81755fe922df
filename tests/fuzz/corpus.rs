//! What is changed: the definitions, expressions and states that tests and examples have.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use disco::source::Sources;
use disco::syntax::{self, tree::Body};
use serde_json::Value as Json;

pub(crate) struct Corpus {
    /// Files of HCL.
    pub(super) files: Vec<String>,
    /// Expressions, one by one.
    pub(super) expressions: Vec<String>,
    /// States.
    pub(super) states: Vec<Json>,
}

impl Corpus {
    pub(super) fn get() -> &'static Self {
        static CORPUS: OnceLock<Corpus> = OnceLock::new();
        CORPUS.get_or_init(Self::read)
    }

    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = Vec::new();
        for folder in ["tests", "examples", "templates"] {
            gather(&root.join(folder), &mut paths);
        }
        let with = |ending: &str| {
            let paths = paths.iter().filter(|path| path.extension().is_some_and(|own| own == ending));
            let texts: Vec<String> = paths.filter_map(|path| fs::read_to_string(path).ok()).collect();
            texts
        };
        let files: Vec<String> = with("hcl").into_iter().chain(with("expected")).collect();
        assert!(files.len() > 200, "{}", files.len());
        let mut expressions = Vec::new();
        for text in &files {
            let sources = Sources::new();
            let (body, _) = syntax::parse(&sources, sources.add("", text.as_str()));
            values(&body, text, &mut expressions);
        }
        let tables = fs::read_dir(root.join("tests/expression/terraform")).unwrap().map(|entry| entry.unwrap().path());
        for table in tables.filter(|path| path.extension().is_some_and(|ending| ending == "txt")) {
            let text = fs::read_to_string(table).unwrap();
            let is_expression = |line: &&str| !line.is_empty() && !line.starts_with(['=', '!', '~', '#']);
            expressions.extend(text.lines().filter(is_expression).map(str::to_owned));
        }
        expressions.sort();
        expressions.dedup();
        assert!(expressions.len() > 1000, "{}", expressions.len());
        let states = ["tests/state/version-1.json", "tests/golden/0.1.0/state.json"];
        let states = states.map(|path| serde_json::from_slice(&fs::read(root.join(path)).unwrap()).unwrap()).into();
        Self { files, expressions, states }
    }
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { gather(&path, found) } else { found.push(path) }
    }
    found.sort();
}

/// The values of all attributes.
fn values(body: &Body, text: &str, found: &mut Vec<String>) {
    let of = body.attributes.iter().map(|attribute| text[attribute.value.span.range()].to_owned());
    found.extend(of.filter(|text| text.len() < 2_000));
    body.blocks.iter().for_each(|block| values(&block.body, text, found));
}
