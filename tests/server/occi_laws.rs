//! Whatever is sent, it is answered; what is written is read back.

use disco::server::occi::rendering::{escaped, parts, unquoted};
use disco::server::occi::{ClusterView, inject, updated};
use proptest::prelude::*;

use super::occi_exchanges::CATEGORY;
use super::occi_memory::{Memory, TOKEN};

proptest! {
    #[test]
    fn values_come_back(text in "\\PC{0,40}|[\\x00-\\x7f]{0,40}") {
        let written = format!("\"{}\"", escaped(&text));
        prop_assert!(written.chars().all(|sign| matches!(sign, ' '..='~')), "{}", written);
        prop_assert_eq!(unquoted(&written), text);
        let list = format!("a={written}, b={written},");
        prop_assert_eq!(parts(&list, ',').unwrap(), [format!("a={written}"), format!("b={written}")]);
    }

    #[test]
    fn words_are_names_and_nothing_else(text in "\\PC{0,60}|[{}':\", a-z0-9_()\\[\\]]{0,60}") {
        if let Ok(words) = inject::words(&text) {
            let is_word = |word: &String| word.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign));
            prop_assert!(words.iter().all(is_word), "{:?}", words);
            let braces = (text.trim().starts_with('{'), text.trim().ends_with('}'));
            prop_assert_eq!(braces, (true, true));
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        requests(&bytes);
    }
}

/// Sends bytes as all parts of requests that can be any: attributes, category, accept, body, path.
pub(crate) fn requests(bytes: &[u8]) {
    let service = Memory::new();
    let value: Vec<u8> = bytes.iter().copied().filter(|byte| *byte >= b' ' && *byte != 127 || *byte == b'\t').collect();
    let body = bytes.to_vec();
    for (name, content) in
        [("X-OCCI-Attribute", "text/occi"), ("Category", "text/occi"), ("Accept", "text/plain"), ("Content-Type", "")]
    {
        for (method, path) in
            [("POST", "/disco/"), ("GET", "/disco/"), ("POST", "/haas/00000000-0000-4000-8000-000000000001")]
        {
            let mut request = http::Request::builder().method(method).uri(path);
            for (name, value) in [("X-Auth-Token", TOKEN), ("X-Tenant-Name", "mesz"), ("Category", CATEGORY)] {
                request = request.header(name, value);
            }
            if !content.is_empty() {
                request = request.header("Content-Type", content);
            }
            let request = request.header(name, value.as_slice()).body(bytes::Bytes::from(body.clone()));
            let Ok(request) = request else { continue };
            let answer = service.answered(request);
            let status = answer.status.as_u16();
            assert!(matches!(status, 200 | 201 | 400 | 404 | 406), "{status}: {}", answer.body);
            let response: http::Response<bytes::Bytes> = answer.clone().into();
            assert_eq!(response.headers().len(), answer.headers.len(), "a header that cannot be sent: {answer:?}");
        }
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = updated(&text, &disco::server::occi::ClusterChange { slaves: Some(3), ..Default::default() });
    let _ = (parts(&text, ','), unquoted(&text), inject::words(&text));
}

/// A view whose every text is odd is still one line a header.
#[test]
fn odd_values_are_one_line() {
    let odd = "a\r\nX-Evil: \"1\", b=\"c\\ é 🐘\u{0}";
    let service = Memory::new();
    let headers = [("Category", CATEGORY), ("Content-Type", "text/occi")];
    service.asked("POST", "/disco/", &headers, "");
    service.edit(&Memory::id(1), |view: &mut ClusterView| {
        view.failure = Some(odd.to_owned());
        view.project = odd.to_owned();
    });
    let path = format!("/disco/{}", Memory::id(1));
    for format in ["text/occi", "text/plain", "application/occi+json"] {
        let answer = service.asked("GET", &path, &[("Accept", format)], "");
        assert!(answer.body.is_ascii() && !answer.body.contains('\r') && !answer.body.contains('\0'));
        let response: http::Response<bytes::Bytes> = answer.clone().into();
        assert_eq!(response.headers().len(), answer.headers.len());
        if format == "application/occi+json" {
            let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(json["attributes"]["disco.project"], odd);
        } else if format == "text/occi" {
            let attributes = answer.header("X-OCCI-Attribute").unwrap();
            let read: Vec<&str> = parts(attributes, ',').unwrap();
            let project = read.iter().find_map(|part| part.strip_prefix("disco.project=")).unwrap();
            assert_eq!(unquoted(project), odd);
        }
    }
}
