//! Functions of Terraform's that are left out, and why.

/// Why a function that people look for is not there, and what to do instead.
pub(super) fn reason(name: &str) -> Option<(&'static str, &'static str)> {
    const TWICE: &str = "a plan must say the same thing twice";
    Some(match name {
        "timestamp" | "plantimestamp" => {
            (TWICE, "hand the time in as a variable; `timeadd` and `formatdate` work on it")
        }
        "uuid" => (TWICE, "`uuidv5(\"dns\", name)` makes one of a name, always the same"),
        "bcrypt" => (TWICE, "its salt is left to chance: hash the password outside and hand the hash in as a variable"),
        "rsadecrypt" => (
            "a private key has no place in a definition",
            "decrypt outside and hand the text in as a variable with `sensitive = true`",
        ),
        "list" => ("a list is written in brackets", "`[…]`, or `tolist([…])` where all elements are to be of one type"),
        "map" => ("a map is written in braces", "`{ … }`, or `tomap({ … })` where all values are to be of one type"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::examples::refuse;

    #[test]
    fn what_is_left_out_says_why() {
        refuse(&[
            ("timestamp()", "`timestamp` is not there: a plan must say the same thing twice", "timestamp"),
            ("core::uuid()", "`uuid` is not there: a plan must say the same thing twice", "core::uuid"),
            ("rsadecrypt(1)", "`rsadecrypt` is not there: a private key has no place in a definition", "rsadecrypt"),
            ("list(1)", "`list` is not there: a list is written in brackets", "list"),
            ("timestmp()", "there is no function `timestmp`", "timestmp"),
        ]);
    }
}
