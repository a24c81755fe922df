//! A client: messages over the pipes of the real program.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::support::TestProject;

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A client of a server of its own.
pub(super) struct Client<'p> {
    project: &'p TestProject,
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Json>,
    next: u64,
    /// What was told of each file last.
    pub(super) diagnostics: BTreeMap<String, Json>,
}

impl<'p> Client<'p> {
    /// Starts a server, and says nothing yet.
    pub(super) fn silent(project: &'p TestProject, words: &str) -> Self {
        let mut command = project.command(&format!("lsp {words}"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = child.stdin.take();
        Self { project, child, input, messages, next: 0, diagnostics: BTreeMap::new() }
    }

    /// Starts a server and introduces itself as an editor that can do everything.
    pub(super) fn start(project: &'p TestProject) -> Self {
        let mut client = Self::silent(project, "");
        let capabilities =
            json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
        client.initialize(&capabilities);
        client
    }

    pub(super) fn initialize(&mut self, capabilities: &Json) -> Json {
        let answer = self.ask("initialize", &json!({ "processId": null, "capabilities": capabilities }));
        self.tell("initialized", &json!({}));
        answer
    }

    pub(super) fn uri(&self, name: &str) -> String {
        format!("file://{}", self.project.file(name).display())
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub(super) fn send(&mut self, message: &Json) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    /// A notification.
    pub(super) fn tell(&mut self, method: &str, params: &Json) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The next message of the server.
    #[track_caller]
    pub(super) fn next(&mut self) -> Json {
        let message = self.messages.recv_timeout(PATIENCE).expect("the server says nothing");
        if message["method"] == "textDocument/publishDiagnostics" {
            let params = &message["params"];
            self.diagnostics.insert(params["uri"].as_str().unwrap().to_owned(), params["diagnostics"].clone());
        }
        message
    }

    /// The answer to a request, error or not.
    #[track_caller]
    pub(super) fn answer(&mut self, method: &str, params: &Json) -> Json {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.next();
            if message["id"] == id {
                return message;
            }
        }
    }

    /// The result of a request that has one.
    #[track_caller]
    pub(super) fn ask(&mut self, method: &str, params: &Json) -> Json {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Opens a text, which need not be what is in the file.
    pub(super) fn open(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.uri(name), "languageId": "hcl", "version": 1, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    /// Replaces the whole of an open text.
    pub(super) fn write(&mut self, name: &str, text: &str) {
        let uri = self.uri(name);
        let change = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", &change);
    }

    /// What is wrong with a file, once the server has looked at everything so far.
    pub(super) fn found(&mut self, name: &str) -> Vec<Json> {
        // Nobody waits for an answer then, so that it looks by itself.
        let uri = self.uri(name);
        self.answer(
            "textDocument/hover",
            &json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } }),
        );
        self.diagnostics.get(&uri).and_then(Json::as_array).cloned().unwrap_or_default()
    }

    /// A request about the place of `|` in a text, which becomes that of an open file.
    #[track_caller]
    pub(super) fn at(&mut self, name: &str, method: &str, marked: &str, more: &Json) -> Json {
        let offset = marked.find('|').expect("the place is marked by |");
        self.write(name, &marked.replacen('|', "", 1));
        self.at_position(name, method, &position(&marked[..offset]), more)
    }

    pub(super) fn at_position(&mut self, name: &str, method: &str, position: &Json, more: &Json) -> Json {
        let mut params = json!({ "textDocument": { "uri": self.uri(name) }, "position": position });
        params.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.answer(&format!("textDocument/{method}"), &params)
    }

    /// Says goodbye, and the code that the server ends with.
    pub(super) fn end(mut self) -> i32 {
        self.ask("shutdown", &Json::Null);
        self.tell("exit", &Json::Null);
        self.code()
    }

    /// Closes its side, and the code that the server ends with.
    pub(super) fn code(mut self) -> i32 {
        drop(self.input.take());
        let status = self.child.wait().unwrap();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(stderr, "", "stderr is for what nobody expects");
        status.code().unwrap()
    }
}

/// The position behind a text, in UTF-16.
pub(super) fn position(before: &str) -> Json {
    let line = before.matches('\n').count();
    let last = before.rsplit('\n').next().unwrap_or_default();
    json!({ "line": line, "character": last.encode_utf16().count() })
}

fn read(output: &mut impl BufRead) -> Option<Json> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", number)) => length = number.parse().unwrap(),
            _ => break,
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).expect("the server writes JSON"))
}
