//! Exchanges with a cloud, for those who asked for more.

use std::fmt::Write as _;

use crate::heat::Call;

/// One exchange as a line: `GET http://…/stacks 200 0.12 s`; below it headers and bodies where they are to be told.
pub fn call(call: &Call) -> String {
    let outcome = match &call.outcome {
        Ok(status) => status.to_string(),
        Err(why) => format!("failed: {why}"),
    };
    let mut text = format!("{} {} {outcome} {:.2} s", call.method, call.url, call.took.as_secs_f64());
    let Some(contents) = &call.contents else { return text };
    for (sign, (headers, body)) in [('>', &contents.request), ('<', &contents.answer)] {
        for (name, value) in headers {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n  {sign} {name}: {value}");
        }
        if !body.is_empty() {
            let _ = write!(text, "\n  {sign} {body}");
        }
    }
    text
}
