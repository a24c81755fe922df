//! A terminal that hands over keys one by one.

/// The terminal on stdin without a line discipline of its own; as it was before when this is dropped. What is printed
/// looks as usual.
#[cfg(unix)]
pub(super) struct Raw(rustix::termios::Termios);

#[cfg(unix)]
impl Raw {
    /// `None` where stdin is no terminal, or one that does not obey.
    pub(super) fn new() -> Option<Self> {
        use rustix::termios::{InputModes, LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(std::io::stdin()).ok()?;
        let mut raw = before.clone();
        raw.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        raw.input_modes &= !(InputModes::IXON | InputModes::ICRNL | InputModes::INLCR);
        tcsetattr(std::io::stdin(), OptionalActions::Drain, &raw).ok()?;
        Some(Self(before))
    }
}

#[cfg(unix)]
impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that has gone away needs nothing.
        let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Drain, &self.0);
    }
}

/// Elsewhere the terminal edits lines.
#[cfg(not(unix))]
pub(super) struct Raw;

#[cfg(not(unix))]
impl Raw {
    pub(super) fn new() -> Option<Self> {
        None
    }
}
