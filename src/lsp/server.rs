//! What a server knows, and what it does with each message.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::analysis::{Analysis, File};
use super::client::Client;
use super::document::Document;
use super::names::{self, Symbol};
use super::text::Lines;
use super::transport::{self, Incoming};
use super::wire::{Diagnostic, Fault, Location, Params, code};
use super::{completion, diagnostics, edit, hover, outline, rename};
use crate::project::Project;

/// Where a server is between the first and the last message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nobody has said anything.
    Begun,
    /// At work.
    Ready,
    /// After `shutdown`.
    ShutDown,
}

/// A folder with open documents.
#[derive(Debug, Default)]
struct Folder {
    /// What is known of it; nothing where something has changed since.
    analysis: Option<Analysis>,
    /// Files of which the client was told that something is wrong with them.
    told: BTreeSet<String>,
}

/// A server.
pub(super) struct Server<'p, W> {
    project: &'p Project,
    output: W,
    phase: Phase,
    client: Client,
    documents: BTreeMap<String, Document>,
    folders: BTreeMap<PathBuf, Folder>,
}

impl<'p, W: Write> Server<'p, W> {
    /// A server that knows nothing yet. `project` has the options that count for the projects of all folders.
    pub(super) fn new(project: &'p Project, output: W) -> Self {
        let (documents, folders) = (BTreeMap::new(), BTreeMap::new());
        Self { project, output, phase: Phase::Begun, client: Client::default(), documents, folders }
    }

    /// Whether the client has said `shutdown`.
    pub(super) fn is_shut_down(&self) -> bool {
        self.phase == Phase::ShutDown
    }

    /// Does what a message asks for; `waiting` are those that have come after it. Whether the end was an orderly one, if
    /// this was the last message.
    pub(super) fn take(&mut self, message: Incoming, waiting: &VecDeque<Incoming>) -> io::Result<Option<bool>> {
        let message = match message {
            Incoming::Message(message) => message,
            Incoming::Fault(fault) => {
                self.answer(&Json::Null, Err(Fault::new(code::PARSE, fault)))?;
                return Ok(None);
            }
        };
        let id = message.get("id").filter(|id| id.is_string() || id.is_number());
        let Some(method) = message.get("method").and_then(Json::as_str) else {
            // Answers to what was asked of the client have no method.
            let is_answer = message.get("result").is_some() || message.get("error").is_some();
            if !(is_answer && id.is_some()) {
                let fault = Fault::new(code::INVALID_REQUEST, "a request has a `method`");
                self.answer(id.unwrap_or(&Json::Null), Err(fault))?;
            }
            return Ok(None);
        };
        let params = message.get("params").unwrap_or(&Json::Null);
        let Some(id) = id else {
            if method == "exit" {
                return Ok(Some(self.is_shut_down()));
            }
            self.notification(method, params)?;
            return Ok(None);
        };
        let result = if is_cancelled(id, waiting) {
            Err(Fault::new(code::CANCELLED, "the request was cancelled"))
        } else {
            self.request(method, params)?
        };
        self.answer(id, result)?;
        Ok(None)
    }

