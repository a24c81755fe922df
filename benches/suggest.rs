//! What a suggestion costs: the order alone, and everything about it with all other answers tried.

#![expect(clippy::expect_used, reason = "a bench that cannot begin has nothing to say")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use disco::catalogue::Catalogue;
use disco::model::{CloudFacts, Flavor};
use disco::source::Sources;
use disco::suggest::{ranking, read, suggest};

const ANSWERS: &str = r#"
work      = ["batch", "sql", "stream"]
arrival   = "both"
answer    = "1s"
volume    = { now = "20 TB", growth = "50 %" }
rate      = { events = 20000, bytes = 500 }
home      = "cluster"
files     = "128 MB"
languages = ["sql", "python"]
code      = ["hive"]
run       = { data = "2 TB", within = "1 h" }
loss      = { events = "exactly-once", node = true }
people    = 20
life      = "always"
matters   = ["simple"]
"#;

fn suggestions(criterion: &mut Criterion) {
    let sources = Sources::new();
    let catalogue = Catalogue::embedded(&sources);
    let (answers, mistakes) = read(&sources, sources.add("answers.hcl", ANSWERS));
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    let flavor = |name: &str, vcpus: u32, memory_mib| {
        let flavor = Flavor { id: name.to_owned(), vcpus, memory_mib, disk_gib: 80, disabled: false };
        (name.to_owned(), flavor)
    };
    let flavors = [flavor("m1.large", 4, 8192), flavor("m1.xlarge", 8, 16384), flavor("r1.xlarge", 8, 65536)];
    let facts = CloudFacts { flavors: flavors.into_iter().collect(), ..CloudFacts::default() };
    // Manifests are read once a run.
    suggest(&answers, &catalogue, &facts).first().expect("a suggestion");
    let mut group = criterion.benchmark_group("suggest");
    group.bench_function("ranking", |bencher| bencher.iter(|| ranking(black_box(&answers), &catalogue)));
    group.bench_function("everything", |bencher| bencher.iter(|| suggest(black_box(&answers), &catalogue, &facts)));
    group.finish();
}

criterion_group!(benches, suggestions);
criterion_main!(benches);
