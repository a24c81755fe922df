//! All cases.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use disco::expression::{read_json, write_json};
use serde_json::Value as Json;

use super::decoder::{Outcome, run};

fn specifications(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(specifications(&path));
        } else if path.extension().is_some_and(|ending| ending == "hcldec") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn cases() -> Vec<PathBuf> {
    specifications(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hcldec/cases"))
}

/// What the decoder says to a case; files are named as if it had been run in the folder of the case.
fn outcome(specification: &Path) -> Outcome {
    let folder = specification.parent().unwrap();
    let name = specification.file_stem().unwrap().to_str().unwrap();
    let mut arguments = vec!["hcldec".to_owned(), format!("--spec={}", specification.display())];
    if let Ok(own) = fs::read_to_string(specification.with_extension("args")) {
        arguments.extend(own.lines().map(|argument| {
            let (option, file) = match argument.strip_prefix("-V") {
                Some(file) if !file.is_empty() => ("-V", file),
                _ => ("", argument),
            };
            let path = folder.join(file);
            if path.is_file() { format!("{option}{}", path.display()) } else { argument.to_owned() }
        }));
    } else {
        arguments.extend(["--diags=json", "--with-type", "--keep-nulls"].map(str::to_owned));
        let inputs = ["hcl", "hcl.json"].map(|ending| folder.join(format!("{name}.{ending}")));
        arguments.extend(inputs.iter().filter(|path| path.is_file()).map(|path| path.display().to_string()));
    }
    let outcome = run(&arguments, &mut [].as_slice());
    let away = format!("{}/", folder.display());
    Outcome { out: outcome.out.replace(&away, ""), err: outcome.err.replace(&away, ""), ..outcome }
}

/// JSON in one way of writing it: keys sorted, numbers in full, references in the order of their text.
fn canonical(json: &str) -> String {
    let value = read_json(json).unwrap();
    match value.elements() {
        Some(references) => {
            let mut references: Vec<String> = references.into_iter().map(|one| write_json(one).unwrap()).collect();
            references.sort();
            references.join("\n")
        }
        None => write_json(&value).unwrap(),
    }
}

/// Severity, file, line and column of each complaint that has a place.
type Places = BTreeSet<(String, String, u64, u64)>;

/// Those of a `.complaints` file: severity, file, `LINE:COLUMN-LINE:COLUMN` and words, with tabs between.
fn kept_places(text: &str) -> Places {
    let place = |line: &str| {
        let [severity, file, place, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (line, column) = place.split_once('-')?.0.split_once(':')?;
        Some((severity.to_owned(), file.to_owned(), line.parse().ok()?, column.parse().ok()?))
    };
    text.lines().filter_map(place).collect()
}

/// Those of what the decoder says.
fn told_places(json: &str) -> Places {
    let told: Json = serde_json::from_str(json).unwrap();
    let place = |complaint: &Json| {
        assert!(!complaint["summary"].as_str().unwrap().is_empty());
        let subject = complaint.get("subject")?;
        let (file, start, end) = (subject["filename"].as_str()?, &subject["start"], &subject["end"]);
        assert!(start["byte"].as_u64()? <= end["byte"].as_u64()?, "{subject}");
        Some((
            complaint["severity"].as_str()?.to_owned(),
            file.to_owned(),
            start["line"].as_u64()?,
            start["column"].as_u64()?,
        ))
    };
    told["diagnostics"].as_array().unwrap().iter().filter_map(place).collect()
}

fn lines(places: &Places) -> BTreeSet<(&str, &str, u64)> {
    places.iter().map(|(severity, file, line, _)| (severity.as_str(), file.as_str(), *line)).collect()
}

#[test]
fn every_value_is_that_of_the_reference() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for case in cases() {
        let Ok(expected) = fs::read_to_string(case.with_extension("value.json")) else { continue };
        let outcome = outcome(&case);
        seen += 1;
        if outcome.code != 0 || canonical(&outcome.out) != canonical(&expected) {
            wrong.push(format!("{}: {expected}{}{}", case.display(), outcome.out, outcome.err));
        }
    }
    assert!(seen >= 60, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_mistake_is_found_in_the_line_where_the_reference_finds_it() {
    let (mut seen, mut exact, mut wrong) = (0, 0, Vec::new());
    for case in cases() {
        let Ok(expected) = fs::read_to_string(case.with_extension("complaints")) else { continue };
        let outcome = outcome(&case);
        let (expected, told) = (kept_places(&expected), told_places(&outcome.err));
        seen += 1;
        exact += usize::from(expected == told);
        if outcome.code != 2 || lines(&expected) != lines(&told) {
            wrong.push(format!("{}: {expected:?}\n{}{}", case.display(), outcome.out, outcome.err));
        }
    }
    assert!(seen >= 60, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Where the reference points elsewhere in the line it is because more can be said there.
    assert!(exact * 5 >= seen * 4, "only {exact} of {seen} in the same column");
}

#[test]
fn every_case_has_one_answer_and_every_file_a_case() {
    let mut known = BTreeSet::new();
    for case in cases() {
        let answers = ["value.json", "complaints"].map(|ending| case.with_extension(ending));
        assert_eq!(answers.iter().filter(|answer| answer.is_file()).count(), 1, "{}", case.display());
        known.insert(case.with_extension(""));
    }
    for case in &known {
        for entry in fs::read_dir(case.parent().unwrap()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let stem = case.with_file_name(name.split('.').next().unwrap());
            assert!(known.contains(&stem), "{name} belongs to no case");
        }
    }
}
