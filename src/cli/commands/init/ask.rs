//! The questions of `disco init`.

use super::Options;
use crate::cli::context::Context;
use crate::cli::printer::Printer;
use crate::project::{Answers, Failure, FailureKind, Place};
use crate::report;
use crate::source::{Diagnostic, Diagnostics, Severity};

/// What stands for no framework.
const NONE: &str = "none";

/// The frameworks that words name.
pub(super) fn frameworks(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.trim()).filter(|word| !["", NONE].contains(word)).map(str::to_owned).collect()
}

/// One question.
struct Question {
    text: String,
    /// Whether an option has answered it.
    answered: bool,
    /// The answer that there is.
    answer: fn(&Answers) -> String,
    /// Takes another one.
    take: fn(&mut Answers, &str),
}

fn questions(options: &Options, context: &Context) -> Vec<Question> {
    let known = context.project.frameworks().map(|(known, _)| known).unwrap_or_default();
    let known: Vec<&str> = known.framework_names().collect();
    let clouds = context.project.cloud_names();
    let clouds = if clouds.is_empty() { "a cloud of clouds.yaml".to_owned() } else { clouds.join(", ") };
    let question = |text: &str, answered, answer, take| Question { text: text.to_owned(), answered, answer, take };
    vec![
        question(
            "Name of the cluster",
            options.name.is_some(),
            |of| of.name.clone(),
            |of, name| name.clone_into(&mut of.name),
        ),
        question(
            &format!("Where it is (simulated, containers, {clouds})"),
            options.on.is_some(),
            |of| of.place.to_string(),
            |of, word| of.place = Place::from(word),
        ),
        question(
            &format!("Frameworks, with commas between ({}, {NONE})", known.join(", ")),
            !options.framework.is_empty(),
            |of| if of.frameworks.is_empty() { NONE.to_owned() } else { of.frameworks.join(",") },
            |of, words| of.frameworks = frameworks(&words.split(',').map(str::to_owned).collect::<Vec<_>>()),
        ),
        question(
            "Number of slaves",
            options.slaves.is_some(),
            |of| of.slaves.clone(),
            |of, count| count.clone_into(&mut of.slaves),
        ),
        question(
            "Image of the nodes",
            options.image.is_some(),
            |of| of.image.clone(),
            |of, image| image.clone_into(&mut of.image),
        ),
        question(
            "Flavor of the master",
            options.flavor.is_some(),
            |of| of.master_flavor.clone(),
            |of, flavor| flavor.clone_into(&mut of.master_flavor),
        ),
        question(
            "Flavor of the slaves",
            options.flavor.is_some(),
            |of| of.slave_flavor.clone(),
            |of, flavor| flavor.clone_into(&mut of.slave_flavor),
        ),
        question(
            "Addresses of the network",
            options.cidr.is_some(),
            |of| of.cidr.clone(),
            |of, cidr| cidr.clone_into(&mut of.cidr),
        ),
        question(
            "External network, which floating IPs are from",
            options.external_network.is_some(),
            |of| of.external_network.clone(),
            |of, name| name.clone_into(&mut of.external_network),
        ),
    ]
}

/// Asks everything that no option has answered. An answer that makes no valid definition is asked for again.
pub(super) fn all(options: &Options, answers: &mut Answers, context: &Context) -> Result<(), Failure> {
    context.printer.talk("A first cluster. Enter takes the answer in brackets; Ctrl-C ends, and nothing is written.\n");
    // What is wrong with the options is no answer's fault, and is told when all are known.
    let sound = !wrong(answers, context)?.has_errors();
    for question in questions(options, context).iter().filter(|question| !question.answered) {
        loop {
            Printer::question(&format!("{} [{}]: ", question.text, (question.answer)(answers)));
            let Some(typed) = Printer::answer() else {
                return Err(Failure::new(FailureKind::Refused, "init was cancelled: nothing was written")
                    .help("run `disco init --input=false` to take the answers in brackets"));
            };
            let mut tried = answers.clone();
            if !typed.trim().is_empty() {
                (question.take)(&mut tried, typed.trim());
            }
            let found = if sound { wrong(&tried, context)? } else { Diagnostics::new() };
            if !found.has_errors() {
                *answers = tried;
                break;
            }
            tell(&found, context);
        }
    }
    Ok(())
}

fn wrong(answers: &Answers, context: &Context) -> Result<Diagnostics, Failure> {
    context.project.first_definition(answers).map(|(_, found)| found)
}

/// The mistakes in words alone: their lines are in a file that is not there yet.
fn tell(found: &Diagnostics, context: &Context) {
    let mut errors = Diagnostics::new();
    for found in found.iter().filter(|found| found.severity == Severity::Error) {
        errors.push(Diagnostic { labels: Vec::new(), ..found.clone() });
    }
    context.printer.complain(&report::diagnostics(&errors, context.project.sources(), context.printer.drawing()));
}
