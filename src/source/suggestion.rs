//! The word that was meant.

/// The candidate nearest to `word`, if one is near enough to be what was meant (Damerau–Levenshtein distance
/// of at most a third of the word, at least one).
pub fn similar_word<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// "did you mean …?" for a `word` that has a similar candidate; nothing for one that has not.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    similar_word(word, candidates).map(|similar| format!("did you mean `{similar}`?"))
}

/// A help text for an unknown `word`: the similar candidate if there is one, else the whole list, else nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let nearest = nearest(word, candidates.iter().copied());
    nearest.or_else(|| known_here(&candidates))
}

/// All words, unless they are too many to read.
fn known_here(words: &[&str]) -> Option<String> {
    match words {
        [] => None,
        known if known.len() <= 20 => {
            let quoted: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            Some(format!("use {}", super::either(&quoted)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_listed() {
        assert_eq!(did_you_mean("flavour", ["flavor", "image"]).as_deref(), Some("did you mean `flavor`?"));
        assert_eq!(did_you_mean("zzz", ["flavor", "image"]).as_deref(), Some("use `flavor` or `image`"));
        assert_eq!(did_you_mean("zzz", []), None);
        assert_eq!(nearest("flavour", ["flavor", "image"]).as_deref(), Some("did you mean `flavor`?"));
        assert_eq!(nearest("zzz", ["flavor", "image"]), None);
    }
}
