//! A timestamp as RFC 3339 writes it: a date, a time and how far it is from UTC.

use std::cmp::Ordering;
use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// A date and time somewhere, and how far the clocks there are before UTC's.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Moment {
    pub(super) local: DateTime,
    /// In minutes.
    pub(super) offset: i64,
}

impl Moment {
    /// Strictly; says what is wrong otherwise.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = Rest { text, least: 2 };
        let moment = rest.moment(&["T"])?;
        if rest.text.is_empty() { Ok(moment) } else { Err(format!("expected its end, found {:?}", rest.text)) }
    }

    /// As YAML has them: single digits, a space before the time, no time at all.
    pub(in super::super) fn parse_loosely(text: &str) -> Option<Self> {
        let mut rest = Rest { text, least: 1 };
        let moment = if text.contains(['T', 't', ' ']) {
            rest.moment(&["T", "t", " "]).ok()?
        } else {
            Self { local: rest.date().ok()?.at(0, 0, 0, 0), offset: 0 }
        };
        rest.text.is_empty().then_some(moment)
    }

    /// So many nanoseconds later; `None` beyond the calendar.
    pub(super) fn plus(self, nanoseconds: i64) -> Option<Self> {
        let local = self.local.checked_add(SignedDuration::from_nanos(nanoseconds)).ok()?;
        (0..=9999).contains(&local.year()).then_some(Self { local, ..self })
    }

    fn in_utc(self) -> DateTime {
        self.local.saturating_sub(SignedDuration::from_secs(self.offset * 60))
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        self.in_utc().cmp(&other.in_utc())
    }

    /// `+01:00`, with what is given between hours and minutes.
    pub(super) fn offset(&self, between: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs();
        format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.local.date(), self.local.time());
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())?;
        write!(f, "T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        f.write_str(&if self.offset == 0 { "Z".to_owned() } else { self.offset(":") })
    }
}

/// What is still to be read.
struct Rest<'t> {
    text: &'t str,
    /// How many digits a field has at least, where it may have two.
    least: usize,
}

impl Rest<'_> {
    fn take(&mut self, sign: &str) -> bool {
        match self.text.strip_prefix(sign) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    fn sign(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) {
            return Ok(());
        }
        match self.text.chars().next() {
            Some(found) => Err(format!("expected `{sign}`, found {found:?}")),
            None => Err(format!("expected `{sign}`, found its end")),
        }
    }

    /// A number of up to `most` digits.
    fn number(&mut self, what: &str, least: usize, most: usize, greatest: i64) -> Result<i64, String> {
        let digits = self.text.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if digits < least {
            return Err(format!("the {what} should have {least} digits"));
        }
        let (number, rest) = self.text.split_at(digits);
        self.text = rest;
        number
            .parse()
            .ok()
            .filter(|number| *number <= greatest)
            .ok_or_else(|| format!("{what} {number} does not exist"))
    }

    fn field(&mut self, what: &str, greatest: i64) -> Result<i8, String> {
        Ok(i8::try_from(self.number(what, self.least, 2, greatest)?).unwrap_or(0))
    }

    fn date(&mut self) -> Result<Date, String> {
        let year = i16::try_from(self.number("year", 4, 4, 9999)?).unwrap_or(0);
        self.sign("-")?;
        let month = self.field("month", 12)?;
        self.sign("-")?;
        let day = self.field("day", 31)?;
        if month == 0 {
            return Err("month 00 does not exist".to_owned());
        }
        Date::new(year, month, day).map_err(|_| format!("day {day:02} does not exist in that month"))
    }

    fn time(&mut self) -> Result<Time, String> {
        let hour = self.field("hour", 23)?;
        self.sign(":")?;
        let minute = self.field("minute", 59)?;
        self.sign(":")?;
        let second = self.field("second", 59)?;
        let fraction = self.fraction()?;
        Time::new(hour, minute, second, fraction).map_err(|_| "this time does not exist".to_owned())
    }

    /// Nanoseconds; further digits are not looked at.
    fn fraction(&mut self) -> Result<i32, String> {
        if !self.take(".") {
            return Ok(0);
        }
        let length = self.text.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return Err("digits should follow the point".to_owned());
        }
        let (digits, rest) = self.text.split_at(length);
        self.text = rest;
        Ok(format!("{digits:0<9}")[..9].parse().unwrap_or(0))
    }

    fn moment(&mut self, between: &[&str]) -> Result<Moment, String> {
        let date = self.date()?;
        let spaced = self.text.starts_with(' ');
        if !between.iter().any(|sign| self.take(sign)) {
            self.sign("T")?;
        }
        let local = date.to_datetime(self.time()?);
        // after a space there is no offset
        if (spaced && self.text.is_empty()) || self.take("Z") {
            return Ok(Moment { local, offset: 0 });
        }
        let west = self.take("-");
        if !west && !self.take("+") {
            return Err(match self.text.chars().next() {
                Some(found) => format!("expected `Z` or an offset such as `+01:00`, found {found:?}"),
                None => "expected `Z` or an offset such as `+01:00`, found its end".to_owned(),
            });
        }
        let hours = self.number("hour of the offset", 2, 2, 23)?;
        self.sign(":")?;
        let minutes = hours * 60 + self.number("minute of the offset", 2, 2, 59)?;
        Ok(Moment { local, offset: if west { -minutes } else { minutes } })
    }
}
