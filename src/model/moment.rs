//! Moments as people read them.

/// A moment of RFC 3339 to the second: what is smaller says nothing to a person.
pub fn to_the_second(moment: &str) -> String {
    let Some((whole, fraction)) = moment.split_once('.') else { return moment.to_owned() };
    let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
    format!("{whole}{zone}")
}

#[cfg(test)]
mod tests {
    use super::to_the_second;

    #[test]
    fn nobody_reads_nine_decimals() {
        assert_eq!(to_the_second("2026-11-29T20:00:00.123456789Z"), "2026-11-29T20:00:00Z");
        assert_eq!(to_the_second("2026-11-29T20:00:00.5+01:00"), "2026-11-29T20:00:00+01:00");
        assert_eq!(to_the_second("2026-11-29T20:00:00Z"), "2026-11-29T20:00:00Z");
    }
}
