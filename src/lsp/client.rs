//! What a client can do, as it says when it begins.

use serde_json::{Value as Json, json};

use super::text::Encoding;

/// What a client can do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Client {
    /// How it counts characters.
    pub(super) encoding: Encoding,
    /// Whether completions may have places to fill in.
    pub(super) snippets: bool,
    /// Whether it tells of changed files if it is asked to.
    pub(super) watches: bool,
}

impl Client {
    /// From the parameters of `initialize`.
    pub(super) fn of(params: &Json) -> Self {
        let has = |path: &str| params.pointer(path).and_then(Json::as_bool).unwrap_or_default();
        let encodings = params.pointer("/capabilities/general/positionEncodings").and_then(Json::as_array);
        let utf8 = encodings.is_some_and(|all| all.iter().any(|one| one == Encoding::Utf8.name()));
        Self {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            snippets: has("/capabilities/textDocument/completion/completionItem/snippetSupport"),
            watches: has("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration"),
        }
    }

    /// The answer to `initialize`.
    pub(super) fn welcome(self) -> Json {
        json!({
            "serverInfo": { "name": "disco", "version": env!("CARGO_PKG_VERSION") },
            "capabilities": {
                "positionEncoding": self.encoding.name(),
                "textDocumentSync": { "openClose": true, "change": 2, "save": true },
                "completionProvider": { "triggerCharacters": [".", "\"", "{"] },
                "hoverProvider": true,
                "definitionProvider": true,
                "referencesProvider": true,
                "documentHighlightProvider": true,
                "documentSymbolProvider": true,
                "documentFormattingProvider": true,
                "renameProvider": { "prepareProvider": true },
            },
        })
    }

    /// The request that has the client tell of files that change on the disk.
    pub(super) fn watch() -> Json {
        let watchers = ["**/*.hcl", "**/disco.state.json"].map(|pattern| json!({ "globPattern": pattern }));
        json!({
            "jsonrpc": "2.0",
            "id": "watch",
            "method": "client/registerCapability",
            "params": { "registrations": [{
                "id": "watch",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": watchers },
            }] },
        })
    }
}
