# terminal_ai shell integration for fish 3.2 and later.
#
# Prints one invisible OSC 133 mark at each boundary: prompt (P, A), command started
# (C), command ended (D), nothing ran (N), syntax error (X). Every mark carries a
# nonce, so that no program's output can fake one. fish's own events tell all we
# need: the user's functions and prompt are left alone.

status is-interactive; or exit 0
set -q __terminal_ai_nonce; and exit 0

# Never exported: a child process must not learn it.
set -g __terminal_ai_nonce '@NONCE@'
set -g __terminal_ai_path

# __terminal_ai_mark KIND [FIELDS]
function __terminal_ai_mark
    set -l fields n=$__terminal_ai_nonce p=$fish_pid $argv[2..]
    builtin printf '\e]133;%s;%s\a' $argv[1] (string join -- ';' $fields) >/dev/tty 2>/dev/null
end

# Print a command line as the ASCII value of a field.
function __terminal_ai_command
    set -l text (string sub -l @COMMAND_LIMIT@ -- "$argv[1]" | string collect)
    string escape --style=url -- "$text" | string collect
end

function __terminal_ai_preexec --on-event fish_preexec
    # What fish itself keeps out of its history is private.
    set -l private 0
    if string match -q -- ' *' "$argv[1]"; or set -q fish_private_mode
        set private 1
    else if set -q fish_history; and test -z "$fish_history"
        set private 1
    end
    __terminal_ai_mark C private=$private cu=(__terminal_ai_command "$argv[1]")
end

function __terminal_ai_postexec --on-event fish_postexec
    set -l exit_status $status
    __terminal_ai_mark "D;$exit_status" ms=$CMD_DURATION
end

# After an error or ^C fish shows its prompt again without a prompt event.
function __terminal_ai_posterror --on-event fish_posterror
    __terminal_ai_mark "X;127" cu=(__terminal_ai_command "$argv[1]")
    __terminal_ai_prompt
end

function __terminal_ai_cancel --on-event fish_cancel
    __terminal_ai_mark "N;130"
    __terminal_ai_prompt
end

function __terminal_ai_prompt --on-event fish_prompt
    set -l fields
    if test "$PATH" != "$__terminal_ai_path"
        set -g __terminal_ai_path "$PATH"
        set fields pathu=(string join -- : $PATH | string escape --style=url)
    end
    __terminal_ai_mark P $fields cwdu=(string escape --style=url -- "$PWD" | string collect)
    __terminal_ai_mark A
end
