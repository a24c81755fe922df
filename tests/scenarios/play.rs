//! Playing a story: its commands are run, what they say is compared, and the law is held up.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::story::{Connection, Story};
use super::words;
use crate::support::{Inventory, LAB, Served, Store, TestCloud, TestProject, in_its_words, real_cloud};

/// Plays a story over each connection that it names.
pub(super) fn play(folder: &Path, name: &str) {
    let path = folder.join(format!("{name}.txt"));
    let text = fs::read_to_string(&path).unwrap();
    let update = std::env::var_os("UPDATE_SCENARIOS").is_some();
    for (number, connection) in Story::read(&text).connections().into_iter().enumerate() {
        let mut story = Story::read(&text);
        let inside = |line: &str| line.starts_with("@ resource ") || line.starts_with("@ engine");
        if connection == Connection::Cloud
            && real_cloud().is_some()
            && story.events.iter().any(|event| inside(&event.line))
        {
            // Nobody can make a real Heat fail from inside.
            continue;
        }
        Stage::new(&story, connection).play(&mut story);
        let played = story.write();
        if update && number == 0 {
            fs::write(&path, &played).unwrap();
            return;
        }
        if played != text {
            let diff =
                similar::TextDiff::from_lines(&text, &played).unified_diff().header("told", "played").to_string();
            panic!("{name}, over a {connection:?}:\n{diff}");
        }
    }
}

/// What happens to the next command, and when.
struct Stroke {
    signal: &'static str,
    file: String,
    text: String,
}

struct Stage {
    project: TestProject,
    connection: Connection,
    time: Option<String>,
    server: Option<Server>,
    cloud: Option<(TestCloud, Inventory)>,
    faults: Vec<String>,
    stroke: Option<Stroke>,
    behind: Option<(Child, std::io::PipeReader, String)>,
    lineage: Option<String>,
    /// The last `apply` that went well, as its words without the verb; `None` after `destroy`.
    applied: Option<String>,
}

/// An engine, and what goes wrong in it.
struct Server {
    served: Served,
    faults: Vec<String>,
}

impl Stage {
    fn new(story: &Story, connection: Connection) -> Self {
        let time = story.setting("time").map(str::to_owned);
        let given = story.setting("given");
        assert!(matches!(given, None | Some("an applied lab")), "nobody gives {given:?}");
        let applied = given.map(|_| String::new());
        let mut cloud = None;
        let project = match connection {
            Connection::Cloud => {
                let there = TestCloud::chosen("lab");
                let before = Inventory::take(&there.eyes, "lab");
                let project = TestProject::lab();
                project.write("main.disco.hcl", &in_its_words(LAB));
                project.write("cloud.disco.hcl", "provider \"openstack\" {}\n");
                project.write("clouds.yaml", &there.settings());
                if applied.is_some() {
                    project.disco("apply -auto-approve").ends_with(0);
                }
                cloud = Some((there, before));
                project
            }
            _ if applied.is_some() => TestProject::applied_lab(),
            _ => TestProject::lab(),
        };
        let (faults, stroke, behind) = (Vec::new(), None, None);
        Self { project, connection, time, server: None, cloud, faults, stroke, behind, lineage: None, applied }
    }

    fn play(mut self, story: &mut Story) {
        for event in &mut story.events {
            event.said = self.happen(&event.line);
        }
        self.conclude();
    }

