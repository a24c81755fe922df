//! What large texts cost: a megabyte of HCL as people write it, checked as a project, parsed and laid out; and a file with
//! thousands of mistakes.

#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "a bench that cannot begin has nothing to say")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use disco::project::{Project, Request};
use disco::source::Sources;
use disco::syntax;

const MEGABYTE: usize = 1_000_000;

/// Variables with comments and validations, locals that use them, outputs.
fn text() -> String {
    let mut text = "# What the team wants.\n\n".to_owned();
    for number in 0.. {
        if text.len() > MEGABYTE {
            break;
        }
        let _ = write!(
            text,
            r#"# How much of thing {number} is wanted: see the notes of the meeting.
variable "thing_{number}" {{
  type        = number
  default     = {default}
  description = "How much of thing {number} is wanted"
  validation {{
    condition     = var.thing_{number} >= 1 && var.thing_{number} < 100
    error_message = "between 1 and 99"
  }}
}}

locals {{
  twice_{number} = var.thing_{number} * 2 # what follows from it
  settings_{number} = {{
    name  = "thing-${{var.thing_{number}}}-${{upper("x")}}"
    owner = {{ name = "team", mail = "team@example.org" }}
    list  = [for x in range(3) : x + local.twice_{number}]
    script = <<-EOT
      #!/bin/sh
      echo "number ${{var.thing_{number}}}"
    EOT
  }}
}}

output "thing_{number}" {{
  value       = local.settings_{number}.owner.name // who
  description = "The owner of thing {number}"
}}

"#,
            default = 1 + number % 90,
        );
    }
    text
}

/// As many unknown names.
fn mistakes() -> String {
    let mut text = "locals {\n".to_owned();
    for number in 0..10_000 {
        let _ = writeln!(text, "  a_{number} = var.x_{number}");
    }
    text + "}\n"
}

/// How many complaints a project of one file has.
fn complaints(folder: &tempfile::TempDir) -> usize {
    let project = Project::new(Request {
        directory: folder.path().to_owned(),
        home: None,
        user: "bench".to_owned(),
        host: "bench".to_owned(),
        environment: Vec::new(),
        variables: Vec::new(),
        verbose: false,
        lock_timeout: Duration::from_secs(5),
        program: None,
        clouds: disco::project::CloudAccess::OwnMachine,
    });
    project.validate().expect("readable files").1.len()
}

fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder to work in");
    std::fs::write(folder.path().join("main.disco.hcl"), text).expect("a definition");
    folder
}

fn texts(criterion: &mut Criterion) {
    let text = text();
    let sources = Sources::new();
    let id = sources.add("main.disco.hcl", text.as_str());
    let mut group = criterion.benchmark_group("a megabyte of HCL");
    group.sample_size(20).throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |bencher| bencher.iter(|| black_box(syntax::parse(&sources, id))));
    group.bench_function("format", |bencher| bencher.iter(|| black_box(syntax::format(&sources, id))));
    let right = folder(&text);
    assert_eq!(complaints(&right), 0);
    group.bench_function("validate", |bencher| bencher.iter(|| complaints(&right)));
    group.finish();
    let wrong = folder(&mistakes());
    assert_eq!(complaints(&wrong), 10_000);
    let mut group = criterion.benchmark_group("ten thousand mistakes");
    group.sample_size(20).bench_function("validate", |bencher| bencher.iter(|| complaints(&wrong)));
    group.finish();
}

criterion_group!(benches, texts);
criterion_main!(benches);
