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
__terminal_ai_ran=0
__terminal_ai_is_first=1
__terminal_ai_path=

# __terminal_ai_mark KIND [FIELDS]
__terminal_ai_mark() {
    builtin printf '\e]133;%s;n=%s;p=%s%s\a' \
        "$1" "$__terminal_ai_nonce" "$$" "${2:+;$2}" >/dev/tty
} 2>/dev/null

# Set __terminal_ai_text to $1 with "\", ";" and all but printable ASCII as \xHH.
__terminal_ai_escape() {
    # Quoted: behind "builtin", bash splits the words of an assignment.
    builtin local LC_ALL=C text="$1" backslash='\' byte hex
    builtin local -i code
    text=${text//"$backslash"/"$backslash$backslash"}
    text=${text//;/"${backslash}x3b"}
    if [[ $text == *[!\ -~]* ]]; then
        for (( code = 1; code < 256; code++ )); do
            if (( code == 32 )); then code=127; fi
            builtin printf -v hex '%02x' "$code"
            builtin printf -v byte "\\x$hex"
            if [[ $text == *"$byte"* ]]; then
                text=${text//"$byte"/"${backslash}x$hex"}
            fi
        done
    fi
    __terminal_ai_text=$text
}

# Set __terminal_ai_number and __terminal_ai_text from the newest history entry.
# "history 1" prints a number, a "*" if the entry was edited, a space, the command.
__terminal_ai_read_history() {
    builtin local entry
    entry=$(HISTTIMEFORMAT='' builtin history 1 2>/dev/null)
    entry=${entry#"${entry%%[0-9]*}"}
    __terminal_ai_number=${entry%%[!0-9]*}
    entry=${entry#"$__terminal_ai_number"}
    __terminal_ai_escape "${entry:2:@COMMAND_LIMIT@}"
}

# Runs inside the command substitution in PS0, once for each complete command. The
# history number lets the reader see that a command was kept out of the history.
__terminal_ai_preexec() {
    __terminal_ai_read_history
    __terminal_ai_mark C "hn=$__terminal_ai_number;t=${EPOCHREALTIME-};c=$__terminal_ai_text"
}

# First in PROMPT_COMMAND: sees the true $?, and leaves it for the user's hooks.
__terminal_ai_first_hook() {
    builtin local -i status="${1:-$?}"
    builtin local now="${EPOCHREALTIME-}"
    if (( __terminal_ai_is_first )); then
        :
    elif (( __terminal_ai_ran )); then
        __terminal_ai_mark "D;$status" "t=$now"
    elif (( status == 0 || status == 130 )); then
        __terminal_ai_mark "N;$status"
    else
        # An empty line after a failure, or a syntax error: the reader tells them
        # apart by the history number.
        __terminal_ai_read_history
        __terminal_ai_mark "X;$status" "hn=$__terminal_ai_number;c=$__terminal_ai_text"
    fi
    __terminal_ai_ran=0
    builtin return "$status"
}

# Last in PROMPT_COMMAND: wraps a prompt that a theme may just have rebuilt.
__terminal_ai_last_hook() {
    builtin local -i status="$?"
    # The prompt names the variable, not the nonce: an exported PS1 gives nothing
    # away, and a nested shell prints marks that are refused.
    builtin local start='\[\e]133;A;n=${__terminal_ai_nonce-};p=$$\a\]'
    builtin local end='\[\e]133;B;n=${__terminal_ai_nonce-};p=$$\a\]'
    if [[ ${PS1-} != *"$start"*"$end" ]]; then
        PS1=${PS1-}
        PS1=${PS1//"$start"/}
        PS1=$start${PS1//"$end"/}$end
    fi
    # The array index is arithmetic that bash evaluates in the shell itself, before
    # the substitution forks: the only way to set a variable from PS0.
    if [[ ${PS0-} != *__terminal_ai_preexec* ]]; then
        PS0=${PS0-}'${__terminal_ai_nothing[__terminal_ai_ran=1]-}$(__terminal_ai_preexec 2>/dev/null)'
    fi
    builtin local fields=
    if (( __terminal_ai_is_first )); then
        __terminal_ai_read_history
        fields="hn=$__terminal_ai_number;"
        __terminal_ai_is_first=0
    fi
    if [[ ${PATH-} != "$__terminal_ai_path" ]]; then
        __terminal_ai_path=${PATH-}
        __terminal_ai_escape "$__terminal_ai_path"
        fields+="path=$__terminal_ai_text;"
    fi
    __terminal_ai_escape "${PWD-}"
    __terminal_ai_mark P "${fields}cwd=$__terminal_ai_text"
    builtin return "$status"
}

__terminal_ai_install() {
    if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501 )); then
        PROMPT_COMMAND=(__terminal_ai_first_hook "${PROMPT_COMMAND[@]}" __terminal_ai_last_hook)
        builtin return
    fi
    # A string may be exported to a nested bash, which lacks the functions; looking
    # for them there must not cost the user's hooks their $?.
    PROMPT_COMMAND='__terminal_ai_status=$?
if builtin declare -F __terminal_ai_first_hook >/dev/null; then __terminal_ai_first_hook "$__terminal_ai_status"; else (builtin exit "$__terminal_ai_status"); fi
'${PROMPT_COMMAND-}'
if builtin declare -F __terminal_ai_last_hook >/dev/null; then __terminal_ai_last_hook; fi'
} 2>/dev/null

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
__terminal_ai_install
