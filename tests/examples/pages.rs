//! The example of each page of errors is run: its last command says the code that the page is about.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

/// A page's example.
struct Example {
    code: String,
    /// Paths and texts.
    files: Vec<(String, String)>,
    commands: Vec<String>,
}

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    paths
}

/// The example of a page; `None` where the page says when it comes instead.
fn example(page: &str) -> Option<Example> {
    let code = page.lines().next().unwrap().trim_start_matches("# ").to_owned();
    let (_, rest) = page.split_once("\n## Example\n")?;
    let (part, _) = rest.split_once("\n## ").unwrap();
    let mut files = Vec::new();
    let mut commands = Vec::new();
    let mut lines = part.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if language == "console" {
            commands.extend(block.iter().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned));
        } else {
            let path = block[0].strip_prefix("# ").unwrap_or_else(|| panic!("{code}: a file without its path"));
            files.push((path.to_owned(), block.join("\n") + "\n"));
        }
    }
    Some(Example { code, files, commands })
}

/// What the last command prints, as JSON where it prints any.
fn run(example: &Example) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in &example.files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_disco")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut said = String::new();
    for (number, command) in example.commands.iter().enumerate() {
        let last = number + 1 == example.commands.len();
        let json = if last && !command.contains("--json") { " --json" } else { "" };
        let output = Command::new("/bin/sh")
            .arg("-c")
            .arg(format!("{command}{json}"))
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", &path)
            .env("HOME", folder.path())
            .env("DISCO_LOCAL_TIME_SCALE", "0")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    }
    said
}

#[test]
fn every_example_gives_the_code_of_its_page() {
    let examples: Vec<Example> =
        pages().iter().filter_map(|path| example(&fs::read_to_string(path).unwrap())).collect();
    let total = pages().len();
    assert!(examples.len() * 10 >= total * 8, "{} of {total} pages have an example", examples.len());
    let left = Mutex::new(examples.iter());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(example) = left.lock().unwrap().next() else { break };
                    let said = run(example);
                    let drawn = said.lines().any(|line| line == example.code);
                    if !drawn && !said.contains(&format!("\"{}\"", example.code)) {
                        wrong.lock().unwrap().push(format!("{}:\n{said}", example.code));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} examples do not give their code:\n{}", wrong.len(), wrong.join("\n"));
}
