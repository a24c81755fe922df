# Completion of disco for bash. The program itself says what a word may become.
_disco() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <("$1" __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    # A blank is part of what is complete.
    compopt -o nospace 2>/dev/null
}
complete -F _disco disco
