//! Durations as `timeadd` takes them: `1h30m`.

/// Units and how many nanoseconds they have; those whose names begin like others' come first.
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The nanoseconds of a duration, or what is wrong with it.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err("it is empty".to_owned());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
        if whole.is_empty() && fraction.is_empty() {
            return Err(format!("expected a number, found `{rest}`"));
        }
        let end = after.find(|char: char| char == '.' || char.is_ascii_digit()).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        if name.is_empty() {
            return Err(format!("the number {whole} has no unit"));
        }
        let Some((_, unit)) = UNITS.iter().find(|(unit, _)| *unit == name) else {
            return Err(format!("unit `{name}` does not exist"));
        };
        // 18 digits are more than any unit has
        let fraction = &fraction[..fraction.len().min(18)];
        let scale = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
        let number = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i64>().ok().map(i128::from) };
        let (Some(whole), Some(fraction)) = (number(whole), number(fraction)) else { return Err(too_long()) };
        total += whole * unit + fraction * unit / scale;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| too_long())
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn too_long() -> String {
    "it is longer than 292 years".to_owned()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("1h1m1s", Ok(3_661_000_000_000)),
            ("-1.5h", Ok(-5_400_000_000_000)),
            (".5s", Ok(500_000_000)),
            ("1ms2us3ns", Ok(1_002_003)),
            ("1", Err("the number 1 has no unit".to_owned())),
            ("1h 1m", Err("unit `h ` does not exist".to_owned())),
            ("h", Err("expected a number, found `h`".to_owned())),
            ("2562048h", Err("it is longer than 292 years".to_owned())),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
