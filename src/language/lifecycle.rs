//! `lifecycle`: what protects a cluster, what follows a failure, how long an action may take, how many nodes at a time.

use super::blocks::{LIFECYCLE, LONGEST_TIMEOUT, LifecycleAttributes};
use super::condition::preconditions;
use super::decode::Decoder;
use super::reported::Decoded;
use crate::model::{Lifecycle, OnFailure, Sourced};
use crate::source::Diagnostic;
use crate::syntax::tree::Block;

const AT: LifecycleAttributes = LifecycleAttributes::ALL;

/// Heat's own default for one stack action.
const DEFAULT_TIMEOUT: u32 = 60;

/// What holds where there is no block.
pub(crate) fn default_lifecycle() -> Lifecycle {
    Lifecycle {
        prevent_destroy: Sourced::default_of(false),
        on_failure: Sourced::default_of(OnFailure::Keep),
        timeout_minutes: Sourced::default_of(DEFAULT_TIMEOUT),
        batch_size: None,
        smoke_test: Sourced::default_of(true),
    }
}

/// Reads the block; defaults where there is none.
pub(crate) fn lifecycle(block: Option<&Block>, name: &str, decoder: &mut Decoder<'_, '_>) -> Decoded<Lifecycle> {
    let Some(block) = block else { return Ok(default_lifecycle()) };
    let _ = LIFECYCLE.open(block, &mut decoder.diagnostics);
    let prevent_destroy = decoder.read(block, &AT.prevent_destroy);
    let on_failure = decoder.read(block, &AT.on_failure);
    let timeout = timeout(block, decoder);
    let batch_size = decoder.read(block, &AT.batch_size);
    let smoke_test = decoder.read(block, &AT.smoke_test);
    let conditions = preconditions(block, &format!("cluster `{name}`"), decoder);
    let default = default_lifecycle();
    conditions?;
    Ok(Lifecycle {
        prevent_destroy: prevent_destroy?.unwrap_or(default.prevent_destroy),
        on_failure: on_failure?.unwrap_or(default.on_failure),
        timeout_minutes: timeout?.unwrap_or(default.timeout_minutes),
        batch_size: batch_size?.map(|size| Sourced::new(u32::try_from(size.value).unwrap_or(u32::MAX), size.origin)),
        smoke_test: smoke_test?.unwrap_or(default.smoke_test),
    })
}

fn timeout(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<Sourced<u32>>> {
    let Some(text) = decoder.read(block, &AT.timeout)? else { return Ok(None) };
    match minutes(&text.value) {
        Some(minutes) if (1..=LONGEST_TIMEOUT).contains(&minutes) => Ok(Some(Sourced::new(minutes, text.origin))),
        Some(_) => Err(decoder.report(
            Diagnostic::error(
                "disco::out_of_range",
                format!("`timeout` is \"{}\", expected 1 minute to 168 hours", text.value),
            )
            .at_maybe(text.origin, "out of range")
            .help("write a duration from \"1m\" to \"168h\""),
        )),
        None => Err(decoder.report(
            Diagnostic::error("disco::invalid_duration", format!("\"{}\" is not a duration", text.value))
                .at_maybe(text.origin, "not whole minutes or hours")
                .help("write whole minutes or hours with their unit, such as \"60m\" or \"1h30m\""),
        )),
    }
}

/// The minutes of `60m`, `2h` or `1h30m`.
fn minutes(text: &str) -> Option<u32> {
    let part = |number: &str| {
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| number.parse::<u32>().unwrap_or(u32::MAX))
    };
    let (hours, rest) = match text.trim().split_once('h') {
        Some((hours, rest)) => (part(hours)?, rest),
        None => (0, text.trim()),
    };
    let minutes = match rest {
        "" if text.contains('h') => 0,
        rest => part(rest.strip_suffix('m')?)?,
    };
    Some(hours.saturating_mul(60).saturating_add(minutes))
}

#[cfg(test)]
mod tests {
    use super::minutes;

    #[test]
    fn durations_are_whole_minutes() {
        for (text, expected) in [
            ("60m", Some(60)),
            ("2h", Some(120)),
            ("1h30m", Some(90)),
            ("", None),
            ("60", None),
            ("1.5h", None),
            ("-5m", None),
            ("h", None),
            ("90s", None),
            ("99999999999h", Some(u32::MAX)),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }
}