    /// Looks at the projects in which something has changed, as nobody is waiting for an answer.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        let folders: Vec<PathBuf> = self.folders.keys().cloned().collect();
        folders.iter().try_for_each(|folder| self.refresh(folder))
    }

    fn send(&mut self, message: &Json) -> io::Result<()> {
        transport::write(&mut self.output, message)
    }

    fn answer(&mut self, id: &Json, result: Result<Json, Fault>) -> io::Result<()> {
        self.send(&match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(Fault { code, message }) => {
                json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
            }
        })
    }

    fn publish(&mut self, uri: &str, found: &[Diagnostic]) -> io::Result<()> {
        self.send(&json!({
            "jsonrpc": "2.0",
            "method": "textDocument/publishDiagnostics",
            "params": { "uri": uri, "diagnostics": found },
        }))
    }

    fn notification(&mut self, method: &str, params: &Json) -> io::Result<()> {
        match method {
            "initialized" if self.client.watches => return self.send(&Client::watch()),
            "workspace/didChangeWatchedFiles" => {
                self.folders.values_mut().for_each(|folder| folder.analysis = None);
                return Ok(());
            }
            _ if self.phase != Phase::Ready => return Ok(()),
            _ => {}
        }
        // What cannot be read has nobody to be answered to.
        let Ok(Params { text_document, content_changes, .. }) = Params::deserialize_from(params) else {
            return Ok(());
        };
        let uri = text_document.uri;
        match (method, text_document.text) {
            ("textDocument/didOpen", Some(text)) => {
                self.documents.insert(uri.clone(), Document::new(uri.clone(), text));
            }
            ("textDocument/didChange", _) => {
                let Some(document) = self.documents.get_mut(&uri) else { return Ok(()) };
                for change in content_changes {
                    document.change(change, self.client.encoding);
                }
            }
            ("textDocument/didSave", _) => {}
            ("textDocument/didClose", _) => return self.close(&uri),
            _ => return Ok(()),
        }
        let Some(folder) = self.documents.get(&uri).and_then(Document::folder) else { return Ok(()) };
        self.folders.entry(folder.to_path_buf()).or_default().analysis = None;
        Ok(())
    }

    /// From now on the file counts. With the last one of a folder nobody looks at it any more.
    fn close(&mut self, uri: &str) -> io::Result<()> {
        let Some(document) = self.documents.remove(uri) else { return Ok(()) };
        let Some(path) = document.folder() else { return Ok(()) };
        let still_open = self.documents.values().any(|other| other.folder() == Some(path));
        if still_open {
            self.folders.entry(path.to_path_buf()).or_default().analysis = None;
            return Ok(());
        }
        let told = self.folders.remove(path).map(|folder| folder.told).unwrap_or_default();
        told.iter().try_for_each(|uri| self.publish(uri, &[]))
    }

    /// Looks at the project of a folder if something has changed, and tells what is wrong with it.
    fn refresh(&mut self, path: &Path) -> io::Result<()> {
        let Some(folder) = self.folders.get_mut(path).filter(|folder| folder.analysis.is_none()) else {
            return Ok(());
        };
        let documents = || self.documents.values().filter(|document| document.folder() == Some(path));
        let Some(first) = documents().next() else { return Ok(()) };
        let analysis = Analysis::new(self.project, path, documents(), self.client.encoding);
        let mut all = diagnostics::by_file(&analysis, &first.uri);
        // Files of variables that nothing reads by itself are no part of the project.
        let apart = |document: &&Document| analysis.examined.is_ok() && analysis.file(document).is_none();
        for document in documents().filter(|document| document.is_variables()).filter(apart) {
            all.insert(document.uri.clone(), diagnostics::of_syntax(document, self.client.encoding));
        }
        let mended: Vec<String> = folder.told.iter().filter(|uri| !all.contains_key(*uri)).cloned().collect();
        folder.told = all.keys().cloned().collect();
        folder.analysis = Some(analysis);
        mended.iter().try_for_each(|uri| self.publish(uri, &[]))?;
        all.iter().try_for_each(|(uri, found)| self.publish(uri, found))
    }

    fn request(&mut self, method: &str, params: &Json) -> io::Result<Result<Json, Fault>> {
        match (self.phase, method) {
            (Phase::Begun, "initialize") => {
                self.phase = Phase::Ready;
                self.client = Client::of(params);
                return Ok(Ok(self.client.welcome()));
            }
            (Phase::Begun, _) => {
                return Ok(Err(Fault::new(code::NOT_INITIALIZED, "the first request is `initialize`")));
            }
            (Phase::ShutDown, _) | (_, "initialize") => {
                let message = format!("`{method}` is not possible any more");
                return Ok(Err(Fault::new(code::INVALID_REQUEST, message)));
            }
            (Phase::Ready, "shutdown") => {
                self.phase = Phase::ShutDown;
                return Ok(Ok(Json::Null));
            }
            (Phase::Ready, _) => {}
        }
        if !METHODS.contains(&method) {
            return Ok(Err(Fault::new(code::METHOD_NOT_FOUND, format!("`{method}` is not known"))));
        }
        let params = match Params::deserialize_from(params) {
            Ok(params) => params,
            Err(fault) => return Ok(Err(Fault::new(code::INVALID_PARAMS, fault.to_string()))),
        };
        let uri = params.text_document.uri.as_str();
        let Some(folder) = self.documents.get(uri).map(|document| document.folder().map(Path::to_path_buf)) else {
            return Ok(Err(Fault::new(code::INVALID_PARAMS, format!("`{uri}` is not open"))));
        };
        if let Some(folder) = &folder {
            self.refresh(folder)?;
        }
        let analysis = folder.and_then(|folder| self.folders.get(&folder)?.analysis.as_ref());
        Ok(self.about(&self.documents[uri], analysis, method, &params))
    }

    /// The answer to a request about a document.
    fn about(
        &self,
        document: &Document,
        analysis: Option<&Analysis>,
        method: &str,
        params: &Params,
    ) -> Result<Json, Fault> {
        let encoding = self.client.encoding;
        match method {
            "textDocument/formatting" => {
                return Ok(json!(edit::layout(document, encoding).into_iter().collect::<Vec<_>>()));
            }
            "textDocument/documentSymbol" => return Ok(json!(outline::outline(&document.text, encoding))),
            _ => {}
        }
        let Some(position) = params.position else {
            return Err(Fault::new(code::INVALID_PARAMS, format!("`{method}` needs a `position`")));
        };
        let Some(analysis) = analysis else { return Ok(Json::Null) };
        let offset = Lines::new(&document.text, encoding).offset(position);
        match method {
            "textDocument/completion" => {
                let items = completion::complete(analysis, document, offset, self.client);
                return Ok(json!({ "isIncomplete": false, "items": items }));
            }
            "textDocument/hover" => return Ok(json!(hover::hover(analysis, document, offset))),
            _ => {}
        }
        let Some(file) = analysis.file(document) else { return Ok(Json::Null) };
        match method {
            "textDocument/prepareRename" => rename::prepare(analysis, file, offset),
            "textDocument/rename" => {
                rename::rename(analysis, file, offset, params.new_name.as_deref().unwrap_or_default())
            }
            "textDocument/definition" => Ok(json!(places(analysis, file, offset, |one| one.declares))),
            "textDocument/references" => {
                let with = params.context.as_ref().and_then(|context| context.get("includeDeclaration")?.as_bool());
                let with = with.unwrap_or(true);
                Ok(json!(places(analysis, file, offset, |one| with || !one.declares)))
            }
            _ => {
                let here: Vec<Json> = places(analysis, file, offset, |one| one.span.source == file.id)
                    .into_iter()
                    .map(|place| json!({ "range": place.range }))
                    .collect();
                Ok(json!(here))
            }
        }
    }
}

