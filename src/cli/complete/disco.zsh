#compdef disco
# Completion of disco for zsh. The program itself says what a word may become.
_disco() {
    local line word about
    local -a done_words done_lines open_words open_lines
    while IFS=$'\t' read -r word about; do
        line=$word
        [[ -n $about ]] && line="$word -- $about"
        if [[ $word == *[=/:.\(] ]]; then
            open_words+=("$word") open_lines+=("$line")
        else
            done_words+=("$word") done_lines+=("$line")
        fi
    done < <("${(Q)words[1]}" __complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    (( $#open_words )) && compadd -S '' -l -d open_lines -a open_words
    (( $#done_words )) && compadd -l -d done_lines -a done_words
}
if [[ $funcstack[1] == _disco ]]; then
    _disco "$@"
else
    compdef _disco disco
fi
