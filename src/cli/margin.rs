//! The terminal that bars are drawn on, narrower than it is.
//!
//! indicatif fills each line of its bars to the terminal's last column, and the cursor waits there. What the keyboard echoes
//! meanwhile (`^C`) then goes to a line of its own, indicatif takes its bars to be a line lower than they are, and one of
//! them is left for ever. With a margin the echo stands beside the last bar, and goes with it.

use std::io;
use std::sync::{Mutex, PoisonError};

use console::Term;
use indicatif::{ProgressDrawTarget, TermLike};
use unicode_width::UnicodeWidthChar as _;

/// Columns that are kept free: `^C` and another one.
const MARGIN: u16 = 4;

/// Draws a second.
const RATE: u8 = 20;

/// Where bars are drawn.
pub(super) fn target() -> ProgressDrawTarget {
    let terminal = Narrow { terminal: Term::buffered_stderr(), column: Mutex::new(0) };
    ProgressDrawTarget::term_like_with_hz(Box::new(terminal), RATE)
}

#[derive(Debug)]
struct Narrow {
    terminal: Term,
    /// Where the cursor is, from 0.
    column: Mutex<u16>,
}

impl Narrow {
    /// The text with the line breaks that the terminal would make by itself were it as narrow as it is said to be, and the
    /// column that the cursor is in then.
    fn broken(text: &str, width: u16, mut column: u16) -> (String, u16) {
        let mut broken = String::with_capacity(text.len());
        for char in text.chars() {
            if matches!(char, '\r' | '\n') {
                column = 0;
            } else {
                let columns = char.width().and_then(|columns| u16::try_from(columns).ok()).unwrap_or(0);
                if column + columns > width {
                    broken.push('\n');
                    column = 0;
                }
                column += columns;
            }
            broken.push(char);
        }
        (broken, column)
    }

    fn go_to(&self, column: u16) {
        *self.column.lock().unwrap_or_else(PoisonError::into_inner) = column;
    }
}

impl TermLike for Narrow {
    fn width(&self) -> u16 {
        let columns = TermLike::width(&self.terminal);
        columns.saturating_sub(MARGIN).max(1)
    }

    fn height(&self) -> u16 {
        TermLike::height(&self.terminal)
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.terminal.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.terminal.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.terminal.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.terminal.move_cursor_left(columns)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.write_str(line)?;
        self.go_to(0);
        self.terminal.write_line("")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        let column = *self.column.lock().unwrap_or_else(PoisonError::into_inner);
        let (broken, column) = Self::broken(text, self.width(), column);
        self.go_to(column);
        self.terminal.write_str(&broken)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.go_to(0);
        self.terminal.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.terminal.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::Narrow;

    #[test]
    fn lines_end_before_the_margin() {
        assert_eq!(Narrow::broken("abc", 3, 0), ("abc".to_owned(), 3));
        assert_eq!(Narrow::broken("d", 3, 3), ("\nd".to_owned(), 1));
        assert_eq!(Narrow::broken("\rd", 3, 3), ("\rd".to_owned(), 1));
        assert_eq!(Narrow::broken("ab名前", 3, 0), ("ab\n名\n前".to_owned(), 2));
    }
}