/// The requests about documents.
const METHODS: [&str; 9] = [
    "textDocument/completion",
    "textDocument/hover",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/documentSymbol",
    "textDocument/formatting",
    "textDocument/prepareRename",
    "textDocument/rename",
];

/// The places of the name that is at a place. A group that stands for several, or does not exist, leads to its cluster.
fn places(
    analysis: &Analysis,
    file: &File,
    offset: usize,
    wanted: impl Fn(&names::Occurrence) -> bool,
) -> Vec<Location> {
    let all = names::occurrences(analysis);
    let Some(found) = names::at(&all, file, offset) else { return Vec::new() };
    let of = |symbol: &Symbol| -> Vec<Location> {
        let places = all.iter().filter(|one| one.symbol == *symbol && wanted(one));
        places.filter_map(|one| analysis.location(one.span)).collect()
    };
    match &found.symbol {
        Symbol::Group(cluster, _) if !all.iter().any(|one| one.declares && one.symbol == found.symbol) => {
            of(&Symbol::Cluster(cluster.clone()))
        }
        symbol => of(symbol),
    }
}

/// Whether a client has taken a request back before its turn came.
fn is_cancelled(id: &Json, waiting: &VecDeque<Incoming>) -> bool {
    waiting.iter().any(|message| match message {
        Incoming::Message(message) => {
            message.get("method").and_then(Json::as_str) == Some("$/cancelRequest")
                && message.pointer("/params/id") == Some(id)
        }
        Incoming::Fault(_) => false,
    })
}

impl Params {
    fn deserialize_from(params: &Json) -> Result<Self, serde_json::Error> {
        serde::Deserialize::deserialize(params)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::project::{CloudAccess, Request};

    fn project() -> Project {
        Project::new(Request {
            directory: PathBuf::from("."),
            home: None,
            user: String::new(),
            host: String::new(),
            environment: Vec::new(),
            variables: Vec::new(),
            verbose: false,
            lock_timeout: Duration::ZERO,
            program: None,
            clouds: CloudAccess::OwnMachine,
        })
    }

    /// Both are there before the request's turn comes, whatever threads do.
    #[test]
    fn a_request_that_was_taken_back_is_not_carried_out() {
        let project = project();
        let mut server = Server::new(&project, Vec::new());
        server.phase = Phase::Ready;
        let cancel = |id: i32| {
            Incoming::Message(json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": id } }))
        };
        let request = |id: i32| Incoming::Message(json!({ "jsonrpc": "2.0", "id": id, "method": "shutdown" }));
        let waiting = VecDeque::from([cancel(4), cancel(7)]);
        assert_eq!(server.take(request(7), &waiting).unwrap(), None);
        assert!(!server.is_shut_down(), "it is answered, and not carried out");
        assert!(String::from_utf8_lossy(&server.output).contains("-32800"));
        assert_eq!(server.take(request(8), &waiting).unwrap(), None);
        assert!(server.is_shut_down());
    }
}
