//! The patterns of `formatdate`: letters stand for parts of a timestamp, how many of them says how they are written.

use std::fmt::Write as _;

use super::moment::Moment;
use crate::expression::functions::Fault;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The timestamp as the pattern writes it.
pub(super) fn fill(pattern: &str, moment: Moment) -> Result<String, Fault> {
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(&rest[1..], &mut filled)
                .ok_or_else(|| Fault::at(0, "a quote is not closed").help("write a quote itself as '' (twice)"))?;
            continue;
        }
        if !first.is_ascii_alphabetic() {
            filled.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let length = rest.len() - rest.trim_start_matches(first).len();
        write_part(&rest[..length], moment, &mut filled)?;
        rest = &rest[length..];
    }
    Ok(filled)
}

/// Writes what stands in quotes, after the first one; gives what follows the last.
fn quoted<'p>(after: &'p str, filled: &mut String) -> Option<&'p str> {
    if let Some(rest) = after.strip_prefix('\'') {
        filled.push('\'');
        return Some(rest);
    }
    let mut rest = after;
    loop {
        let (inside, after) = rest.split_once('\'')?;
        filled.push_str(inside);
        let Some(more) = after.strip_prefix('\'') else { return Some(after) };
        filled.push('\'');
        rest = more;
    }
}

/// Writes the part of the timestamp that a run of one letter stands for.
fn write_part(letters: &str, moment: Moment, text: &mut String) -> Result<(), Fault> {
    let (date, time) = (moment.local.date(), moment.local.time());
    let name = |names: &[&'static str], index: i8| names[usize::try_from(index).unwrap_or(0) % names.len()];
    let (month, day) = (name(&MONTHS, date.month() - 1), name(&DAYS, date.weekday().to_sunday_zero_offset()));
    let twelve = (time.hour() + 11) % 12 + 1;
    // writing to a text cannot fail
    let _ = match letters {
        "YY" => write!(text, "{:02}", date.year() % 100),
        "YYYY" => write!(text, "{:04}", date.year()),
        "M" => write!(text, "{}", date.month()),
        "MM" => write!(text, "{:02}", date.month()),
        "MMM" => write!(text, "{}", &month[..3]),
        "MMMM" => write!(text, "{month}"),
        "D" => write!(text, "{}", date.day()),
        "DD" => write!(text, "{:02}", date.day()),
        "EEE" => write!(text, "{}", &day[..3]),
        "EEEE" => write!(text, "{day}"),
        "h" => write!(text, "{}", time.hour()),
        "hh" => write!(text, "{:02}", time.hour()),
        "H" => write!(text, "{twelve}"),
        "HH" => write!(text, "{twelve:02}"),
        "AA" => write!(text, "{}", if time.hour() < 12 { "AM" } else { "PM" }),
        "aa" => write!(text, "{}", if time.hour() < 12 { "am" } else { "pm" }),
        "m" => write!(text, "{}", time.minute()),
        "mm" => write!(text, "{:02}", time.minute()),
        "s" => write!(text, "{}", time.second()),
        "ss" => write!(text, "{:02}", time.second()),
        "Z" if moment.offset == 0 => write!(text, "Z"),
        "ZZZ" if moment.offset == 0 => write!(text, "UTC"),
        "Z" | "ZZZZZ" => write!(text, "{}", moment.offset(":")),
        "ZZZ" | "ZZZZ" => write!(text, "{}", moment.offset("")),
        _ => return Err(unknown(letters)),
    };
    Ok(())
}

fn unknown(letters: &str) -> Fault {
    let known = match letters.as_bytes().first() {
        Some(b'Y') => "the year is YY or YYYY",
        Some(b'M') => "the month is M, MM, MMM or MMMM",
        Some(b'D') => "the day of the month is D or DD",
        Some(b'E') => "the day of the week is EEE or EEEE",
        Some(b'h') => "the hour of 24 is h or hh",
        Some(b'H') => "the hour of 12 is H or HH",
        Some(b'A' | b'a') => "the half of the day is AA or aa",
        Some(b'm') => "the minute is m or mm",
        Some(b's') => "the second is s or ss",
        Some(b'Z') => "the offset is Z, ZZZ, ZZZZ or ZZZZZ",
        _ => "letters are Y, M, D, E, h, H, A, a, m, s and Z",
    };
    Fault::at(0, format!("`{letters}` is not valid: {known}")).help("put words in single quotes: 'at'")
}
