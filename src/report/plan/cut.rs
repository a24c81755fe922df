//! Long values where there is not much room: what differs is kept, what is alike is cut.

/// Letters that are left of what is alike, on both sides of a difference.
const AROUND: usize = 12;

/// Two values, each of at most `room` columns, so that their first difference is in view.
pub(super) fn around(before: &str, after: &str, room: usize) -> (String, String) {
    let (old, new): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    if old.len() <= room && new.len() <= room {
        return (before.to_owned(), after.to_owned());
    }
    let same = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    // Not so far in that room is left behind what ends.
    let latest = old.len().max(new.len()).saturating_sub(room.saturating_sub(1));
    let first = same.saturating_sub(AROUND).min(latest);
    (window(&old, first, room), window(&new, first, room))
}

/// A text of at most `room` columns; what is too much is cut off at its end.
pub(super) fn end(text: &str, room: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    window(&letters, 0, room)
}

fn window(letters: &[char], first: usize, room: usize) -> String {
    let first = first.min(letters.len());
    let rest = letters.get(first..).unwrap_or_default();
    let (lead, room) = if first > 0 { ("…", room.saturating_sub(1)) } else { ("", room) };
    let rest: String = if rest.len() > room {
        rest.iter().take(room.saturating_sub(1)).chain(&['…']).collect()
    } else {
        rest.iter().collect()
    };
    format!("{lead}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_stays_in_view() {
        let long = |end: &str| format!("org.example.security.provider.First,org.example.{end}");
        let (old, new) = around(&long("A"), &long("B"), 20);
        assert!(old.starts_with('…') && old.ends_with("example.A"), "{old}");
        assert!(new.ends_with("example.B"), "{new}");
        assert_eq!(around("a", "b", 20), ("a".to_owned(), "b".to_owned()));
        let (old, new) = around(&"x".repeat(80), &format!("y{}", "x".repeat(80)), 20);
        assert_ne!(old, new);
        let middle = |letter: &str| format!("{}{letter}{}", "a".repeat(50), "b".repeat(50));
        let (old, new) = around(&middle("1"), &middle("2"), 20);
        assert!(old.contains('1') && new.contains('2'), "{old} {new}");
        for text in [old, new] {
            assert!(text.chars().count() <= 20, "{text}");
        }
    }
}
