//! Two texts as `diff -u` compares them.

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{DiffOp, group_diff_ops};

/// Lines that stay, before and behind those that differ.
const AROUND: usize = 3;

/// What `patch` makes `after` of `before` with; empty where they are the same.
pub fn unified(before: (&str, &str), after: (&str, &str)) -> String {
    let old: Vec<&str> = before.1.split_inclusive('\n').collect();
    let new: Vec<&str> = after.1.split_inclusive('\n').collect();
    let groups = group_diff_ops(operations(&old, &new), AROUND);
    let hunks: String = groups.iter().map(|group| hunk(group, &old, &new)).collect();
    if hunks.is_empty() { hunks } else { format!("--- {}\n+++ {}\n{hunks}", before.0, after.0) }
}

fn hunk(group: &[DiffOp], old: &[&str], new: &[&str]) -> String {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return String::new() };
    let old_lines = place(first.old_range().start, last.old_range().end);
    let new_lines = place(first.new_range().start, last.new_range().end);
    let mut text = format!("@@ -{old_lines} +{new_lines} @@\n");
    for operation in group {
        let before = old.get(operation.old_range()).unwrap_or_default();
        let after = new.get(operation.new_range()).unwrap_or_default();
        if matches!(operation, DiffOp::Equal { .. }) {
            add_all(&mut text, ' ', after);
        } else {
            add_all(&mut text, '-', before);
            add_all(&mut text, '+', after);
        }
    }
    text
}

/// Where lines are, as `diff` tells it: the first, and how many unless it is one.
fn place(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        length => format!("{},{length}", start + 1),
    }
}

fn add_all(text: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        text.push(sign);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// What makes the new lines of the old ones. The algorithm is called by its own name: whoever leaves it open which one it
/// shall be has all of them in the program, which is half a megabyte.
pub(super) fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut hook = Compact::new(Replace::new(Capture::new()), old, new);
    match myers::diff(&mut hook, old, 0..old.len(), new, 0..new.len()) {
        Ok(()) => hook.into_inner().into_inner().into_ops(),
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn hunks_are_those_of_diff() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
        let after = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj";
        let expected = "--- old\n+++ new\n@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -7,4 +7,4 @@\n g\n h\n i\n-j\n+j\n\\ No newline at end of file\n";
        assert_eq!(unified(("old", before), ("new", after)), expected);
        assert_eq!(unified(("old", before), ("new", before)), "");
        assert_eq!(unified(("old", ""), ("new", "x\n")), "--- old\n+++ new\n@@ -0,0 +1 @@\n+x\n");
    }
}
