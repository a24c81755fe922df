//! The questions of `disco suggest`.

use crate::cli::context::Context;
use crate::cli::printer::Printer;
use crate::model::CloudFacts;
use crate::project::{Failure, FailureKind};
use crate::report;
use crate::source::{Diagnostic, Diagnostics, listed};
use crate::suggest::{Answers, Field, Question, Takes};

/// Asks every question that is left after the answers so far.
pub(super) fn all(facts: &CloudFacts, context: &Context) -> Result<Answers, Failure> {
    context.printer.talk("Some questions. Enter leaves one open, which widens the result; Ctrl-C ends.");
    let mut answers = Answers::default();
    for question in Question::ALL.iter().copied() {
        if question.skipped(&answers, !facts.flavors.is_empty()).is_none() {
            ask(question, &mut answers, facts, context)?;
        }
    }
    context.printer.talk("");
    Ok(answers)
}

fn ask(question: Question, answers: &mut Answers, facts: &CloudFacts, context: &Context) -> Result<(), Failure> {
    context.printer.talk(&format!("\n{} ({})", question.title(), question.why()));
    // Half an answer is none.
    let before = answers.clone();
    for field in question.fields() {
        if let Takes::Word(words) | Takes::Words(words) = field.takes {
            let width = words.iter().map(|(word, _)| word.len()).max().unwrap_or_default();
            for (word, about) in words {
                context.printer.talk(&format!("  {word:width$}  {about}"));
            }
        }
        let taken = part(question, field, answers, facts, context)?;
        if !taken && field.required {
            *answers = before;
            return Ok(());
        }
        // Without a measured run there is nothing more to say of it.
        if !taken && field.name == "measured_data" {
            return Ok(());
        }
    }
    Ok(())
}

/// Asks for a part until it is understood. Returns whether there is one.
fn part(
    question: Question,
    field: &Field,
    answers: &mut Answers,
    facts: &CloudFacts,
    context: &Context,
) -> Result<bool, Failure> {
    loop {
        Printer::question(&format!("{} [{}]: ", prompt(field, facts), "open"));
        let Some(typed) = Printer::answer() else {
            return Err(Failure::new(FailureKind::Refused, "suggest was cancelled")
                .help("run `disco suggest --answers FILE` with the answers in a file"));
        };
        if typed.trim().is_empty() {
            return Ok(false);
        }
        let mut tried = answers.clone();
        match question.take(field, &typed, &mut tried) {
            Ok(()) => {
                *answers = tried;
                return Ok(true);
            }
            Err(wrong) => {
                let message =
                    format!("`{}` is not an answer, expected {}", typed.trim().escape_debug(), wrong.expected);
                let mut found = Diagnostics::new();
                found.push(Diagnostic::error("disco::wrong_answer", message).help_maybe(wrong.help));
                let drawing = context.printer.drawing();
                context.printer.complain(&report::diagnostics(&found, context.project.sources(), drawing));
            }
        }
    }
}

fn prompt(field: &Field, facts: &CloudFacts) -> String {
    let mut title = field.title.to_owned();
    if let Some(first) = title.get(..1) {
        title = format!("{}{}", first.to_uppercase(), &title[1..]);
    }
    match field.takes {
        Takes::Words(_) => format!("{title}, with commas between"),
        Takes::Word(_) | Takes::Number => title,
        Takes::Name if !facts.flavors.is_empty() => {
            let names: Vec<String> = facts.flavors.names().map(str::to_owned).collect();
            format!("{title} ({})", listed(&names))
        }
        takes => format!("{title}, {}", takes.form()),
    }
}
