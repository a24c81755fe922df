//! Names of many nodes in few words: `analytics-slaves-[0..2,5]` for the nodes 0, 1, 2 and 5.

use std::fmt::Write as _;

/// Names that end with an index in brief, those of one prefix together as long as they follow each other; the agent
/// reads it back.
pub fn brief_names(names: impl IntoIterator<Item = String>) -> String {
    let mut words: Vec<(String, Vec<(u32, u32)>)> = Vec::new();
    for name in names {
        let split = name.rsplit_once('-').and_then(|(prefix, index)| Some((prefix, index.parse::<u32>().ok()?)));
        let Some((prefix, index)) = split else {
            words.push((name, Vec::new()));
            continue;
        };
        match words.last_mut().filter(|(known, runs)| known == prefix && !runs.is_empty()) {
            Some((_, runs)) => match runs.last_mut().filter(|(_, last)| last.checked_add(1) == Some(index)) {
                Some((_, last)) => *last = index,
                None => runs.push((index, index)),
            },
            None => words.push((prefix.to_owned(), vec![(index, index)])),
        }
    }
    let words = words.into_iter().map(|(prefix, runs)| match runs.as_slice() {
        [] => prefix,
        [(first, last)] if first == last => format!("{prefix}-{first}"),
        runs => {
            let mut word = format!("{prefix}-[");
            for (number, (first, last)) in runs.iter().enumerate() {
                let comma = if number == 0 { "" } else { "," };
                // Writing to a String cannot fail.
                let _ =
                    if first == last { write!(word, "{comma}{first}") } else { write!(word, "{comma}{first}..{last}") };
            }
            word.push(']');
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Every name of a text that [`brief_names`] wrote. What is not of its form is taken for a name.
pub fn all_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for word in text.split_whitespace() {
        let Some((prefix, runs)) = word.strip_suffix(']').and_then(|word| word.split_once('[')) else {
            names.push(word.to_owned());
            continue;
        };
        for run in runs.split(',') {
            let (first, last) = run.split_once("..").unwrap_or((run, run));
            if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) {
                names.extend((first..=last).map(|index| format!("{prefix}{index}")));
            }
        }
    }
    names
}

/// Whether a name is the prefix of a group's names and an index: `c-slaves-big-0` is none of those of `c-slaves-`.
pub(crate) fn is_member(name: &str, prefix: &str) -> bool {
    let index = name.strip_prefix(prefix);
    index.is_some_and(|index| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_its_own_nodes_only() {
        for (name, prefix, is) in [
            ("c-slaves-0", "c-slaves-", true),
            ("c-slaves-12", "c-slaves-", true),
            ("c-slaves-big-0", "c-slaves-", false),
            ("c-slaves-big-0", "c-slaves-big-", true),
            ("c-slaves-1-0", "c-slaves-", false),
            ("c-slaves-", "c-slaves-", false),
            ("c-slaves", "c-slaves-", false),
        ] {
            assert_eq!(is_member(name, prefix), is, "{name} of {prefix}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (names, text) in [
            (
                vec!["c-master-0", "c-slaves-0", "c-slaves-1", "c-slaves-2", "c-slaves-5"],
                "c-master-0 c-slaves-[0..2,5]",
            ),
            (vec!["c-a-7", "c-a-8"], "c-a-[7..8]"),
            (vec!["c-a-7"], "c-a-7"),
            (vec![], ""),
        ] {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            assert_eq!(brief_names(names.clone()), text);
            assert_eq!(all_names(text), names);
        }
    }
}
