//! A plan as a comment of a pull request: what a reviewer must not miss comes first and open, everything else is
//! folded up. Only what GitHub and GitLab both draw is used: tables, code blocks and `<details>`.

use std::fmt::Write as _;

use super::entry::entries;
use super::{Page, PlanDrawing, address, changes_of_clusters, drift, header, state_changes, steps};
use crate::plan::{Change, ChangeKind, Loss, Plan, RuleSource, Summary, folders};
use crate::report::{some, visible};
use crate::source::{Diagnostic, Severity, Sources};

/// How many characters a comment may have on GitHub, which takes the fewest.
pub const LONGEST_COMMENT: usize = 65_536;

/// What is kept free to say what was left out.
const RESERVE: usize = 1_000;

/// A part of a block that is shorter says nothing.
const SHORTEST_PART: usize = 400;

/// So many rows of a table are printed.
const MOST_ROWS: usize = 40;

/// What finds the comment again, so that the next one takes its place.
const MARK: &str = "<!-- disco -->";

/// The words around a plan.
#[derive(Clone, Copy, Debug)]
pub struct Headline<'a> {
    /// What it is: `Plan`
    pub what: &'a str,
    /// What it was made from, a sentence; `None` for what a plan says of itself.
    pub from: Option<&'a str>,
    /// Rows of a table of sizes: what, before, after.
    pub sizes: &'a [(String, String, String)],
}

impl Headline<'static> {
    /// A plan, which says itself what it was made from.
    pub const PLAN: Self = Self { what: "Plan", from: None, sizes: &[] };
}

/// The plan in Markdown, `most` characters at most; `warnings` are those of the definition.
pub fn plan_markdown<'a>(
    plan: &'a Plan,
    warnings: impl IntoIterator<Item = &'a Diagnostic>,
    sources: &Sources,
    headline: Headline<'_>,
    most: usize,
) -> String {
    let mut comment = Comment { text: format!("{MARK}\n"), most, left_out: Vec::new() };
    comment.text.push_str(&heading(plan, headline));
    data_loss(plan, &mut comment.text);
    let found: Vec<&Diagnostic> = warnings.into_iter().chain(&plan.diagnostics).collect();
    diagnostics("Errors", Severity::Error, &found, sources, &mut comment.text);
    diagnostics("Warnings", Severity::Warning, &found, sources, &mut comment.text);
    firewall(plan, &mut comment.text);
    sizes(headline.sizes, &mut comment.text);
    let outside = drift::section(&plan.drift);
    if !outside.is_empty() {
        let _ = writeln!(comment.text, "\n{}", fenced("text", outside.trim()));
    }
    let moved = state_changes::section(plan);
    if !moved.is_empty() {
        let _ = writeln!(comment.text, "\n{}", fenced("text", moved.trim()));
    }
    for (name, changes) in &changes_of_clusters(plan) {
        let summary = Summary::of(changes.iter().copied());
        let called = address(plan, name).map_or_else(|| format!("cluster.{name}"), str::to_owned);
        let title = format!("<code>{}</code>: {}", escaped(&called), counted(summary));
        comment.details(&title, "diff", &cluster(plan, changes, sources));
    }
    if plan.steps.len() > 1 {
        comment.details("Steps", "text", &steps::steps(plan, None));
    }
    if !plan.outputs.is_empty() {
        let mut page = page(plan, sources);
        page.outputs(&plan.outputs);
        comment.details("Outputs", "diff", &signed(&page.text));
    }
    comment.end()
}

/// The head of the comment, and what the plan was made from.
fn heading(plan: &Plan, headline: Headline<'_>) -> String {
    let what = headline.what;
    let mut counts = if plan.has_changes() { counted(plan.summary()) } else { "no changes".to_owned() };
    match plan.losses().iter().map(|loss| loss.count).sum::<usize>() {
        0 => {}
        1 => counts.push_str(", **1 node loses data**"),
        nodes => {
            // Writing to a String cannot fail.
            let _ = write!(counts, ", **{nodes} nodes lose data**");
        }
    }
    let from = headline.from.map_or_else(|| header(plan), str::to_owned);
    format!("### {what}: {counts}\n\n{}\n", escaped(from.trim()))
}

