//! Files of the nodes on this host, and volumes: files that loop devices make disks of.

#![expect(clippy::disallowed_methods, reason = "the nodes' files are the driver's own")]

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use super::command::Command;
use super::fault::ContainerFault;
use super::run::run;
use super::seen::{LoopDevice, loop_devices};

/// More lines of a console than these are never kept.
const CONSOLE_LINES: usize = 40;

/// Makes a folder that may be there already.
pub(super) fn make_folder(path: &Path, mode: u32) -> Result<(), ContainerFault> {
    let permissions = fs::Permissions::from_mode(mode);
    let result = fs::create_dir_all(path).and_then(|()| fs::set_permissions(path, permissions));
    result.map_err(|source| ContainerFault::File { path: path.to_owned(), source })
}

/// Writes a file aside and renames it, if it is not that already.
pub(super) fn write(path: &Path, mode: u32, text: &str) -> Result<(), ContainerFault> {
    if fs::read(path).is_ok_and(|bytes| bytes == text.as_bytes()) {
        return Ok(());
    }
    let aside = path.with_extension("new");
    let written = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&aside);
    let written = written.and_then(|mut file| file.write_all(text.as_bytes())).and_then(|()| {
        fs::set_permissions(&aside, fs::Permissions::from_mode(mode))?;
        fs::rename(&aside, path)
    });
    written.map_err(|source| ContainerFault::File { path: path.to_owned(), source })
}

/// Names of what is in a folder; nothing where there is none.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect();
    names.sort();
    names
}

/// Has a loop device for a volume, whose file is made or grows to so many bytes; the device's number. Nodes that may not
/// grow a file system (`grows_itself` is false) find it grown.
pub(super) async fn attach(path: &Path, bytes: u64, grows_itself: bool) -> Result<u32, ContainerFault> {
    let grown = grow(path, bytes).map_err(|source| ContainerFault::File { path: path.to_owned(), source })?;
    let shown = path.display().to_string();
    let none = || ContainerFault::Failed { command: "losetup".to_owned(), message: "no device".to_owned() };
    let device = if let Some(device) = devices_of(path).await?.into_iter().next() {
        if grown {
            run(&Command::new("losetup", ["--set-capacity", &device.name])).await?;
        }
        device
    } else {
        let name = run(&Command::new("losetup", ["--find", "--show", &shown])).await?;
        LoopDevice { name: name.trim().to_owned(), file: None }
    };
    // Both refuse a disk that is mounted anywhere. Where there is no such file system, or a broken one, the agent says so.
    if grown && !grows_itself && run(&Command::new("e2fsck", ["-f", "-p", &device.name])).await.is_ok() {
        let _ = run(&Command::new("resize2fs", [device.name.as_str()])).await;
    }
    device.number().ok_or_else(none)
}

/// Makes a file so large, with nothing in it; says whether it was there and smaller.
fn grow(path: &Path, bytes: u64) -> std::io::Result<bool> {
    let file = fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let before = file.metadata()?.len();
    if before < bytes {
        file.set_len(bytes)?;
    }
    Ok(0 < before && before < bytes)
}

/// Takes the loop devices off a file.
pub(super) async fn release(path: &Path) -> Result<(), ContainerFault> {
    for device in devices_of(path).await? {
        run(&Command::new("losetup", ["--detach", &device.name])).await?;
    }
    Ok(())
}

async fn devices_of(path: &Path) -> Result<Vec<LoopDevice>, ContainerFault> {
    let shown = path.display().to_string();
    let answer = run(&Command::new("losetup", ["--list", "--json", "--output", "NAME,BACK-FILE"])).await?;
    let devices = loop_devices(&answer)
        .map_err(|source| ContainerFault::Unreadable { command: "losetup --list".to_owned(), source })?;
    Ok(devices.into_iter().filter(|device| device.file.as_deref() == Some(&shown)).collect())
}

/// Removes a folder with all that is in it, if it is there.
pub(super) fn remove_folder(path: &Path) -> Result<(), ContainerFault> {
    match fs::remove_dir_all(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(ContainerFault::File { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Whole lines of a console's file from a place on, without what only a terminal understands; the place moves on.
pub(super) fn more_lines(path: &Path, read: &mut u64) -> Vec<String> {
    let Ok(mut file) = fs::File::open(path) else { return Vec::new() };
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    if length < *read {
        // It has grown too large, and was begun again.
        *read = 0;
    }
    let mut bytes = Vec::new();
    if file.seek(SeekFrom::Start(*read)).and_then(|_| file.read_to_end(&mut bytes)).is_err() {
        return Vec::new();
    }
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    *read += end as u64;
    let lines = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let lines: Vec<String> = lines.lines().map(console_line).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(CONSOLE_LINES)..].to_vec()
}

/// A line as it was said: without the time and the words that the container engine puts before it, and without colours.
fn console_line(line: &str) -> String {
    let line = line.splitn(4, ' ').nth(3).unwrap_or_default();
    let mut text = String::new();
    let mut signs = line.chars();
    while let Some(sign) = signs.next() {
        if sign == '\u{1b}' {
            // An escape ends with its first letter.
            let _ = signs.by_ref().find(char::is_ascii_alphabetic);
        } else if !sign.is_control() {
            text.push(sign);
        }
    }
    text.trim().to_owned()
}
