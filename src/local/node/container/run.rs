//! Runs commands: the one place where this room starts a program.

use std::process::{Output, Stdio};
use std::time::Duration;

use super::command::Command;
use super::fault::ContainerFault;

/// How long a command of a container engine may take, seconds.
const PATIENCE: u64 = 300;

/// Runs a command to its end; its stdout, or what it said on stderr as a failure.
pub(crate) async fn run(command: &Command) -> Result<String, ContainerFault> {
    run_for(command, PATIENCE).await
}

/// The same for a command that may take so many seconds.
pub(crate) async fn run_for(command: &Command, seconds: u64) -> Result<String, ContainerFault> {
    let output = tokio::time::timeout(Duration::from_secs(seconds), output(command)).await;
    let output = output.map_err(|_| ContainerFault::TimedOut { command: first_words(command), seconds })?;
    let output = output.map_err(|source| ContainerFault::Run { program: command.program.clone(), source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(ContainerFault::Failed { command: first_words(command), message: last_words(&output) })
}

async fn output(command: &Command) -> std::io::Result<Output> {
    let mut process = tokio::process::Command::new(&command.program);
    process.args(&command.arguments).envs(command.environment.iter().map(|(name, value)| (name, value)));
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    process.spawn()?.wait_with_output().await
}

/// Program and verb, without values.
fn first_words(command: &Command) -> String {
    let verbs = command.arguments.iter().take_while(|word| !word.starts_with('-')).take(2);
    verbs.fold(command.program.clone(), |words, word| format!("{words} {word}"))
}

/// What a command said last: the end of its stderr, or of its stdout where there is none.
fn last_words(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let lines = |text: &str| {
        let mut lines = text.lines().rev();
        let last = lines.find(|line| !line.trim().is_empty() && !line.contains("connect to syslog"));
        last.map(|line| line.trim().trim_start_matches("Error: ").to_owned())
    };
    let said = lines(&text(&output.stderr)).or_else(|| lines(&text(&output.stdout)));
    said.unwrap_or_else(|| output.status.to_string())
}
