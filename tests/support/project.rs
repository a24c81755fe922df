//! A project in a folder of its own, and the real program run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::Served;

/// A copy of an example, or an empty folder, that goes away with the test.
pub(crate) struct TestProject {
    folder: tempfile::TempDir,
    /// Real seconds for each second of the simulated cloud.
    time: &'static str,
}

/// The definition of [`TestProject::lab`].
pub(crate) const LAB: &str = include_str!("../scenarios/lab.disco.hcl");

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: &std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        // A process that a signal has ended has no code.
        Self { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Makes sure that stderr says all of this.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "nothing of `{word}` in:\n{}", self.stderr);
        }
        self
    }

    /// The run, having made sure that it ended with this code.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The last line of stdout that says something.
    pub(crate) fn last_line(&self) -> &str {
        self.stdout.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default()
    }
}

impl TestProject {
    /// An empty folder with one definition.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), time: "0.002" }
    }

    /// A project with this definition.
    pub(crate) fn with(definition: &str) -> Self {
        let project = Self::empty();
        project.write("main.disco.hcl", definition);
        project
    }

    /// The cluster of the scenarios: a master, `--var slaves=…`, no framework; time passes even faster.
    pub(crate) fn lab() -> Self {
        Self { time: "0.0005", ..Self::with(LAB) }
    }

    /// The same where so many real seconds pass for each second of the simulated cloud.
    pub(crate) fn in_time(self, time: &'static str) -> Self {
        Self { time, ..self }
    }

    /// The same, applied.
    pub(crate) fn applied_lab() -> Self {
        static APPLIED: OnceLock<TestProject> = OnceLock::new();
        let given = APPLIED.get_or_init(|| {
            let project = Self::lab();
            project.disco("apply -auto-approve").ends_with(0);
            project
        });
        let project = Self::lab();
        fs::create_dir_all(project.file(".disco/engine")).unwrap();
        for file in ["disco.state.json", ".disco/engine/log.jsonl"] {
            fs::copy(given.file(file), project.file(file)).unwrap();
        }
        project
    }

    /// A copy of `examples/NAME`.
    pub(crate) fn example(name: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), time: "0.002" };
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        copy(&from, project.path());
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, and the folders that it lies in.
    pub(crate) fn write(&self, name: &str, text: &str) {
        self.write_bytes(name, text.as_bytes());
    }

    pub(crate) fn write_bytes(&self, name: &str, bytes: &[u8]) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// The program with these words (separated by blanks), in the project's folder; simulated nodes run fast.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_disco"));
        command
            .args(words.split_whitespace())
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("DISCO_LOCAL_TIME_SCALE", self.time)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn disco(&self, words: &str) -> Run {
        Run::of(&self.command(words).output().unwrap())
    }

    /// Runs the program with a line on stdin.
    pub(crate) fn disco_answering(&self, words: &str, answer: &str) -> Run {
        use std::io::Write;
        let mut child =
            self.command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        Run::of(&child.wait_with_output().unwrap())
    }

    /// Runs git in the project's folder.
    #[track_caller]
    pub(crate) fn git(&self, words: &str) {
        let who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command.args(who).args(words.split_whitespace()).current_dir(self.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        Run::of(&command.output().unwrap()).ends_with(0);
    }

    /// Serves the project's engine on a free port.
    pub(crate) fn serve(&self) -> Served {
        Served::start(self.command("local serve --listen 127.0.0.1:0"))
    }

    /// The state as JSON.
    pub(crate) fn state(&self) -> serde_json::Value {
        serde_json::from_str(&self.read("disco.state.json")).unwrap()
    }
}

/// Copies what is in a folder, and in the folders in it that are not hidden.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_file() {
            fs::copy(path, to.join(name)).unwrap();
        } else if !name.to_string_lossy().starts_with('.') {
            fs::create_dir_all(to.join(&name)).unwrap();
            copy(&path, &to.join(name));
        }
    }
}
