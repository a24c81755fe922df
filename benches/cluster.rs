//! What the main path costs for 3, 30 and 300 slaves: checking definitions (of 10,000, too), a plan without changes, and everything up
//! to the template. The embedded engine answers in this process and its nodes take no time.

#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "a bench that cannot begin has nothing to say")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use disco::apply::{Interrupt, NoObserver};
use disco::project::{Operation, Project, Request, VariableArgument};

const SIZES: [u32; 3] = [3, 30, 300];

/// Only checked.
const MANY: u32 = 10_000;

fn request(directory: &Path, slaves: u32) -> Request {
    Request {
        directory: directory.to_owned(),
        home: None,
        user: "bench".to_owned(),
        host: "bench".to_owned(),
        environment: vec![("DISCO_LOCAL_TIME_SCALE".to_owned(), "0".to_owned())],
        variables: vec![VariableArgument::Assignment(format!("slaves={slaves}"))],
        verbose: false,
        lock_timeout: Duration::from_secs(5),
        program: None,
        clouds: disco::project::CloudAccess::OwnMachine,
    }
}

/// A copy of the example with room for 300 slaves.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder to work in");
    let example = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/hadoop/hadoop.disco.hcl");
    let text = std::fs::read_to_string(example).expect("the example").replace("10.20.0.0/24", "10.20.0.0/16");
    std::fs::write(folder.path().join("hadoop.disco.hcl"), text).expect("a copy of the example");
    folder
}

async fn plan(project: &Project, operation: Operation, apply: bool) -> bool {
    let session = project.open(operation).await.expect("a session");
    let planned = session.plan(false, Interrupt::never(), &mut NoObserver).await.expect("a plan");
    let changes = planned.plan.has_changes();
    if apply {
        session.apply(planned, Interrupt::never(), &mut NoObserver).await.expect("applied");
    }
    session.close();
    changes
}

fn validate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("validate");
    for slaves in SIZES.into_iter().chain([MANY]) {
        let folder = folder();
        group.bench_with_input(BenchmarkId::from_parameter(slaves), &slaves, |bencher, slaves| {
            bencher.iter(|| {
                let project = Project::new(request(folder.path(), *slaves));
                let (_, diagnostics) = project.validate().expect("readable files");
                assert!(!diagnostics.has_errors());
            });
        });
    }
    group.finish();
}

fn template(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("template as YAML");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
    for slaves in SIZES {
        let folder = folder();
        group.bench_with_input(BenchmarkId::from_parameter(slaves), &slaves, |bencher, slaves| {
            bencher.iter(|| {
                let project = Project::new(request(folder.path(), *slaves));
                let (steps, _) = runtime.block_on(project.templates(false)).expect("templates");
                let templates = steps["analytics"].iter().filter_map(|step| step.template.clone());
                let templates = templates.map(|template| disco::template::to_yaml(template).len());
                black_box(templates.sum::<usize>())
            });
        });
    }
    group.finish();
}

fn no_change_plan(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
    let mut group = criterion.benchmark_group("plan without changes");
    group.sample_size(20);
    for slaves in SIZES {
        let folder = folder();
        runtime.block_on(plan(&Project::new(request(folder.path(), slaves)), Operation::Apply, true));
        group.bench_with_input(BenchmarkId::from_parameter(slaves), &slaves, |bencher, slaves| {
            bencher.iter(|| {
                let project = Project::new(request(folder.path(), *slaves));
                assert!(!runtime.block_on(plan(&project, Operation::Plan, false)));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, validate, template, no_change_plan);
criterion_main!(benches);
