//! A story as text: its lines, and what is said below them.

/// A story: what it begins with, and what happens.
pub(super) struct Story {
    /// Everything up to the first event, as it stands.
    pub(super) head: Vec<String>,
    pub(super) events: Vec<Event>,
}

/// A line of a story, with what was said below it.
pub(super) struct Event {
    /// As it stands.
    pub(super) line: String,
    /// Comments and empty lines before it, as they stand.
    pub(super) before: Vec<String>,
    pub(super) said: String,
}

/// Where the engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    Process,
    Socket,
    /// An OpenStack as `clouds.yaml` names it, behind a proxy that plays the faults: the embedded engine's, or a real one.
    Cloud,
}

impl Story {
    pub(super) fn read(text: &str) -> Self {
        let mut story = Self { head: Vec::new(), events: Vec::new() };
        let mut before: Vec<String> = Vec::new();
        for line in text.lines() {
            if let Some(said) = line.strip_prefix("    ") {
                let event = story.events.last_mut().expect("nothing is said before something happens");
                event.said.push_str(&"\n".repeat(std::mem::take(&mut before).len()));
                event.said.push_str(said);
                event.said.push('\n');
            } else if line.is_empty() || line.starts_with('#') {
                before.push(line.to_owned());
            } else if is_setting(line) {
                story.head.append(&mut before);
                story.head.push(line.to_owned());
            } else {
                let before = std::mem::take(&mut before);
                story.events.push(Event { line: line.to_owned(), before, said: String::new() });
            }
        }
        story
    }

    pub(super) fn write(&self) -> String {
        let mut text = String::new();
        let mut line = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        self.head.iter().for_each(|it| line(it));
        for event in &self.events {
            event.before.iter().for_each(|it| line(it));
            line(&event.line);
            for said in event.said.lines() {
                line(&if said.is_empty() { String::new() } else { format!("    {said}") });
            }
        }
        text
    }

    /// The connections that the story is played over.
    pub(super) fn connections(&self) -> Vec<Connection> {
        let Some(connections) = self.setting("over") else { return vec![Connection::Process] };
        connections
            .split(", ")
            .map(|connection| match connection {
                "process" => Connection::Process,
                "socket" => Connection::Socket,
                "cloud" => Connection::Cloud,
                other => panic!("connection `{other}` does not exist"),
            })
            .collect()
    }

    pub(super) fn setting(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

fn is_setting(line: &str) -> bool {
    ["over: ", "time: ", "given: "].iter().any(|setting| line.starts_with(setting))
}

#[test]
fn a_story_is_written_as_it_was_read() {
    let text = "# About.\nover: process, socket\n\n# Why.\n@ POST /stacks: lost\n$ disco apply\n    a\n\n    b\n\n$ disco plan\n";
    let story = Story::read(text);
    assert_eq!(story.write(), text);
    assert_eq!(story.connections(), [Connection::Process, Connection::Socket]);
    assert_eq!(story.events[1].said, "a\n\nb\n");
}
