//! Messages with their headers, as they come and go.

use std::io::{self, BufRead, Read as _, Write};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::Value as Json;

/// The longest line of a header.
const LONGEST_HEADER: u64 = 8 << 10;

/// The largest message that is read.
const LARGEST_MESSAGE: u64 = 256 << 20;

/// What a client has sent.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Json),
    /// Something else; what is wrong with it.
    Fault(String),
}

/// Reads messages in a thread of its own, until the input ends.
pub(super) fn listen(mut input: impl BufRead + Send + 'static) -> Receiver<Incoming> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        while let Ok(Some(message)) = read(&mut input) {
            if sender.send(message).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The next message; `None` where the input has ended.
fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let mut length: Option<u64> = None;
    let mut begun = false;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok(),
            None if line.trim_end().is_empty() && begun => break,
            _ => {}
        }
        begun |= !line.trim_end().is_empty();
    }
    let Some(length) = length else {
        return Ok(Some(Incoming::Fault("a message begins with `Content-Length: NUMBER`".to_owned())));
    };
    if length > LARGEST_MESSAGE {
        io::copy(&mut input.take(length), &mut io::sink())?;
        return Ok(Some(Incoming::Fault(format!("a message has {} MiB at most", LARGEST_MESSAGE >> 20))));
    }
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&bytes) {
        Ok(message) => Incoming::Message(message),
        Err(fault) => Incoming::Fault(format!("not valid JSON: {fault}")),
    }))
}

/// Sends a message.
///
/// # Errors
/// An output that takes no more.
pub(super) fn write(output: &mut impl Write, message: &Json) -> io::Result<()> {
    let text = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8]) -> Vec<String> {
        let mut input = io::BufReader::new(input);
        let mut found = Vec::new();
        while let Some(next) = read(&mut input).unwrap() {
            found.push(match next {
                Incoming::Message(message) => message.to_string(),
                Incoming::Fault(fault) => fault,
            });
        }
        found
    }

    #[test]
    fn what_is_no_message_does_not_hide_the_next_one() {
        let text = b"Content-Length: 2\r\n\r\n{}nonsense\r\n\r\ncontent-length: 1\r\nX: y\r\n\r\n{Content-Length: 4\r\n\r\nnull";
        let found = all(text);
        assert_eq!((found[0].as_str(), found[3].as_str()), ("{}", "null"));
        assert!(found[1].contains("Content-Length") && found[2].starts_with("not valid JSON"), "{found:?}");
        assert!(all(b"Content-Length: 9\r\n\r\n{}").is_empty(), "it ends in the middle of a message");
        assert_eq!(all(b"Content-Length: 99999999999\r\n\r\n{}"), ["a message has 256 MiB at most"]);
    }
}
