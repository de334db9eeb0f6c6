# explain-last: what was wrong with the command before? It is not run again, and what it
# printed is not known. Options are passed on: explain-last --json
function explain-last
    set -l code $status
    terminal-ai explain --command "$history[1]" --exit-code $code --shell fish $argv </dev/null
end