/// `3 to add, 1 to change, 0 to destroy`
fn counted(Summary { add, change, destroy }: Summary) -> String {
    format!("{add} to add, {change} to change, {destroy} to destroy")
}

fn page<'a>(plan: &'a Plan, sources: &'a Sources) -> Page<'a> {
    Page { plan, text: String::new(), drawing: PlanDrawing { colour: false, width: None }, sources }
}

/// What happens to a cluster, as a block that is coloured by its signs.
fn cluster(plan: &Plan, changes: &[&Change], sources: &Sources) -> String {
    let mut page = page(plan, sources);
    page.cluster(&entries(changes));
    signed(&page.text)
}

/// Every line with the sign in the first column by which blocks of differences are coloured: `!` for what changes in place.
fn signed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let sign = match line.trim_start().split(' ').next().unwrap_or_default() {
            "+" => '+',
            // What is lost, or destroyed.
            "-" | "-/+" | "!" => '-',
            "~" | "<" => '!',
            // A volume goes.
            "·" if line.ends_with("is deleted, with everything on it") => '-',
            _ => ' ',
        };
        out.push(sign);
        out.push_str(line.strip_prefix(' ').unwrap_or(line));
        out.push('\n');
    }
    out
}

fn data_loss(plan: &Plan, text: &mut String) {
    let row = |loss: &Loss<'_>| {
        let nodes = code(&format!("cluster.{}.{}", loss.cluster, loss.nodes));
        format!("| {nodes} | {} | {} |", cell(&loss.why), cell(&folders(loss.lost)))
    };
    let lost: Vec<String> = plan.losses().iter().map(row).collect();
    table("Data loss", "| nodes | what happens | what is lost |\n|---|---|---|", &lost, text);
}

fn diagnostics(title: &str, severity: Severity, found: &[&Diagnostic], sources: &Sources, text: &mut String) {
    let rows: Vec<String> = found
        .iter()
        .filter(|one| one.severity == severity)
        .map(|one| {
            let place = one.span().map(|span| {
                let (name, at) = sources.locate(span);
                code(&format!("{name}:{}", at.line))
            });
            let help = one.help.as_deref().map(cell).unwrap_or_default();
            format!("| {} | {} ({}) | {help} |", place.unwrap_or_default(), cell(&one.message), code(one.code))
        })
        .collect();
    table(title, "| where | what | what to do |\n|---|---|---|", &rows, text);
}

/// Who may reach what from outside that could not before, and the other way round.
fn firewall(plan: &Plan, text: &mut String) {
    let mut rows = Vec::new();
    for change in &plan.changes {
        for rule in &change.rules {
            let from = match &rule.from {
                RuleSource::Network(prefix) => prefix.as_str(),
                RuleSource::Unknown => "(not known)",
                RuleSource::Nodes => continue,
            };
            let verb = match rule.kind {
                ChangeKind::Create => "opened",
                ChangeKind::Delete => "closed",
                _ => "replaced",
            };
            let to = rule.to.as_deref().map_or_else(|| "all nodes".to_owned(), code);
            let world = if matches!(from, "0.0.0.0/0" | "::/0") && verb != "closed" { " **(everybody)**" } else { "" };
            rows.push(format!(
                "| {verb} | {} | {} | {} | {}{world} | {to} |",
                code(change.address.cluster()),
                code(rule.name()),
                cell(&rule.opening()),
                code(from)
            ));
        }
    }
    table("Ports", "| | cluster | service | port | from | to |\n|---|---|---|---|---|---|", &rows, text);
}

fn sizes(sizes: &[(String, String, String)], text: &mut String) {
    let rows: Vec<String> = sizes
        .iter()
        .map(|(what, before, after)| {
            let after = if before == after { cell(after) } else { format!("**{}**", cell(after)) };
            format!("| {} | {} | {after} |", cell(what), cell(before))
        })
        .collect();
    table("Size", "| | before | after |\n|---|--:|--:|", &rows, text);
}

