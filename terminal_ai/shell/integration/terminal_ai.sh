# terminal_ai shell integration for shells without a hook before a command: dash,
# ash, and bash before 4.4. The prompt prints the last status (N), the directory (P)
# and its own boundaries (A, B); the command line is read from the screen.

case $- in *i*) ;; *) return 0 ;; esac
[ -z "${__terminal_ai_nonce-}" ] || return 0

if [ -n '@READS_BASHRC@' ]; then
    if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
elif [ -n "${TERMINAL_AI_USER_ENV-}" ]; then
    ENV=$TERMINAL_AI_USER_ENV
    if [ -r "$ENV" ]; then . "$ENV"; fi
else
    unset ENV
fi
unset TERMINAL_AI_USER_ENV

# Never exported: a child process must not learn it.
__terminal_ai_nonce='@NONCE@'

__terminal_ai_escape() {
    # Directories with "\", ";" or control characters are left out, not garbled:
    # these shells cannot escape them without another process.
    case $1 in
        *[\\\;[:cntrl:]]*) ;;
        *) printf '%s' "$1" ;;
    esac
}

__terminal_ai_before_prompt() {
    printf '\033]133;N;%s;n=%s;p=%s\007' "$1" "$__terminal_ai_nonce" "$$"
    printf '\033]133;P;n=%s;p=%s;cwd=%s\007' "$__terminal_ai_nonce" "$$" "$(__terminal_ai_escape "$PWD")"
    printf '\033]133;A;n=%s;p=%s\007' "$__terminal_ai_nonce" "$$"
}

__terminal_ai_after_prompt() {
    printf '\033]133;B;n=%s;p=%s\007' "$__terminal_ai_nonce" "$$"
}

if [ -n "${BASH_VERSION-}" ]; then
    # readline must not count the marks as printed columns.
    PS1='\[$(__terminal_ai_before_prompt "$?")\]'"${PS1-\\$ }"'\[$(__terminal_ai_after_prompt)\]'
else
    PS1='$(__terminal_ai_before_prompt "$?")'"${PS1-\$ }"'$(__terminal_ai_after_prompt)'
fi
