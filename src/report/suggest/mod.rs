//! What is suggested, as words.

mod json;

use std::fmt::Write as _;

use super::table;
use crate::source::{either, listed};
use crate::suggest::{Counterfactual, Lead, Machine, Question, Reason, Suggestion, Suggestions};

#[cfg(test)]
pub(super) use json::SuggestionsFile;
pub use json::suggestions_json;

/// How many other answers and reasons of vetoes are told on a terminal.
const TOLD: usize = 8;
/// A weight whose range ends within this factor is told: it is a close thing.
const NEAR: f64 = 1.5;

/// Everything about a result, for a terminal of so many columns.
pub fn suggestions(result: &Suggestions, width: usize) -> String {
    let mut page = Page { text: String::new(), width };
    page.head(result);
    if let Some(first) = result.first() {
        page.suggestion(first);
    }
    page.decider(result);
    page.others(result);
    let ruled_out: Vec<&Reason> = result.ruled_out.iter().take(TOLD).collect();
    if !ruled_out.is_empty() && result.found {
        page.title("Ruled out");
        for reason in ruled_out {
            page.line("  ", &reason.sentence);
        }
        page.more(result.ruled_out.len());
    }
    page.changes(result);
    page.weights(result);
    page.rest(result);
    page.text
}

struct Page {
    text: String,
    width: usize,
}

