//! `disco fmt` changes blanks only, and nothing a second time; what means something means the same after it.

use disco::source::Sources;
use disco::syntax;

use super::Target;
use super::mutate::{changed, window};
use crate::syntax::shape;

pub(super) const TARGET: Target = Target {
    name: "fmt",
    make: |corpus, random| {
        let text = window(&corpus.files[random.below(corpus.files.len())], random);
        // Half of them stay right: only blanks are changed.
        let text = if random.once_in(2) {
            changed(text, &corpus.files, random)
        } else {
            let mut text = text;
            for _ in 0..=random.below(20) {
                let blanks: Vec<usize> = text.match_indices([' ', '\t', '=']).map(|(at, _)| at).collect();
                if let Some(at) = blanks.get(random.below(blanks.len())) {
                    text.insert_str(*at, random.pick(&[" ", "\t", "   ", " /* c */ "]));
                }
            }
            text
        };
        text.into_bytes()
    },
    check: |input| check(&String::from_utf8_lossy(input)),
};

fn formatted(text: &str) -> String {
    let sources = Sources::new();
    let id = sources.add("fuzz.disco.hcl", text);
    syntax::format(&sources, id)
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, ' ' | '\t')).collect()
}

/// The tree of a text, without its places; `None` where something is wrong with it.
fn meaning(text: &str) -> Option<String> {
    let sources = Sources::new();
    let (body, found) = syntax::parse(&sources, sources.add("fuzz.disco.hcl", text));
    (!found.has_errors()).then(|| shape(&body))
}

fn check(text: &str) {
    let laid_out = formatted(text);
    assert_eq!(without_blanks(&laid_out), without_blanks(text), "only blanks change");
    if let Some(meaning) = meaning(text) {
        assert_eq!(formatted(&laid_out), laid_out, "a second time");
        assert_eq!(self::meaning(&laid_out), Some(meaning), "what it means");
    }
}