fn table(title: &str, head: &str, rows: &[String], text: &mut String) {
    if rows.is_empty() {
        return;
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n**{title}**\n\n{head}");
    for row in rows.iter().take(MOST_ROWS) {
        let _ = writeln!(text, "{row}");
    }
    if rows.len() > MOST_ROWS {
        let _ = writeln!(text, "\n… and {} more.", rows.len() - MOST_ROWS);
    }
}

/// A text in a cell of a table. Code in backquotes stays code.
fn cell(text: &str) -> String {
    let text = visible(text);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut out = String::new();
    let mut code = false;
    for letter in lines.join(" ").chars() {
        code ^= letter == '`';
        match letter {
            '|' => out.push_str("\\|"),
            '<' if !code => out.push_str("&lt;"),
            '*' | '_' if !code => out.extend(['\\', letter]),
            letter => out.push(letter),
        }
    }
    out
}

/// A word as code, in a cell.
fn code(text: &str) -> String {
    let text = visible(text).replace(['\n', '\r'], " ").replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// A text between tags.
fn escaped(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;")
}

/// A block whose fence is longer than any in it.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}", text.trim_end())
}

/// As many whole lines as fit into so many bytes.
fn beginning(text: &str, room: usize) -> &str {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if end + line.len() > room {
            break;
        }
        end += line.len();
    }
    &text[..end]
}

/// A comment that grows until it is full.
struct Comment {
    text: String,
    most: usize,
    /// What found no room.
    left_out: Vec<String>,
}

impl Comment {
    /// A block that is folded up; as much of it as there is room for.
    fn details(&mut self, title: &str, language: &str, text: &str) {
        let text = text.trim_matches('\n');
        let whole =
            |text: &str| format!("\n<details><summary>{title}</summary>\n\n{}\n\n</details>\n", fenced(language, text));
        let room = self.most.saturating_sub(self.text.len() + RESERVE);
        let block = whole(text);
        if block.len() <= room {
            self.text.push_str(&block);
            return;
        }
        let around = whole("").len() + 80;
        let part = beginning(text, room.saturating_sub(around));
        if part.len() < SHORTEST_PART {
            self.left_out.push(title.to_owned());
            return;
        }
        let more = text[part.len()..].lines().count();
        self.text.push_str(&whole(&format!("{part}… {more} more lines are left out")));
        self.left_out.push(format!("{more} lines of {title}"));
    }

    fn end(mut self) -> String {
        if !self.left_out.is_empty() {
            let _ = writeln!(
                self.text,
                "\n**Left out**, because a comment holds {} characters: {}. Run the command without `--format markdown` to see \
                 all of it.",
                self.most,
                some(&self.left_out, 5)
            );
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_come_first() {
        let text = "    + cluster.lab.master[0]\n  -/+ cluster.lab.slaves[1]\n        ~ files/x\n          - a\n        ! DATA LOSS: /x\n";
        let expected = "+   + cluster.lab.master[0]\n- -/+ cluster.lab.slaves[1]\n!       ~ files/x\n-         - a\n-       ! DATA LOSS: /x\n";
        assert_eq!(signed(text), expected);
    }

    #[test]
    fn cells_hold_no_markup() {
        assert_eq!(cell("a | `b | <c>` <d> *e*\nf_g"), "a \\| `b \\| <c>` &lt;d> \\*e\\* f\\_g");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(fenced("diff", "a ``` b\n"), "````diff\na ``` b\n````");
    }

    #[test]
    fn what_has_no_room_is_named() {
        let mut comment = Comment { text: String::new(), most: 3_000, left_out: Vec::new() };
        comment.details("small", "diff", "+ a");
        comment.details("large", "diff", &"+ 0123456789\n".repeat(500));
        comment.details("last", "diff", &"+ 0123456789\n".repeat(500));
        let text = comment.end();
        assert!(text.len() <= 3_000, "{}", text.len());
        assert!(text.contains("more lines are left out"), "{text}");
        assert!(text.contains("lines of large and last"), "{text}");
    }
}
