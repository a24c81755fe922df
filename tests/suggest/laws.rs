//! What holds of all answers.

use std::collections::BTreeSet;

use disco::source::Sources;
use disco::suggest::{Answers, Quantity, Question, Rate, Suggestions, TypicalRun, Volume, ranking, suggest};

use super::sheets::{count, sheet};
use super::{add, answers, catalogue, facts, suggested};

#[test]
fn what_is_said_of_other_answers_is_true() {
    let (catalogue, facts) = (catalogue(), facts());
    let mut tried = 0;
    for seed in 0..count(20) {
        let sheet = sheet(seed);
        let result = suggest(&sheet, &catalogue, &facts);
        for change in &result.counterfactuals {
            // The line that is printed, put into the file of answers.
            let line = change.question.line(&change.answers).unwrap();
            let name = format!("{} =", change.question.name());
            let text = result.answers.text();
            let others: Vec<&str> = text.lines().filter(|line| !line.starts_with(&name)).collect();
            let changed = answers(&format!("{}\n{line}\n", others.join("\n")));
            let ranked = ranking(&changed, &catalogue);
            let first = ranked.first().map(|(title, _)| title.clone());
            assert_eq!(first, change.first, "{text}\nwith {line}: {ranked:#?}");
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn an_open_answer_rules_nothing_out() {
    let catalogue = catalogue();
    let nothing = suggest(&Answers::default(), &catalogue, &facts());
    assert_eq!(nothing.ranking.len(), nothing.looked_at);
    // These say what is to be compared, not what of it can be.
    let other = [Question::Work, Question::Arrival, Question::Home];
    for seed in 0..count(20) {
        let sheet = sheet(seed);
        let titles = |answers: &Answers| -> BTreeSet<String> {
            ranking(answers, &catalogue).into_iter().map(|(title, _)| title).collect()
        };
        let before = titles(&sheet);
        for question in Question::ALL.iter().filter(|question| !other.contains(question)) {
            let mut open = sheet.clone();
            question.forget(&mut open);
            assert!(titles(&open).is_superset(&before), "without `{}`:\n{}", question.name(), sheet.text());
        }
    }
}

#[test]
fn one_more_framework_reorders_nothing() {
    let before = catalogue();
    let sources = Sources::new();
    let mut after = before.clone();
    let suits = "suits {\n  work = { batch = 2, sql = 2, stream = 2, ml = 2, lookup = 2, notebook = 2, tasks = 2 }\n\
                 languages = { java = 2, python = 2, sql = 2 }\n  simple = 2\n  gpu = 2\n  answer = \"1ms\"\n}";
    add(&mut after, "extra", &format!("description = \"X\"\nversion \"1\" {{}}\n{suits}"), &sources);
    for seed in 0..count(60) {
        let sheet = sheet(seed);
        let mut with = ranking(&sheet, &after);
        with.retain(|(title, _)| !title.contains("extra"));
        assert_eq!(with, ranking(&sheet, &before), "{}", sheet.text());
    }
}

#[test]
fn scores_are_between_nothing_and_one_and_weights_keep_the_first() {
    let (catalogue, facts) = (catalogue(), facts());
    for seed in 0..count(20) {
        let result = suggest(&sheet(seed), &catalogue, &facts);
        assert!(result.ranking.iter().all(|(_, score)| *score < 1.0 + 1e-9 && *score > -0.5), "{:#?}", result.ranking);
        for range in &result.weights {
            let to = range.to.unwrap_or(f64::INFINITY);
            assert!(range.from <= range.weight + 1e-6 && range.weight <= to + 1e-6, "{range:?}");
        }
    }
}

/// What is needed of everything, and what is there.
fn needed(result: &Suggestions, title: &str) -> Option<Vec<f64>> {
    let of = result.suggestions.iter().find(|one| one.title == title)?;
    let mut all: Vec<f64> = Quantity::ALL.iter().map(|quantity| of.sizing.needed(*quantity)).collect();
    let whole = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    all.extend([whole(of.sizing.cores()), whole(of.sizing.disk_gb())]);
    Some(all)
}

#[test]
fn more_data_more_events_and_less_time_never_need_less() {
    let (catalogue, facts) = (catalogue(), facts());
    let mut tried = 0;
    for seed in 0..count(8) {
        let base = sheet(seed);
        let factors = [1.0, 2.0, 10.0, 100.0];
        let volumes =
            factors.map(|factor| Answers { volume: Some(Volume { gb: 700.0 * factor, growth: 0.2 }), ..base.clone() });
        let rate = Rate { events: 500.0, bytes: Some(800.0), peak: 2.0, days: 7.0 };
        let rates =
            factors.map(|factor| Answers { rate: Some(Rate { events: 500.0 * factor, ..rate }), ..base.clone() });
        let run = TypicalRun { gb: 800.0, minutes: 600.0, measured: None };
        let runs =
            factors.map(|factor| Answers { run: Some(TypicalRun { minutes: 600.0 / factor, ..run }), ..base.clone() });
        for row in [volumes, rates, runs] {
            let results: Vec<Suggestions> = row.iter().map(|one| suggest(one, &catalogue, &facts)).collect();
            for pair in results.windows(2) {
                for (title, _) in pair[0].ranking.iter().take(5) {
                    let (Some(less), Some(more)) = (needed(&pair[0], title), needed(&pair[1], title)) else { continue };
                    tried += 1;
                    // Rounding a volume of each node up is not a need.
                    for (less, more) in less.iter().zip(&more) {
                        assert!(*more >= less * 0.95 - 1e-6, "{title}: {less} becomes {more}\n{}", base.text());
                    }
                }
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn what_is_absurd_is_an_answer() {
    let result = suggested("work = [\"transport\"]\nrate = { events = 200000, bytes = 1000 }");
    let sizing = &result.suggestions[0].sizing;
    assert_eq!(sizing.slaves(), 260, "{sizing:#?}");
    assert!(sizing.absurd);
    let said = "260 slaves of 2 TB: keeping 200 MB/s for 7 days is the question, not the cluster";
    assert!(sizing.notes.iter().any(|note| note == said), "{:#?}", sizing.notes);
}

#[test]
fn ten_million_small_files_are_three_gigabytes_of_namenode() {
    let result = suggested(
        "work = [\"batch\"]\nvolume = { now = \"10 TB\" }\nfiles = \"1 MB\"\nhome = \"cluster\"\nlanguages = [\"java\"]",
    );
    let hadoop = result.suggestions.iter().find(|one| one.title == "hadoop").unwrap();
    assert!((hadoop.sizing.needed(Quantity::MasterMemory) - 3000.0).abs() < 1.0);
}

#[test]
fn equals_are_both_told_with_what_decides() {
    let (catalogue, facts) = (catalogue(), facts());
    let is_tie = |answers: &Answers| match ranking(answers, &catalogue).as_slice() {
        [(_, first), (_, second), ..] => first - second < 0.03,
        _ => false,
    };
    let ties: Vec<Suggestions> =
        (0..400).map(sheet).filter(is_tie).take(10).map(|answers| suggest(&answers, &catalogue, &facts)).collect();
    assert!(!ties.is_empty());
    assert!(ties.iter().all(|one| one.lead == disco::suggest::Lead::Tie));
    for result in ties.iter().filter(|one| one.decider.is_some()) {
        let best: Vec<&String> = result.suggestions.iter().take(2).map(|one| &one.title).collect();
        for (line, first) in &result.decider.as_ref().unwrap().answers {
            assert!(best.contains(&first));
            let ranked = ranking(&answers(&format!("{}{line}\n", result.answers.text())), &catalogue);
            assert_eq!(ranked[0].0, *first, "{}{line}", result.answers.text());
        }
    }
}
