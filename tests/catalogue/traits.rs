//! What manifests say a framework is good for.

use super::manifests::complaints;
use disco::catalogue::Catalogue;
use disco::source::Sources;

/// Those that others build on, and nobody asks for by their work.
const WITHOUT_WORK: [&str; 1] = ["zookeeper"];

#[test]
fn every_framework_says_what_it_is_good_for_and_where_that_is_said() {
    let sources = Sources::new();
    let catalogue = Catalogue::embedded(&sources);
    for framework in catalogue.frameworks() {
        let suits = &framework.suits;
        let name = &framework.name;
        assert!(!suits.levels().is_empty(), "{name} says nothing");
        assert!(WITHOUT_WORK.contains(&name.as_str()) || !suits.work.is_empty(), "{name} is good for nothing");
    }
    let frameworks = catalogue.frameworks().map(|one| (&one.name, &one.suits, &one.sizing));
    let all = frameworks.chain(catalogue.alternatives().iter().map(|one| (&one.name, &one.suits, &one.sizing)));
    for (name, suits, sizing) in all {
        for (of, level) in suits.levels() {
            assert!(![0, 3].contains(&level) || suits.source(&of).is_some(), "{name}: {of} has no source");
        }
        for (of, _) in sizing.formulas() {
            assert!(sizing.source(of).is_some(), "{name}: {of} has no source");
        }
        for source in suits.sources.iter().chain(&sizing.sources) {
            assert!(!source.says.is_empty() && !source.about.is_empty(), "{name}: {} says nothing", source.url);
        }
    }
}

#[test]
fn mistakes_are_told_at_the_attribute() {
    let source = "source \"https://x.org\" {\n  about = [\"work.batch\", \"cores\"]\n  says = \"S\"\n}";
    for (block, message, place) in [
        ("suits {\n  work = { batch = 3 }\n}".to_owned(), "`work.batch` is 3 and rests on no source", "{ batch = 3 }"),
        (
            format!("suits {{\n  work = {{ batch = 4 }}\n{source}\n}}"),
            "`work.batch` of `suits` must be a level from 0 to 3",
            "4",
        ),
        (
            format!("suits {{\n  work = {{ batchs = 1 }}\n{source}\n}}"),
            "`batchs` in `work` of `suits` does not exist",
            "1",
        ),
        ("suits {\n  answer = \"soon\"\n}".to_owned(), "`answer` must be a time such as `10ms`", "\"soon\""),
        ("suits {\n  volume = { from = \"5\" }\n}".to_owned(), "`volume` must be", "{ from = \"5\" }"),
        ("suits {\n  parts = { keeps = 1 }\n}".to_owned(), "`parts` must be", "1"),
        ("suits {\n  delivers = \"twice\"\n}".to_owned(), "`delivers` of `suits` cannot be `twice`", "\"twice\""),
        ("suits {\n  gpu = 0\n}".to_owned(), "`gpu` is 0 and rests on no source", "0"),
        ("suits {\n}\nsuits {\n}".to_owned(), "there are two `suits` blocks", "suits"),
        ("sizing {\n  cores = 4\n}".to_owned(), "the formula `cores` of `sizing` rests on no source", "4"),
        (
            format!("sizing {{\n  cores = rate.evnts\n{source}\n}}"),
            "`cores` of `sizing` uses `rate.evnts`, which no answer gives",
            "rate.evnts",
        ),
        ("sizing {\n  throughput = \"fast\"\n}".to_owned(), "`throughput` must be a number above 0", "\"fast\""),
        (
            "suits {\n  source \"http://x\" {\n    says = \"S\"\n  }\n}".to_owned(),
            "expected the address of a page with `https://`",
            "source",
        ),
    ] {
        let found = complaints(&block);
        let hit = found.iter().any(|(_, said, at)| said.contains(message) && at.contains(place));
        assert!(hit, "{block}:\n{found:#?}");
    }
}
