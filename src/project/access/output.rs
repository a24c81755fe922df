//! What a program prints, where nobody watches it.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use super::Program;

/// Runs a program with this on its stdin; what it printed, or why there is nothing, in words.
pub(in crate::project) async fn output(program: &Program, stdin: &str, patience: Duration) -> Result<String, String> {
    let mut command = tokio::process::Command::from(program.command());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let cannot = |fault: std::io::Error| format!("`{}` cannot be run: {fault}", program.program);
    let mut child = command.spawn().map_err(cannot)?;
    let pipe = child.stdin.take();
    let done = async {
        let write = async {
            if let Some(mut pipe) = pipe {
                // A program that has ended says why by itself.
                let _ = pipe.write_all(stdin.as_bytes()).await;
            }
        };
        tokio::join!(write, child.wait_with_output()).1
    };
    let Ok(done) = tokio::time::timeout(patience, done).await else {
        return Err(format!("it did not answer within {} s", patience.as_secs()));
    };
    let done = done.map_err(cannot)?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned());
    Err(last.unwrap_or_else(|| format!("`{}` ended with {}", program.program, done.status)))
}
