//! Disks that are full or cannot be written: a mount namespace of a test's own, where permissions do not bind a root
//! user either.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::{Run, TestProject};

/// A mount namespace, as long as it lives.
pub(crate) struct OwnDisk {
    holder: Child,
    as_user: bool,
}

impl OwnDisk {
    /// A namespace, for root or for users that may have one. On a machine that gives neither a test that needs one
    /// fails, unless `DISCO_TEST_WITHOUT_MOUNTS` says that this is known: then there is `None`.
    pub(crate) fn new() -> Option<Self> {
        for (flags, as_user) in [("-m", false), ("-rm", true)] {
            let holder = Command::new("unshare")
                .args([flags, "sh", "-c", "echo ready; exec cat"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn();
            let Ok(mut holder) = holder else { continue };
            let mut line = String::new();
            BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
            if line.trim() == "ready" {
                return Some(Self { holder, as_user });
            }
            let _ = holder.wait();
        }
        assert!(
            std::env::var_os("DISCO_TEST_WITHOUT_MOUNTS").is_some(),
            "this test needs a mount namespace: run it as root or allow user namespaces; \
             DISCO_TEST_WITHOUT_MOUNTS=1 leaves it out"
        );
        // Past the test runner, which shows nothing of what tests that pass print.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no mount namespace to be had");
        None
    }

    /// Mounts something there.
    pub(crate) fn mount(&self, options: &str, at: &Path) {
        let mut command = self.inside(&Command::new("mount"));
        let status = command.args(options.split_whitespace()).arg(at).status().unwrap();
        assert!(status.success(), "mount {options} {}", at.display());
    }

    /// Runs the program there.
    pub(crate) fn disco(&self, project: &TestProject, words: &str) -> Run {
        Run::of(&self.inside(&project.command(words)).output().unwrap())
    }

    /// A folder as it is seen there.
    pub(crate) fn seen(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(path.strip_prefix("/").unwrap())
    }

    /// The same command, in the namespace and in its own folder there.
    fn inside(&self, command: &Command) -> Command {
        let holder = self.holder.id().to_string();
        let mut inside = Command::new("nsenter");
        inside.args(["-t", &holder, "-m"]);
        if self.as_user {
            inside.args(["-U", "--preserve-credentials"]);
        }
        inside.args(["sh", "-c", "cd \"$0\" && exec \"$@\""]);
        inside.arg(command.get_current_dir().unwrap_or(Path::new("/"))).arg(command.get_program());
        inside.args(command.get_args());
        for (name, value) in command.get_envs() {
            inside.env(name, value.unwrap_or_default());
        }
        inside.stdin(Stdio::null());
        inside
    }
}

impl Drop for OwnDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
