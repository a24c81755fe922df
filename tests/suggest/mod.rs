//! Tests of the room `suggest`.

mod calibration;
mod definitions;
mod laws;
mod reading;
mod sheets;

use disco::catalogue::Catalogue;
use disco::model::{CloudFacts, Flavor, Image};
use disco::source::Sources;
use disco::suggest::{Answers, Suggestions, suggest};

/// The answers of a text.
#[track_caller]
fn answers(text: &str) -> Answers {
    let sources = Sources::new();
    let (answers, diagnostics) = disco::suggest::read(&sources, sources.add("answers.hcl", text));
    assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{text}");
    answers
}

/// What the embedded Heat offers.
fn facts() -> CloudFacts {
    let flavor = |(name, vcpus, memory_mib, disk_gib): &(&'static str, u32, u64, u64)| {
        let flavor = Flavor {
            id: (*name).to_owned(),
            vcpus: *vcpus,
            memory_mib: *memory_mib,
            disk_gib: *disk_gib,
            disabled: false,
        };
        (*name, flavor)
    };
    let all = [
        ("m1.small", 1, 2_048, 20),
        ("m1.medium", 2, 4_096, 40),
        ("m1.large", 4, 8_192, 80),
        ("m1.xlarge", 8, 16_384, 160),
        ("m1.2xlarge", 16, 32_768, 320),
        ("r1.large", 4, 32_768, 80),
        ("r1.xlarge", 8, 65_536, 160),
        ("r1.2xlarge", 16, 131_072, 320),
    ];
    let image = Image { id: "1".to_owned(), min_disk_gib: 0, min_memory_mib: 0, unusable: None };
    CloudFacts {
        complete: true,
        flavors: all.iter().map(flavor).collect(),
        images: [("debian-12", image)].into_iter().collect(),
        external_networks: [("public", "2".to_owned())].into_iter().collect(),
        ..CloudFacts::default()
    }
}

/// The frameworks inside the program.
fn catalogue() -> Catalogue {
    Catalogue::embedded(&Sources::new())
}

#[track_caller]
fn add(catalogue: &mut Catalogue, name: &str, manifest: &str, sources: &Sources) {
    let files = [("framework.hcl".to_owned(), manifest.to_owned())].into_iter().collect();
    let diagnostics = catalogue.add_folder(name, &format!("frameworks/{name}"), &files, sources);
    assert!(!diagnostics.has_errors(), "{name}: {diagnostics:#?}");
}

fn suggested(text: &str) -> Suggestions {
    suggest(&answers(text), &catalogue(), &facts())
}

/// The place of the first that is made of exactly these frameworks, those that work first.
fn place(result: &Suggestions, title: &str) -> Option<usize> {
    result.ranking.iter().position(|(found, _)| found == title)
}

#[track_caller]
fn before(result: &Suggestions, better: &str, worse: &str) {
    let (one, other) = (place(result, better), place(result, worse));
    let one = one.unwrap_or_else(|| panic!("{better} is not there:\n{:#?}", result.ranking));
    assert!(other.is_none_or(|other| one < other), "{better} not before {worse}:\n{:#?}", result.ranking);
}

#[track_caller]
fn first(result: &Suggestions) -> &str {
    assert!(result.found, "{:#?}", result.ruled_out);
    &result.ranking[0].0
}
