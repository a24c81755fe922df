//! What was typed, before clap reads it.

/// Terraform's spelling of long options (`-var`, `-auto-approve`) becomes ours (`--var`): every word that begins with
/// one dash and is, up to `=`, the name of a long option gets a second dash. What follows `--` stays as it is.
///
/// Done here because clap would read `-var` as `-v -a -r`.
pub fn with_long_options(words: impl IntoIterator<Item = String>, long_options: &[String]) -> Vec<String> {
    let mut finished = false;
    words
        .into_iter()
        .map(|word| {
            finished |= word == "--";
            let Some(rest) = word.strip_prefix('-').filter(|rest| !finished && !rest.starts_with('-')) else {
                return word;
            };
            let name = rest.split('=').next().unwrap_or(rest);
            if name.len() > 1 && long_options.iter().any(|option| option == name) { format!("-{word}") } else { word }
        })
        .collect()
}

/// Names of all long options of a command and its subcommands.
pub fn long_options(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_long()).map(str::to_owned);
    let below = command.get_subcommands().flat_map(long_options);
    let mut names: Vec<String> = own.chain(below).chain(["help".to_owned(), "version".to_owned()]).collect();
    names.sort();
    names.dedup();
    names
}

/// Which of two options that both set variables stands where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableOption {
    /// `--var`
    Assignment,
    /// `--var-file`
    File,
}

/// The order in which `--var` and `--var-file` were typed: the later one wins, and clap tells only the order within
/// each of them.
pub fn variable_options(words: &[String]) -> Vec<VariableOption> {
    words
        .iter()
        .take_while(|word| *word != "--")
        .filter_map(|word| match word.split('=').next() {
            Some("--var") => Some(VariableOption::Assignment),
            Some("--var-file") => Some(VariableOption::File),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn terraform_spelling_is_understood() {
        let options = words("var var-file auto-approve json");
        let typed = words("disco apply -auto-approve -var a=-var -var-file=x -C dir -v -vv -json=true -q -- -var");
        let read = words("disco apply --auto-approve --var a=-var --var-file=x -C dir -v -vv --json=true -q -- -var");
        assert_eq!(with_long_options(typed, &options), read);
    }

    #[test]
    fn order_of_variables_is_kept() {
        use VariableOption::{Assignment, File};
        let typed = words("disco plan --var a=1 --var-file f --var=b=2 -- --var");
        assert_eq!(variable_options(&typed), [Assignment, File, Assignment]);
    }
}