impl Page {
    /// A line, broken where it is too long; what goes on is indented.
    fn line(&mut self, begin: &str, text: &str) {
        let indentation = " ".repeat(begin.chars().count().max(2));
        let mut line = begin.to_owned();
        let mut empty = true;
        for word in text.split_whitespace() {
            if !empty && line.chars().count() + word.chars().count() >= self.width {
                self.text.push_str(line.trim_end());
                self.text.push('\n');
                line.clone_from(&indentation);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn title(&mut self, title: &str) {
        let _ = write!(self.text, "\n{title}:\n");
    }

    fn more(&mut self, all: usize) {
        if all > TOLD {
            let _ = writeln!(self.text, "  and {} more, which --json tells", all - TOLD);
        }
    }

    fn head(&mut self, result: &Suggestions) {
        let Some(first) = result.first() else {
            return self.line("", "There is nothing to choose from: no framework says what it is good for.");
        };
        if !result.found {
            let nearest = format!("Nothing fits. Nearest comes {}, but:", first.title);
            self.line("", &nearest);
            return first.explained.vetoes.iter().for_each(|reason| self.reason("  ! ", reason));
        }
        let equal = result.suggestions.get(1).filter(|_| result.lead == Lead::Tie);
        let how = match (result.lead, equal) {
            (Lead::Tie, Some(other)) => {
                let text = format!("{} ({:.2}) or {} ({:.2})", first.title, first.score, other.title, other.score);
                return self.line("", &format!("{text}: equals, of {}", result.looked_at));
            }
            (Lead::Clear, _) => format!("clearly first of {}", result.looked_at),
            _ => format!("first of {}, others are close", result.looked_at),
        };
        self.line("", &format!("{} ({:.2}): {how}", first.title, first.score));
    }

    fn reason(&mut self, begin: &str, reason: &Reason) {
        self.line(begin, &reason.sentence);
        if let Some(source) = &reason.source {
            let _ = writeln!(self.text, "      {source}");
        }
    }

    fn suggestion(&mut self, of: &Suggestion) {
        if !of.explained.reasons.is_empty() {
            self.title("For it");
            of.explained.reasons.iter().for_each(|reason| self.reason("  + ", reason));
        }
        if !of.explained.against.is_empty() {
            self.title("Against it");
            of.explained.against.iter().for_each(|reason| self.reason("  - ", reason));
        }
        self.title("Size");
        let machines: Vec<String> = of.sizing.master.iter().chain(&of.sizing.groups).map(machine).collect();
        self.line("  ", &listed(&machines));
        for (at, number) in of.sizing.numbers.iter().enumerate() {
            self.line("  ", &number.line());
            let next = of.sizing.numbers.get(at + 1).and_then(|next| next.source.as_ref());
            let source = number.source.as_ref().filter(|_| number.value.is_some());
            // What several rest on is told once.
            if let Some(source) = source.filter(|source| next != Some(*source)) {
                self.line("      ", &source.says);
                let _ = writeln!(self.text, "      {}", source.url);
            }
        }
        of.sizing.notes.iter().for_each(|note| self.line("  ! ", note));
    }

    fn decider(&mut self, result: &Suggestions) {
        if result.lead != Lead::Tie || !result.found {
            return;
        }
        match &result.decider {
            Some(decider) => {
                let _ = write!(self.text, "\n`{}` would decide between the two:\n", decider.question.name());
                let rows: Vec<[String; 2]> =
                    decider.answers.iter().map(|(line, first)| [line.clone(), first.clone()]).collect();
                self.text.push_str(&table(&rows, "  "));
            }
            None => self.line("\n", "No open question decides between the two: take the one that you know."),
        }
    }

    fn others(&mut self, result: &Suggestions) {
        let others: Vec<[String; 2]> = result
            .suggestions
            .iter()
            .skip(1)
            .filter(|_| result.found)
            .map(|other| [format!("{:.2}", other.score), other.title.clone()])
            .collect();
        if !others.is_empty() {
            self.title("After it");
            self.text.push_str(&table(&others, "  "));
        }
    }

    fn changes(&mut self, result: &Suggestions) {
        if result.counterfactuals.is_empty() {
            if result.found && !result.answers.text().is_empty() {
                self.line("\n", "No other answer to a single question would put something else first.");
            }
            return;
        }
        let told = told(result);
        if told.is_empty() {
            return;
        }
        self.title("Another answer would change that");
        let row = |change: &&Counterfactual| {
            let line = change.question.line(&change.answers).unwrap_or_default();
            [line, change.first.clone().unwrap_or_else(|| "nothing fits".to_owned())]
        };
        let rows: Vec<[String; 2]> = told.iter().take(TOLD).map(row).collect();
        self.text.push_str(&table(&rows, "  "));
        self.more(told.len());
    }

    fn weights(&mut self, result: &Suggestions) {
        let mut near = Vec::new();
        for range in &result.weights {
            let below = range.from > 0.0 && range.weight < range.from * NEAR;
            let above = range.to.filter(|to| *to < range.weight * NEAR);
            match (below, above) {
                (true, Some(to)) => {
                    near.push(format!("`{}` from {:.2} to {to:.2}", range.criterion.name(), range.from));
                }
                (true, None) => near.push(format!("`{}` at least {:.2}", range.criterion.name(), range.from)),
                (false, Some(to)) => near.push(format!("`{}` at most {to:.2}", range.criterion.name())),
                (false, None) => {}
            }
        }
        if !near.is_empty() && result.lead != Lead::Tie {
            self.line("\n", &format!("It stays first while these weigh: {}.", listed(&near)));
        }
    }

    fn rest(&mut self, result: &Suggestions) {
        for (question, why) in &result.unused {
            self.line("\n", &format!("The answer to `{}` does not count: {why}.", question.name()));
        }
        let names = |of: &[Question]| of.iter().map(|question| format!("`{}`", question.name())).collect::<Vec<_>>();
        if !result.open.is_empty() {
            self.line("\n", &format!("Open: {}.", listed(&names(&result.open))));
        }
        if !result.decisive.is_empty() {
            self.line("", &format!("An answer to {} could still change the result.", either(&names(&result.decisive))));
        }
    }
}

/// Other answers that somebody wants to see: of those that put the same first the nearest, and none that only adds work.
fn told(result: &Suggestions) -> Vec<&Counterfactual> {
    let mut all: Vec<&Counterfactual> = Vec::new();
    for change in &result.counterfactuals {
        if change.answers.work.len() > result.answers.work.len() {
            continue;
        }
        let same = |known: &&mut &Counterfactual| known.question == change.question && known.first == change.first;
        match all.iter_mut().find(same) {
            Some(known) if distance(change, result) < distance(known, result) => *known = change,
            Some(_) => {}
            None => all.push(change),
        }
    }
    all
}

/// How far an amount of data is from the present one.
fn distance(change: &Counterfactual, result: &Suggestions) -> f64 {
    match (change.answers.volume, result.answers.volume) {
        (Some(then), Some(now)) if now.gb > 0.0 && then.gb > 0.0 => (then.gb / now.gb).ln().abs(),
        _ => 0.0,
    }
}

/// `3 slaves of m1.large with 200 GB each`
fn machine(of: &Machine) -> String {
    let what = match (of.group, of.count) {
        ("master", _) => "1 master".to_owned(),
        ("slaves", 1) => "1 slave".to_owned(),
        ("slaves", count) => format!("{count} slaves"),
        (group, count) => format!("{count} slaves `{group}`"),
    };
    let disk = match of.disk_gb {
        0 => String::new(),
        gb if of.count > 1 => format!(" with {gb} GB each"),
        gb => format!(" with {gb} GB"),
    };
    format!("{what} of {}{disk}", of.flavor)
}
