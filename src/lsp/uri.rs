//! Addresses of files.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is escaped in the path of an address.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path that an address means; `None` where it is none of a file of this host.
pub(super) fn path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = percent_decode_str(rest).decode_utf8().ok()?;
    // `/C:/lab` is `C:/lab`.
    let drive = path.strip_prefix('/').filter(|path| path.as_bytes().get(1) == Some(&b':'));
    path.starts_with('/').then(|| PathBuf::from(drive.unwrap_or(&path)))
}

/// The address of a path.
pub(super) fn of(path: &Path) -> String {
    let path = path.to_string_lossy();
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", utf8_percent_encode(&path, ESCAPED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_belong_together() {
        for name in ["/home/ada/lab.disco.hcl", "/tmp/ein Ordner/ü#?.disco.hcl"] {
            assert_eq!(path(&of(Path::new(name))).as_deref(), Some(Path::new(name)));
        }
        assert_eq!(of(Path::new("/a b")), "file:///a%20b");
        assert_eq!(path("file://localhost/a%20b").as_deref(), Some(Path::new("/a b")));
        for other in ["untitled:Untitled-1", "file://host/x", "https://example.org/x", "file:"] {
            assert_eq!(path(other), None, "{other}");
        }
    }
}
