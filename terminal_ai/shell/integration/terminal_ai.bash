# terminal_ai shell integration for bash 4.4 and later.
#
# Prints one invisible OSC 133 mark at each boundary: prompt (P, A, B), command
# started (C), command ended (D), nothing ran (N), syntax error (X). Every mark
# carries a nonce, so that no program's output can fake one.
#
# The functions stand before the user's startup files and are installed after them:
# the user's aliases cannot leak into our functions, and the user's prompt is known
# when it is wrapped. "builtin" keeps the user's functions out.

[[ $- == *i* && -z ${__terminal_ai_nonce-} ]] || builtin return 0

# Never exported: a child process must not learn it.
__terminal_ai_nonce='@NONCE@'
builtin export -n __terminal_ai_nonce
# An array, even under allexport, never reaches a child.
__terminal_ai_ran=(0)
__terminal_ai_is_silent=1
__terminal_ai_path=

# What we run between the user's commands must not show in their traces (set -x), trip
# their traps or "set -e", or be exported: hence "local -" in what bash calls, and
# "{ … && :; } >/dev/null 2>&1" around the calls. Locals have underscores because a
# readonly variable of the user's cannot be made local.

# __terminal_ai_mark KIND [FIELDS]
__terminal_ai_mark() {
    builtin printf '\e]133;%s;n=%s;p=%s%s\a' \
        "$1" "$__terminal_ai_nonce" "$$" "${2:+;$2}" >/dev/tty
}

