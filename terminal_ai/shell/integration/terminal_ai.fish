# terminal_ai shell integration for fish 3.2 and later.
#
# Prints one invisible OSC 133 mark at each boundary: prompt (P, A), command started
# (C), command ended (D), nothing ran (N), syntax error (X). Every mark carries a
# nonce, so that no program's output can fake one. fish's own events tell all we
# need: the user's functions and prompt are left alone.
#
# "builtin" keeps the user's functions out. Command substitutions are what costs time
# here: what has not changed is not asked again.

builtin status is-interactive; or return 0
set -q __terminal_ai_nonce; and return 0

# Unexported, even where it came in exported: a child process must not learn it.
set -gu __terminal_ai_nonce '@NONCE@'
# I: this file was read, and is to go before anything else runs.
builtin printf '\e]133;I;n=%s;p=%s\a' $__terminal_ai_nonce $fish_pid >/dev/tty
set -gu __terminal_ai_path
set -gu __terminal_ai_cwd
set -gu __terminal_ai_place
set -gu __terminal_ai_refusal 0
set -gu __terminal_ai_private 0
set -gu __terminal_ai_text

# Set __terminal_ai_text and __terminal_ai_private for a command line: its ASCII form,
# and whether fish itself keeps it out of its history.
function __terminal_ai_read
    set __terminal_ai_private 0
    if builtin string match -q -- ' *' "$argv[1]"; or set -q fish_private_mode
        set __terminal_ai_private 1
    else if set -q fish_history; and builtin test -z "$fish_history"
        set __terminal_ai_private 1
    else if builtin test "$__terminal_ai_refusal" -ne 0
        set __terminal_ai_private 1
    end
    set -l text "$argv[1]"
    if builtin string match -qr -- '(?s)^.{@COMMAND_LIMIT@}' "$text"
        set text (builtin string sub -l @COMMAND_LIMIT@ -- "$text" | builtin string collect)
    end
    set __terminal_ai_text (builtin string escape --style=url -- "$text")
end

function __terminal_ai_preexec --on-event fish_preexec
    __terminal_ai_read $argv
    builtin printf '\e]133;C;n=%s;p=%s;private=%s;cu=%s\a' $__terminal_ai_nonce $fish_pid $__terminal_ai_private "$__terminal_ai_text" >/dev/tty
end

function __terminal_ai_postexec --on-event fish_postexec
    builtin printf '\e]133;D;%s;n=%s;p=%s;ms=%s\a' $status $__terminal_ai_nonce $fish_pid "$CMD_DURATION" >/dev/tty
end

# After an error or ^C fish shows its prompt again without a prompt event.
function __terminal_ai_posterror --on-event fish_posterror
    __terminal_ai_read $argv
    builtin printf '\e]133;X;127;n=%s;p=%s;private=%s;cu=%s\a' $__terminal_ai_nonce $fish_pid $__terminal_ai_private "$__terminal_ai_text" >/dev/tty
    __terminal_ai_prompt
end

function __terminal_ai_cancel --on-event fish_cancel
    builtin printf '\e]133;N;130;n=%s;p=%s\a' $__terminal_ai_nonce $fish_pid >/dev/tty
    __terminal_ai_prompt
end

function __terminal_ai_prompt --on-event fish_prompt
    set -l path
    if builtin test "$PATH" != "$__terminal_ai_path"
        set __terminal_ai_path "$PATH"
        set path ';pathu='(builtin string escape --style=url -- "$PATH")
    end
    if builtin test "$PWD" != "$__terminal_ai_cwd"
        set __terminal_ai_cwd "$PWD"
        set __terminal_ai_place (builtin string escape --style=url -- "$PWD")
    end
    set __terminal_ai_refusal 0
    if builtin functions -q fish_should_add_to_history
        __terminal_ai_listen
    end
    builtin printf '\e]133;P;n=%s;p=%s%s;cwdu=%s\a\e]133;A;n=%s;p=%s\a' $__terminal_ai_nonce $fish_pid "$path" "$__terminal_ai_place" $__terminal_ai_nonce $fish_pid >/dev/tty
end

# fish 4 asks this function of the user's whether a line belongs in the history. It
# is not run a second time: the answer is overheard.
function __terminal_ai_listen
    if builtin string match -q '*__terminal_ai_user_*' -- (builtin functions fish_should_add_to_history)
        return
    end
    builtin functions -q __terminal_ai_user_should_add
    and builtin functions -e __terminal_ai_user_should_add
    builtin functions -c fish_should_add_to_history __terminal_ai_user_should_add
    function fish_should_add_to_history
        __terminal_ai_user_should_add $argv
        set __terminal_ai_refusal $status
        return $__terminal_ai_refusal
    end
end
