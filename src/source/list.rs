//! Several things in one sentence.

/// "a", "a and b", "a, b and c"; empty for nothing.
pub fn listed(words: &[String]) -> String {
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn the_last_two_have_an_and_between_them() {
        for (words, list) in [(&[][..], ""), (&["a"], "a"), (&["a", "b"], "a and b"), (&["a", "b", "c"], "a, b and c")]
        {
            let words: Vec<String> = words.iter().map(|word: &&str| (*word).to_owned()).collect();
            assert_eq!(listed(&words), list);
        }
    }
}
