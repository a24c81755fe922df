//! Functions of Terraform's that are left out, and why.

/// Why a function that people look for is not there, and what to do instead.
pub(super) fn reason(name: &str) -> Option<(&'static str, &'static str)> {
    const TWICE: &str = "a plan must say the same thing twice";
    Some(match name {
        "timestamp" | "plantimestamp" => {
            (TWICE, "pass the time in as a variable; `timeadd` and `formatdate` work on it")
        }
        "uuid" => (TWICE, "use `uuidv5(\"dns\", name)`, which is the same for the same name each time"),
        "bcrypt" => (TWICE, "its salt is random: hash the password outside and pass the hash in as a variable"),
        "rsadecrypt" => (
            "private keys do not belong in a definition",
            "decrypt outside and pass the value in as a variable with `sensitive = true`",
        ),
        "list" => ("lists are written in brackets", "`[…]`, or `tolist([…])` where all elements are to be of one type"),
        "map" => ("maps are written in braces", "`{ … }`, or `tomap({ … })` where all values are to be of one type"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::examples::refuse;

    #[test]
    fn what_is_left_out_says_why() {
        refuse(&[
            ("timestamp()", "function `timestamp` does not exist: a plan must say the same thing twice", "timestamp"),
            ("core::uuid()", "function `uuid` does not exist: a plan must say the same thing twice", "core::uuid"),
            (
                "rsadecrypt(1)",
                "function `rsadecrypt` does not exist: private keys do not belong in a definition",
                "rsadecrypt",
            ),
            ("list(1)", "function `list` does not exist: lists are written in brackets", "list"),
            ("timestmp()", "function `timestmp` does not exist", "timestmp"),
        ]);
    }
}
