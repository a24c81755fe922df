//! Functions on timestamps that are given as texts; none asks for the time.

mod duration;
pub(super) mod moment;
mod pattern;

use moment::Moment;

use super::{Call, Fault, Function};
use crate::expression::{Type, Value};

const EXAMPLE: &str =
    "write a timestamp as \"2026-11-25T08:30:00Z\", or with an offset in place of the `Z`: \"+01:00\"";

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new(
            "formatdate",
            "The timestamp as a pattern writes it: YYYY-MM-DD, hh:mm:ss, EEE, MMM, ZZZ",
            |call| pattern::fill(call.text(0), moment(call, 1)?).map(Value::string),
        )
        .takes("pattern", Type::String)
        .takes("timestamp", Type::String)
        .gives(Type::String),
        Function::new("timeadd", "The timestamp that is a duration such as \"1h30m\" later", time_add)
            .takes("timestamp", Type::String)
            .takes("duration", Type::String)
            .gives(Type::String),
        Function::new("timecmp", "-1, 0 or 1: whether the first timestamp is before, at or after the second", |call| {
            let order = moment(call, 0)?.cmp(&moment(call, 1)?);
            Ok(Value::integer(order as i64))
        })
        .takes("first", Type::String)
        .takes("second", Type::String)
        .gives(Type::Number),
    ]
}

fn moment(call: &Call<'_, '_>, index: usize) -> Result<Moment, Fault> {
    let text = call.text(index);
    Moment::parse(text)
        .map_err(|reason| Fault::at(index, format!("{text:?} is not a timestamp: {reason}")).help(EXAMPLE))
}

fn time_add(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let moment = moment(call, 0)?;
    let duration = duration::parse(call.text(1)).map_err(|reason| {
        Fault::at(1, format!("{:?} is not a duration: {reason}", call.text(1)))
            .help("write a duration as \"1h30m\", \"-45s\" or \"1.5h\", with the units h, m, s, ms, us and ns")
    })?;
    match moment.plus(duration) {
        Some(later) => Ok(Value::string(later.to_string())),
        None => Err(Fault::new("the result is outside of the years 0000 to 9999")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn timestamps() {
        check(&[
            (
                r#"formatdate("EEE, DD MMM YYYY hh:mm:ss ZZZ", "2026-11-25T08:05:01Z")"#,
                r#""Wed, 25 Nov 2026 08:05:01 UTC""#,
            ),
            (r#"formatdate("H:mmaa 'o''clock'", "2026-11-25T20:05:01+01:00")"#, r#""8:05pm o'clock""#),
            (r#"timeadd("2026-02-28T23:30:00+01:00", "45m")"#, r#""2026-03-01T00:15:00+01:00""#),
            (r#"timecmp("2026-11-25T08:00:00Z", "2026-11-25T09:00:00+01:00")"#, "0"),
            (r#"timecmp("2026-11-25T08:00:00Z", "2026-11-25T08:00:00.5Z")"#, "-1"),
        ]);
        refuse(&[
            (
                r#"timeadd("2026-11-25", "1h")"#,
                "`timeadd`: \"2026-11-25\" is not a timestamp: expected `T`, found its end",
                "\"2026-11-25\"",
            ),
            (
                r#"timeadd("2026-11-25T08:00:00Z", "1d")"#,
                "`timeadd`: \"1d\" is not a duration: unit `d` does not exist",
                "\"1d\"",
            ),
            (
                r#"formatdate("YYY", "2026-02-30T08:00:00Z")"#,
                "`formatdate`: \"2026-02-30T08:00:00Z\" is not a timestamp: day 30 does not exist in that month",
                "\"2026-02-30T08:00:00Z\"",
            ),
            (
                r#"formatdate("YYY", "2026-02-28T08:00:00Z")"#,
                "`formatdate`: `YYY` is not valid: the year is YY or YYYY",
                "\"YYY\"",
            ),
        ]);
    }
}
