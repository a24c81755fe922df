//! A command line as Bash reads it. Bash hands over the line and takes words back as they would be typed.

/// Characters that mean something to Bash in a word without quotes.
const SPECIAL: &str = " \t\"'\\$`|&;()<>*?[]{}!#~";

/// The words of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// All, without quotes; the last is the one before the cursor, empty after a blank.
    pub(super) words: Vec<String>,
    /// The quote that is open at the end.
    quote: Option<char>,
}

/// Reads a line up to the cursor.
pub(super) fn words(line: &str) -> Words {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(word) = words.last_mut() else { break };
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '\\') => word.extend(letters.next()),
            (Some('"'), '\\') if letters.peek().is_some_and(|next| "\"\\$`".contains(*next)) => {
                word.extend(letters.next());
            }
            (None, ' ' | '\t') => {
                if !word.is_empty() {
                    words.push(String::new());
                }
            }
            _ => word.push(letter),
        }
    }
    Words { words, quote }
}

impl Words {
    /// What Bash puts in the place of the part of the last word that it completes, which begins after the last of `breaks`. A
    /// blank ends what is complete.
    pub(super) fn completed(&self, word: &str, breaks: &str) -> String {
        if self.quote.is_some() {
            // Bash ends the quote.
            return word.to_owned();
        }
        let typed = self.words.last().map_or("", String::as_str);
        // Brackets and the like are quoted, so nothing breaks there.
        let breaks = |letter: char| breaks.contains(letter) && !SPECIAL.contains(letter);
        let start = typed.rfind(breaks).map_or(0, |at| at + 1);
        let mut text = String::new();
        for (at, letter) in word.char_indices().skip_while(|(at, _)| *at < start) {
            if SPECIAL.contains(letter) && !(letter == '~' && word[at..].starts_with("~/") && at == 0) {
                text.push('\\');
            }
            text.push(letter);
        }
        if !word.ends_with(['=', '/', ':', '.']) {
            text.push(' ');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'><=;|&(:";

    #[test]
    fn lines_are_read_as_by_bash() {
        let read = |line| words(line).words;
        assert_eq!(read("disco pl"), ["disco", "pl"]);
        assert_eq!(read("disco  -C 'my lab' "), ["disco", "-C", "my lab", ""]);
        assert_eq!(read(r#"a b\ c "d\"e\x" 'f"#), ["a", "b c", "d\"e\\x", "f"]);
    }

    #[test]
    fn words_come_back_as_they_are_typed() {
        let completed = |line, word| words(line).completed(word, BREAKS);
        assert_eq!(completed("disco ssh sl", "slaves[0]"), "slaves\\[0\\] ");
        assert_eq!(completed("disco ssh 'sl", "slaves[0]"), "slaves[0]");
        assert_eq!(completed("disco plan --format=ma", "--format=markdown"), "markdown ");
        assert_eq!(completed("disco explain disco::un", "disco::unknown_flavor"), "unknown_flavor ");
        assert_eq!(completed("disco apply ~/", "~/my plan"), "~/my\\ plan ");
        assert_eq!(completed("disco -C ex", "examples/"), "examples/");
    }
}
