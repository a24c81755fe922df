//! A line that is typed on a terminal: edited, completed, and taken up again from those before it.
//!
//! rustyline would be 240 KB of the program; this is what a console needs of it.

mod buffer;
mod keys;
mod raw;

use std::io::{self, BufRead as _, Read as _, Write as _};

use unicode_width::UnicodeWidthStr as _;

use super::printer::columns_of_terminal;
use buffer::Buffer;
use keys::Key;
use raw::Raw;

/// What may stand in place of the word before the cursor: how many bytes of it are written, and the candidates.
pub(super) type Completions = (usize, Vec<String>);

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line.
    Line(String),
    /// The line was given up.
    Interrupted,
    /// There will be no more.
    End,
}

/// Reads lines from stdin, which is a terminal, and draws them on stderr. The terminal is as it was when this is dropped.
pub(super) struct Editor {
    /// `None` where keys cannot be had one by one: then the terminal itself edits lines.
    raw: Option<Raw>,
    /// Lines from before, the newest last.
    pub(super) history: Vec<String>,
}

impl Editor {
    /// Takes the terminal.
    pub(super) fn new(history: Vec<String>) -> Self {
        Self { raw: Raw::new(), history }
    }

    /// A line, which is then part of the history.
    ///
    /// # Errors
    /// A terminal that goes away.
    pub(super) fn read(&mut self, prompt: &str, complete: &dyn Fn(&str) -> Completions) -> io::Result<Typed> {
        let typed = if self.raw.is_some() { self.edited(prompt, complete)? } else { plain(prompt)? };
        if let Typed::Line(line) = &typed
            && !line.trim().is_empty()
            && self.history.last() != Some(line)
        {
            self.history.push(line.clone());
        }
        Ok(typed)
    }

    fn edited(&mut self, prompt: &str, complete: &dyn Fn(&str) -> Completions) -> io::Result<Typed> {
        let mut bytes = io::stdin().lock().bytes();
        let mut line = Buffer::default();
        // Which line of the history is shown, and what was typed before looking there.
        let (mut at, mut begun) = (self.history.len(), String::new());
        draw(prompt, &line)?;
        loop {
            let Some(key) = keys::read(&mut bytes)? else { return end(Typed::End) };
            match key {
                Key::Enter => {
                    line.end();
                    draw(prompt, &line)?;
                    return end(Typed::Line(line.text().to_owned()));
                }
                Key::Interrupt => {
                    say("^C")?;
                    return end(Typed::Interrupted);
                }
                Key::EndOfInput if line.text().is_empty() => return end(Typed::End),
                Key::EndOfInput | Key::Delete => line.delete(),
                Key::Tab => offer(&mut line, complete)?,
                Key::Up if at > 0 => {
                    if at == self.history.len() {
                        line.text().clone_into(&mut begun);
                    }
                    at -= 1;
                    line = Buffer::of(&self.history[at]);
                }
                Key::Down if at < self.history.len() => {
                    at += 1;
                    line = Buffer::of(self.history.get(at).unwrap_or(&begun));
                }
                Key::Clear => say("\x1b[2J\x1b[H")?,
                other => line.obey(other),
            }
            draw(prompt, &line)?;
        }
    }
}

/// Ends the line on the screen.
fn end(typed: Typed) -> io::Result<Typed> {
    say("\n").map(|()| typed)
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stderr().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A line as the terminal edits it.
fn plain(prompt: &str) -> io::Result<Typed> {
    say(prompt)?;
    let mut line = String::new();
    Ok(match io::stdin().lock().read_line(&mut line)? {
        0 => Typed::End,
        _ => Typed::Line(line.trim_end_matches(['\n', '\r']).to_owned()),
    })
}

/// Draws the line in one row of the screen: where it is longer, the part around the cursor.
fn draw(prompt: &str, line: &Buffer) -> io::Result<()> {
    let room = columns_of_terminal().unwrap_or(80).saturating_sub(prompt.width() + 1).max(8);
    let (shown, cursor) = line.window(room);
    let column = prompt.width() + cursor;
    say(&format!("\r{prompt}{shown}\x1b[K\r\x1b[{column}C"))
}

/// Completes the word before the cursor as far as that is certain, or lists what it may become.
fn offer(line: &mut Buffer, complete: &dyn Fn(&str) -> Completions) -> io::Result<()> {
    let (written, all) = complete(line.before());
    let Some(first) = all.first() else { return say("\x07") };
    let common = all.iter().fold(first.as_str(), |common, other| common_start(common, other));
    if common.len() > written {
        line.insert(&common[written..]);
        return Ok(());
    }
    let width = all.iter().map(|name| name.width()).max().unwrap_or_default() + 2;
    let per_row = (columns_of_terminal().unwrap_or(80) / width).max(1);
    let rows: Vec<String> = all
        .chunks(per_row)
        .map(|row| {
            let cells: Vec<String> = row.iter().map(|name| format!("{name:width$}")).collect();
            cells.concat().trim_end().to_owned()
        })
        .collect();
    say(&format!("\n{}\n", rows.join("\n")))
}

/// What two words begin with.
fn common_start<'w>(one: &'w str, other: &str) -> &'w str {
    let same = one.char_indices().zip(other.chars()).find(|((_, one), other)| one != other);
    match same {
        Some(((at, _), _)) => &one[..at],
        None => &one[..one.len().min(other.len())],
    }
}
