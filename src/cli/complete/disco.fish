# Completion of disco for fish. The program itself says what a word may become.
function __disco_complete
    set -l words (commandline -opc)
    command $words[1] __complete fish $words[2..] (commandline -ct) 2>/dev/null
end
complete -c disco -f -a '(__disco_complete)'
