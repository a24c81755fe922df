//! The façade from an editor: the Language Server Protocol over two streams.
//!
//! [`serve()`] reads messages until the client says `exit` or closes its side. A thread reads, this one answers, one
//! message after the other; the project is looked at again only when no further message is waiting, or when an answer
//! needs it. Texts that an editor has open count instead of the files on the disk. No cloud is ever asked.

mod analysis;
mod client;
mod completion;
mod diagnostics;
mod document;
mod edit;
mod hover;
mod lookup;
mod names;
mod outline;
mod rename;
mod server;
mod text;
mod transport;
mod uri;
mod wire;

use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::TryRecvError;

use crate::project::Project;
use server::Server;

/// Answers a client until it is done; whether it said goodbye as the protocol wants it: `shutdown`, then `exit`.
///
/// # Errors
/// An output that takes no more.
pub fn serve(project: &Project, input: impl BufRead + Send + 'static, output: impl Write) -> io::Result<bool> {
    let messages = transport::listen(input);
    let mut server = Server::new(project, output);
    let mut waiting = VecDeque::new();
    loop {
        match messages.try_recv() {
            Ok(message) => {
                waiting.push_back(message);
                continue;
            }
            Err(TryRecvError::Empty) if waiting.is_empty() => {
                server.settle()?;
                match messages.recv() {
                    Ok(message) => waiting.push_back(message),
                    Err(_) => return Ok(server.is_shut_down()),
                }
                continue;
            }
            Err(_) => {}
        }
        let Some(message) = waiting.pop_front() else { return Ok(server.is_shut_down()) };
        if let Some(orderly) = server.take(message, &waiting)? {
            return Ok(orderly);
        }
    }
}
