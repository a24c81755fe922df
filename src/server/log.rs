//! The log of a service: a line of JSON a request, on the standard error output. No tokens, no queries.

use std::io::Write as _;

use serde_json::json;

/// A request that was answered.
pub(super) fn request(number: u64, method: &str, path: &str, status: u16, milliseconds: u128, from: &str) {
    line(&json!({
        "sm_name": "disco", "phase": "request", "phase_event": "done", "response_time": milliseconds,
        "request": number, "method": method, "path": path, "status": status, "from": from,
    }));
}

/// Something that whoever looks after the service has to know.
pub(super) fn trouble(message: &str) {
    line(&json!({ "sm_name": "disco", "phase": "service", "phase_event": "trouble", "message": message }));
}

fn line(line: &serde_json::Value) {
    // A log that nobody reads any more stops nothing.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
