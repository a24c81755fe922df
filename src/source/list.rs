//! Several things in one sentence.

/// "a", "a and b", "a, b and c"; empty for nothing.
pub fn listed(words: &[String]) -> String {
    joined(words, "and")
}

/// "a", "a or b", "a, b or c"; empty for nothing.
pub fn either(words: &[String]) -> String {
    joined(words, "or")
}

fn joined(words: &[String], before_the_last: &str) -> String {
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} {before_the_last} {last}", others.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::{either, listed};

    #[test]
    fn the_last_two_have_an_and_between_them() {
        for (words, list) in [(&[][..], ""), (&["a"], "a"), (&["a", "b"], "a and b"), (&["a", "b", "c"], "a, b and c")]
        {
            let words: Vec<String> = words.iter().map(|word: &&str| (*word).to_owned()).collect();
            assert_eq!(listed(&words), list);
            assert_eq!(either(&words), list.replace(" and ", " or "));
        }
    }
}