# Set __terminal_ai_text to $1 with "\", ";" and all but printable ASCII as \xHH.
__terminal_ai_escape() {
    # Quoted: behind "builtin", bash splits the words of an assignment.
    builtin local LC_ALL=C __text="$1" __backslash='\' __byte __hex
    builtin local -i __code
    __text=${__text//"$__backslash"/"$__backslash$__backslash"}
    __text=${__text//;/"${__backslash}x3b"}
    if [[ $__text == *[!\ -~]* ]]; then
        for (( __code = 1; __code < 256; __code++ )); do
            if (( __code == 32 )); then __code=127; fi
            builtin printf -v __hex '%02x' "$__code"
            builtin printf -v __byte "\\x$__hex"
            if [[ $__text == *"$__byte"* ]]; then
                __text=${__text//"$__byte"/"${__backslash}x$__hex"}
            fi
        done
    fi
    __terminal_ai_text=$__text
}

# Set __terminal_ai_number and __terminal_ai_text from the newest history entry.
# "history 1" prints a number, a "*" if the entry was edited, a space, the command.
__terminal_ai_read_history() {
    builtin local __entry
    if [[ ${HISTTIMEFORMAT@a} == *r* ]]; then
        # The time cannot be kept out of the list, but "fc" never shows it.
        __entry=$(builtin fc -l -0 -0)
    else
        __entry=$(HISTTIMEFORMAT='' builtin history 1)
    fi
    __entry=${__entry#"${__entry%%[0-9]*}"}
    __terminal_ai_number=${__entry%%[!0-9]*}
    __entry=${__entry#"$__terminal_ai_number"}
    __terminal_ai_escape "${__entry:2:@COMMAND_LIMIT@}"
    # Then the newest entry is some older command.
    if [[ ! -o history ]]; then __terminal_ai_number=; fi
}

# Runs inside the command substitution in PS0, once for each complete command. The
# history number lets the reader see that a command was kept out of the history.
__terminal_ai_preexec() {
    builtin local -
    builtin set +auxT
    __terminal_ai_read_history
    __terminal_ai_mark C "hn=$__terminal_ai_number;t=${EPOCHREALTIME-};c=$__terminal_ai_text"
}

# First in PROMPT_COMMAND: sees the true $?, and leaves it for the user's hooks.
__terminal_ai_first_hook() {
    builtin local __status="${1:-$?}" __now="${EPOCHREALTIME-}" -
    builtin set +auxT
    if (( __terminal_ai_is_silent )); then
        :
    elif (( __terminal_ai_ran )); then
        __terminal_ai_mark "D;$__status" "t=$__now"
    elif (( __status == 0 || __status == 130 )); then
        __terminal_ai_mark "N;$__status"
    else
        # An empty line after a failure, or a syntax error: the reader tells them
        # apart by the history number.
        __terminal_ai_read_history
        __terminal_ai_mark "X;$__status" "hn=$__terminal_ai_number;c=$__terminal_ai_text"
    fi
    __terminal_ai_ran=0
    builtin return "$__status"
}

# Last in PROMPT_COMMAND: wraps a prompt that a theme may just have rebuilt.
__terminal_ai_last_hook() {
    builtin local -
    builtin set +auxT
    # The prompt names the variable, not the nonce: an exported PS1 gives nothing
    # away, and a nested shell prints marks that are refused. The number of the next
    # history entry is told last, when no hook can change the history any more.
    builtin local __start='\[\e]133;A;n=${__terminal_ai_nonce-};p=$$;next=\!\a\]'
    builtin local __end='\[\e]133;B;n=${__terminal_ai_nonce-};p=$$\a\]'
    # The array index is arithmetic that bash evaluates in the shell itself, before
    # the substitution forks: the only way to set a variable from PS0.
    builtin local __announce='${__terminal_ai_nothing[__terminal_ai_ran=1]-}$({ __terminal_ai_preexec && :; } >/dev/null 2>&1)'
    if ! builtin shopt -q promptvars || [[ ${PS0@a} == *r* && $PS0 != *"$__announce"* ]]; then
        # Commands cannot be announced: then nothing may be said of prompts either,
        # and nothing of ours be shown to the user.
        __terminal_ai_is_silent=1
        PS0=${PS0//"$__announce"/}
        PS1=${PS1//"$__start"/}
        PS1=${PS1//"$__end"/}
        builtin return 0
    fi
    if [[ ${PS0-} != *"$__announce"* ]]; then
        PS0=${PS0-}$__announce
    fi
    __terminal_ai_is_silent=0
    builtin local __fields=
    if [[ ${PATH-} != "$__terminal_ai_path" ]]; then
        __terminal_ai_path=${PATH-}
        __terminal_ai_escape "$__terminal_ai_path"
        __fields="path=$__terminal_ai_text;"
    fi
    __terminal_ai_escape "${PWD-}"
    __terminal_ai_mark P "${__fields}cwd=$__terminal_ai_text"
    if [[ ${PS1@a} != *r* && ${PS1-} != *"$__start"*"$__end" ]]; then
        PS1=${PS1-}
        PS1=${PS1//"$__start"/}
        PS1=$__start${PS1//"$__end"/}$__end
    fi
}

__terminal_ai_install() {
    # Unlike in its other keymaps, readline takes a paste here for vi commands.
    if ! builtin bind -m vi-command -q bracketed-paste-begin; then
        builtin bind -m vi-command '"\e[200~": bracketed-paste-begin'
    fi
    if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501 )); then
        PROMPT_COMMAND=(
            '{ __terminal_ai_first_hook && :; } >/dev/null 2>&1'
            "${PROMPT_COMMAND[@]}"
            '{ __terminal_ai_last_hook && :; } >/dev/null 2>&1'
        )
        builtin return
    fi
    # A string may be exported to a nested bash, which lacks the functions; looking
    # for them there must not cost the user's hooks their $?.
    PROMPT_COMMAND='{ __terminal_ai_status=$?
if builtin declare -F __terminal_ai_first_hook; then __terminal_ai_first_hook "$__terminal_ai_status"; else (builtin exit "$__terminal_ai_status"); fi && :; } >/dev/null 2>&1
'${PROMPT_COMMAND-}'
{ if builtin declare -F __terminal_ai_last_hook; then __terminal_ai_last_hook; fi && :; } >/dev/null 2>&1'
} >/dev/null 2>&1

# The user's files are read here and not in a function, where their "declare" would
# make local variables. bash itself has read the system's bashrc already.
if [[ -z '@LOGIN@' ]]; then
    if [[ -r ~/.bashrc ]]; then builtin source ~/.bashrc; fi
else
    # Started as "bash --posix -l" with ENV, which keeps a true login shell; undo
    # what that changed, and read what a login shell reads.
    builtin set +o posix
    builtin shopt -u inherit_errexit
    if [[ -n '@UNEXPORT_HISTFILE@' ]]; then builtin export -n HISTFILE; fi
    if [[ -n ${TERMINAL_AI_USER_ENV-} ]]; then
        ENV=$TERMINAL_AI_USER_ENV
    else
        builtin unset ENV
    fi
    builtin unset TERMINAL_AI_USER_ENV
    if [[ -r /etc/profile ]]; then builtin source /etc/profile; fi
    if [[ -r ~/.bash_profile ]]; then
        builtin source ~/.bash_profile
    elif [[ -r ~/.bash_login ]]; then
        builtin source ~/.bash_login
    elif [[ -r ~/.profile ]]; then
        builtin source ~/.profile
    fi
fi
{ __terminal_ai_install && :; } 2>/dev/null
