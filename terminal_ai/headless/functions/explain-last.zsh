# explain-last: what was wrong with the command before? It is not run again, and what it
# printed is not known. Options are passed on: explain-last --json
explain-last() {
    local code=$? line
    line=$(fc -ln -1)
    terminal-ai explain --command "$line" --exit-code "$code" --shell zsh "$@" </dev/null
}