    fn happen(&mut self, line: &str) -> String {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "@" => self.faults.push(rest.to_owned()),
            "$" => return self.run(rest),
            "&" => self.start_behind(rest),
            "wait" => return self.wait(),
            "interrupt" if rest == "&" => signal("-INT", &self.behind.as_ref().unwrap().0),
            "kill" | "interrupt" => {
                let (file, text) = rest.strip_prefix("once ").unwrap().split_once(" has ").unwrap();
                let signal = if verb == "kill" { "-KILL" } else { "-INT" };
                self.stroke = Some(Stroke { signal, file: file.to_owned(), text: text.to_owned() });
            }
            "until" => {
                let (file, text) = rest.split_once(" has ").unwrap();
                while !fs::read_to_string(self.project.file(file)).is_ok_and(|found| found.contains(text)) {
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            "edit" => {
                let (file, change) = rest.split_once(": ").unwrap();
                let (old, new) = change.split_once(" => ").unwrap();
                let text = self.project.read(file);
                assert!(text.contains(old), "{file} has no `{old}`:\n{text}");
                self.project.write(file, &text.replacen(old, &new.replace("\\n", "\n"), 1));
            }
            "write" => {
                let (file, text) = rest.split_once(": ").unwrap();
                self.project.write(file, &format!("{text}\n"));
            }
            "copy" => {
                let (from, to) = rest.split_once(": ").unwrap();
                fs::copy(self.project.file(from), self.project.file(to)).unwrap();
            }
            "remove" => {
                let path = self.project.file(rest);
                if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
            }
            _ => panic!("nothing of the kind happens: {line}"),
        }
        String::new()
    }

    /// The command of a story's words: settings, then `disco` and its own words.
    fn command(&mut self, words: &str) -> (Command, String) {
        let (settings, words) = words.split_once("disco ").unwrap();
        let mut command = self.project.command(words);
        // So wide that nothing is broken in the middle of what is left out.
        command.env("COLUMNS", "1000").env("USER", "eve");
        self.set_time(&mut command);
        command.envs(settings.split_whitespace().map(|setting| setting.split_once('=').unwrap()));
        let faults = std::mem::take(&mut self.faults);
        match self.connection {
            Connection::Process if !faults.is_empty() => {
                command.env("DISCO_LOCAL_FAULTS", self.script(&faults));
            }
            Connection::Process => {}
            Connection::Socket => self.serve(faults),
            Connection::Cloud => {
                if let Some((cloud, _)) = &mut self.cloud {
                    cloud.set_faults(&faults);
                }
            }
        }
        (command, words.to_owned())
    }

    fn script(&self, faults: &[String]) -> std::path::PathBuf {
        self.project.write("faults", &faults.join("\n"));
        self.project.file("faults")
    }

    fn set_time(&self, command: &mut Command) {
        if let Some(time) = &self.time {
            command.env("DISCO_LOCAL_TIME_SCALE", time);
        }
    }

    /// Has an engine listen that plays these faults, where the last one does not.
    fn serve(&mut self, faults: Vec<String>) {
        // Faults are counted from a command on: only an engine without any is used again.
        let reusable = |server: &mut Server| server.served.is_alive() && server.faults.is_empty() && faults.is_empty();
        if self.server.as_mut().is_some_and(reusable) {
            return;
        }
        let address = self.server.take().map_or("127.0.0.1:0".to_owned(), |server| server.served.address.clone());
        let mut command = self.project.command(&format!("local serve --listen {address}"));
        self.set_time(&mut command);
        command.env("DISCO_LOCAL_FAULTS", self.script(&faults));
        self.server = Some(Server { served: Served::start(command), faults });
    }

    fn run(&mut self, words: &str) -> String {
        let (mut command, words) = self.command(words);
        let (reader, child) = piped(&mut command);
        let reading = std::thread::spawn(move || read(reader));
        let mut child = child;
        let stroke = self.stroke.take();
        let mut struck = false;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if let Some(stroke) = stroke.as_ref().filter(|_| !struck)
                && fs::read_to_string(self.project.file(&stroke.file)).is_ok_and(|text| text.contains(&stroke.text))
            {
                signal(stroke.signal, &child);
                struck = true;
            }
            if self.server.as_mut().is_some_and(|server| !server.served.is_alive()) {
                // Somebody starts it again.
                self.serve(Vec::new());
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        assert!(struck || stroke.is_none(), "`disco {words}` ended before its time");
        let said = reading.join().unwrap();
        self.hold(&words, status.code());
        self.tell(&words, &said, status.code())
    }

    fn start_behind(&mut self, words: &str) {
        let (mut command, words) = self.command(words);
        let (reader, child) = piped(&mut command);
        self.behind = Some((child, reader, words));
    }

    fn wait(&mut self) -> String {
        let (mut child, reader, words) = self.behind.take().expect("nothing runs in the background");
        let said = read(reader);
        let code = child.wait().unwrap().code();
        self.hold(&words, code);
        self.tell(&words, &said, code)
    }

    fn tell(&self, words: &str, said: &str, code: Option<i32>) -> String {
        let told = words::told(said, self.project.path(), words.starts_with("plan"));
        match code {
            Some(0) => told,
            Some(code) => told + &format!("[ends with {code}]\n"),
            None => told + "[killed]\n",
        }
    }

    /// The law, after a command.
    fn hold(&mut self, words: &str, code: Option<i32>) {
        let changes = words.starts_with("apply") || words.starts_with("destroy");
        if words.contains("unreadable") {
            return;
        }
        let store = Store::read(self.project.path());
        let lineage = store.lineage();
        if changes && self.lineage.is_some() {
            assert_eq!(lineage, self.lineage, "`disco {words}`: the state has lost its lineage");
        }
        self.lineage = lineage.or(self.lineage.take());
        if !changes || code != Some(0) {
            return;
        }
        let (faults, left) = match &self.cloud {
            Some((cloud, before)) => {
                let now = Inventory::take(&cloud.eyes, "lab");
                (now.faults(before, &self.project.state()), now.beyond(before))
            }
            None => (store.faults(), store.left()),
        };
        assert!(faults.is_empty(), "after `disco {words}`:\n{}", faults.join("\n"));
        let options = words.split_once(' ').map_or("", |(_, options)| options);
        self.applied = words.starts_with("apply").then(|| options.replace("-auto-approve", ""));
        if words.starts_with("destroy") {
            assert!(left.is_empty(), "left after destroy: {left:#?}");
        }
    }

    /// The law, at the end of a story: the plan is empty, and destroy leaves nothing.
    fn conclude(mut self) {
        assert!(self.behind.is_none(), "a command is still running in the background");
        assert!(self.faults.is_empty() && self.stroke.is_none(), "something happens to a command that never comes");
        let Some(options) = self.applied.clone() else { return };
        self.time = None;
        let options = options.replace("--accept-data-loss", "");
        let planned = self.run(&format!("disco plan -detailed-exitcode {options}"));
        assert!(planned.contains("No changes."), "the plan is not empty at the end:\n{planned}");
        let destroyed = self.run("disco destroy -auto-approve");
        assert!(destroyed.contains("Destroy complete!"), "{destroyed}");
    }
}

/// Starts a command whose two streams are one, as on a terminal.
fn piped(command: &mut Command) -> (std::io::PipeReader, Child) {
    let (reader, writer) = std::io::pipe().unwrap();
    let child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    // The command's own ends of the pipe would keep it open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    (reader, child)
}

fn read(mut reader: std::io::PipeReader) -> String {
    let mut said = String::new();
    reader.read_to_string(&mut said).unwrap();
    said
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}
