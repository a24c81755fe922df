//! What was typed, before clap reads it.

use crate::source::similar_word;

/// Terraform's spelling of long options (`-var`, `-auto-approve`) becomes ours (`--var`): every word that begins with
/// one dash and is, up to `=`, the name of a long option gets a second dash, and so does one that is nearly such a name,
/// which is then told as what it is. What follows `--` stays as it is.
///
/// Done here because clap would read `-var` as `-v -a -r`.
pub(crate) fn with_long_options(words: impl IntoIterator<Item = String>, long_options: &[String]) -> Vec<String> {
    let mut finished = false;
    words
        .into_iter()
        .map(|word| {
            finished |= word == "--";
            let Some(rest) = word.strip_prefix('-').filter(|rest| !finished && !rest.starts_with('-')) else {
                return word;
            };
            let name = rest.split('=').next().unwrap_or(rest);
            let known = long_options.iter().any(|option| option == name);
            if name.len() > 1 && (known || is_nearly(name, long_options)) { format!("-{word}") } else { word }
        })
        .collect()
}

/// The command that `disco ssh NODE COMMAND …` is to run is not ours: `--` is put before it, so that nobody reads its
/// options, as with `ssh`. Its own help is asked for in the first place after the node.
pub(crate) fn with_command_apart(words: impl IntoIterator<Item = String>, command: &clap::Command) -> Vec<String> {
    let mut words: Vec<String> = words.into_iter().collect();
    let places = command_places(&words, command);
    let Some(verb) = places.first().copied().filter(|at| words[*at] == "ssh") else { return words };
    let Some(own) = command.find_subcommand("ssh") else { return words };
    let mut is_value = false;
    let rest = words.iter().enumerate().skip(verb + 1);
    let node = rest.take_while(|(_, word)| *word != "--").find(|(_, word)| {
        let is_node = !word.starts_with('-') && !is_value;
        is_value = takes_next(word, command) || takes_next(word, own);
        is_node
    });
    if let Some(after) = node.map(|(at, _)| at + 1)
        && words.get(after).is_some_and(|word| !["--", "--help", "-h", "-help"].contains(&word.as_str()))
    {
        words.insert(after, "--".to_owned());
    }
    words
}

/// Whether a word is a long option with a slip in it, and nothing that clap reads as short options: several of them, the
/// folder's last, or capitals.
fn is_nearly(name: &str, long_options: &[String]) -> bool {
    let after_flags = name.trim_start_matches(['h', 'q', 'v', 'V']);
    let short = after_flags.is_empty() || after_flags.starts_with('C') || name == name.to_uppercase();
    let slip = || similar_word(name, long_options.iter().map(String::as_str)).is_some();
    name.len() > 2 && !short && (super::foreign::option(name).is_some() || slip())
}

/// `help COMMAND …` becomes `COMMAND … --help`.
pub(crate) fn with_help(mut words: Vec<String>, command: &clap::Command) -> Vec<String> {
    let places = command_places(&words, command);
    if places.first().is_some_and(|at| words[*at] == "help") {
        for at in places.into_iter().rev() {
            if words[at] == "help" {
                words.remove(at);
            }
        }
        words.push("--help".to_owned());
    }
    words
}

/// Places of the words that may name a command: those that are neither options nor the values of options that every
/// command has. The program's name is none, nor is what follows `--`.
pub(crate) fn command_places(words: &[String], command: &clap::Command) -> Vec<usize> {
    let mut is_value = false;
    let mut places = Vec::new();
    for (at, word) in words.iter().enumerate().skip(1).take_while(|(_, word)| *word != "--") {
        if !word.starts_with('-') && !is_value {
            places.push(at);
        }
        is_value = takes_next(word, command);
    }
    places
}

/// Whether a word is an option whose value is the next word.
fn takes_next(word: &str, command: &clap::Command) -> bool {
    let with_value = || command.get_arguments().filter(|argument| argument.get_action().takes_values());
    if let Some(name) = word.strip_prefix("--") {
        return with_value().any(|argument| argument.get_long() == Some(name));
    }
    let Some(shorts) = word.strip_prefix('-') else { return false };
    // The first that takes a value takes the rest of the word, if there is any.
    let takes = |short: char| with_value().any(|argument| argument.get_short() == Some(short));
    shorts.find(takes).is_some_and(|at| shorts[at..].chars().count() == 1)
}

/// Names of all long options of a command and its subcommands.
pub(crate) fn long_options(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_long()).map(str::to_owned);
    let below = command.get_subcommands().flat_map(long_options);
    let mut names: Vec<String> = own.chain(below).chain(["help".to_owned(), "version".to_owned()]).collect();
    names.sort();
    names.dedup();
    names
}

/// Which of two options that both set variables stands where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VariableOption {
    /// `--var`
    Assignment,
    /// `--var-file`
    File,
}

/// The order in which `--var` and `--var-file` were typed: the later one wins, and clap tells only the order within
/// each of them.
pub(crate) fn variable_options(words: &[String]) -> Vec<VariableOption> {
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
    fn slips_and_options_of_others_are_long_options_too() {
        let options = words("var var-file auto-approve json lock-timeout");
        let typed = words("disco apply -auto-aprove -chdir=x -lock-timeuot=1m -vvq -Cdir -qCjson -VERSION");
        let read = words("disco apply --auto-aprove --chdir=x --lock-timeuot=1m -vvq -Cdir -qCjson -VERSION");
        assert_eq!(with_long_options(typed, &options), read);
    }

    #[test]
    fn the_command_for_a_node_is_not_ours() {
        let ssh = clap::Command::new("ssh").arg(clap::Arg::new("login").short('l').long("login"));
        let command = clap::Command::new("disco").arg(clap::Arg::new("folder").short('C').long("directory"));
        let command = command.subcommand(ssh);
        let apart = |line| with_command_apart(words(line), &command).join(" ");
        assert_eq!(apart("disco -C ssh ssh -l me master ls -la -var"), "disco -C ssh ssh -l me master -- ls -la -var");
        assert_eq!(apart("disco ssh --login=me master -- ls"), "disco ssh --login=me master -- ls");
        assert_eq!(apart("disco ssh master --help"), "disco ssh master --help");
        assert_eq!(apart("disco ssh master"), "disco ssh master");
        assert_eq!(apart("disco plan ssh master ls"), "disco plan ssh master ls");
    }

    #[test]
    fn help_is_asked_for_in_two_ways() {
        let command = clap::Command::new("disco").arg(clap::Arg::new("folder").short('C').long("directory"));
        let with_help = |line| with_help(words(line), &command);
        assert_eq!(with_help("disco help"), words("disco --help"));
        assert_eq!(with_help("disco -q help local serve"), words("disco -q local serve --help"));
        assert_eq!(with_help("disco explain help"), words("disco explain help"));
        assert_eq!(with_help("disco -qC help help plan"), words("disco -qC help plan --help"));
        assert_eq!(with_help("disco -Chelp help plan help"), words("disco -Chelp plan --help"));
        assert_eq!(with_help("disco --directory help help"), words("disco --directory help --help"));
        assert_eq!(with_help("disco --directory=x help -- help"), words("disco --directory=x -- help --help"));
    }

    #[test]
    fn order_of_variables_is_kept() {
        use VariableOption::{Assignment, File};
        let typed = words("disco plan --var a=1 --var-file f --var=b=2 -- --var");
        assert_eq!(variable_options(&typed), [Assignment, File, Assignment]);
    }
}
