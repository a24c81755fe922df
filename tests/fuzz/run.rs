//! One input after another.

use std::any::Any;
use std::fmt;
use std::fs;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::Target;
use super::corpus::Corpus;
use super::random::Random;

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(super) enum Until {
    Runs(u64),
    Time(Duration),
}

/// Nothing may take longer.
const HANG: Duration = Duration::from_mins(1);

/// As much as the program's main thread has.
const STACK: usize = 8 << 20;

/// Enough to look at.
const MOST_BROKEN: usize = 20;

/// What became of it.
pub(super) struct Report {
    name: &'static str,
    first_seed: u64,
    pub(super) runs: u64,
    took: Duration,
    /// Seeds and what broke.
    pub(super) broken: Vec<(u64, String)>,
    /// The one that took longest.
    slowest: (Duration, u64),
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (slowest, slowest_seed) = (self.slowest.0.as_millis(), self.slowest.1);
        writeln!(
            f,
            "{}: {} inputs from seed {} on in {} s, the slowest {slowest} ms (seed {slowest_seed}), {} broken",
            self.name,
            self.runs,
            self.first_seed,
            self.took.as_secs(),
            self.broken.len(),
        )?;
        self.broken.iter().try_for_each(|(seed, what)| writeln!(f, "seed {seed}: {what}"))
    }
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("fuzz");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Hands a target one input after another, each made from a seed of its own, `first_seed` and those that follow.
pub(super) fn fuzz(target: &'static Target, first_seed: u64, until: Until) -> Report {
    let seed = Arc::new(AtomicU64::new(first_seed));
    let begun = Arc::new(Mutex::new(Instant::now()));
    let watched = (Arc::clone(&seed), Arc::clone(&begun));
    let (over, waits) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        while waits.recv_timeout(Duration::from_secs(1)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            if watched.1.lock().unwrap().elapsed() > HANG {
                eprintln!("{}: seed {} hangs", target.name, watched.0.load(Ordering::Relaxed));
                std::process::abort();
            }
        }
    });
    let work = move || run(target, first_seed, until, &seed, &begun);
    let report =
        std::thread::Builder::new().stack_size(STACK).name("fuzz".to_owned()).spawn(work).unwrap().join().unwrap();
    drop(over);
    watch.join().unwrap();
    report
}

fn run(target: &Target, first_seed: u64, until: Until, seed: &AtomicU64, begun: &Mutex<Instant>) -> Report {
    let corpus = Corpus::get();
    let folder = folder();
    let noted = fs::File::create(folder.join(format!("{}.seed", target.name))).unwrap();
    let start = Instant::now();
    let mut report = Report {
        name: target.name,
        first_seed,
        runs: 0,
        took: Duration::ZERO,
        broken: Vec::new(),
        slowest: (Duration::ZERO, first_seed),
    };
    let goes_on = |report: &Report| match until {
        Until::Runs(runs) => report.runs < runs,
        Until::Time(time) => start.elapsed() < time,
    };
    while goes_on(&report) && report.broken.len() < MOST_BROKEN {
        let own = first_seed + report.runs;
        seed.store(own, Ordering::Relaxed);
        noted.write_all_at(format!("{own:020}\n").as_bytes(), 0).unwrap();
        let one = Instant::now();
        *begun.lock().unwrap() = one;
        let input = (target.make)(corpus, &mut Random::new(own));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.check)(&input))) {
            let path = folder.join(format!("{}-{own}", target.name));
            fs::write(&path, &input).unwrap();
            report.broken.push((own, format!("{}\n  in {}", words(&*panic), path.display())));
        }
        report.slowest = report.slowest.max((one.elapsed(), own));
        report.runs += 1;
    }
    report.took = start.elapsed();
    report
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "a panic".to_owned())
}
