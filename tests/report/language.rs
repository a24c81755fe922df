//! The pages that are written from the description of the language.

use std::path::Path;

use disco::report;

/// Holds a page of the repository against what is printed now, and writes it if snapshots are written.
fn fresh(path: &str, now: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&file, now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == now, "{path} is stale: INSTA_UPDATE=always cargo test report::language writes it anew");
}

#[test]
fn the_reference_of_the_language_is_fresh() {
    let page = report::language_page();
    assert!(page.contains("### `slaves \"name\"`") && page.contains("| `count` | number"), "{page}");
    fresh("docs/language.md", &page);
}

#[test]
fn the_page_of_the_service_is_fresh() {
    let page = report::service_page();
    assert!(page.contains("### `cloud \"lab\"`") && page.contains("| `auth_url` | string"), "{page}");
    fresh("docs/service.md", &page);
}

#[test]
fn the_index_of_codes_is_fresh() {
    fresh("docs/errors.md", &report::error_page());
}

#[test]
fn each_block_is_shown_on_a_terminal() {
    let all = report::language();
    for word in report::language_words() {
        assert!(all.contains(word), "{word}");
        assert!(report::language_block(word).is_some_and(|text| text.starts_with(word)), "{word}");
    }
    let slaves = report::language_block("slaves").unwrap();
    for words in ["count  number, required", "whole, 0 to 100,000 nodes", "anti_affinity  string, default: `\"none\"`"]
    {
        assert!(slaves.contains(words), "{slaves}");
    }
    assert_eq!(report::language_block("resource"), None);
}
