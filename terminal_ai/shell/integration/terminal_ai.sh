# terminal_ai shell integration for shells without a hook before a command: dash,
# ash, and bash before 4.4. The prompt prints the last status (N), the directory (P)
# and its own boundaries (A, B); the command line is read from the screen. bash tells
# it when it has ended, from its history: a DEBUG trap could tell it before, but would
# take the place of the user's and be seen by every function.

case $- in *i*) ;; *) return 0 ;; esac
[ -z "${__terminal_ai_nonce-}" ] || return 0

# I: this file was read, and is to go before anything else runs.
printf '\033]133;I;n=@NONCE@;p=%s\007' "$$"

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

# The history's newest entry as a field; only bash has one.
__terminal_ai_entry() { :; }

__terminal_ai_before_prompt() {
    printf '\033]133;N;%s;n=%s;p=%s%s\007' "$1" "$__terminal_ai_nonce" "$$" "$(__terminal_ai_entry 2>/dev/null)"
    printf '\033]133;P;n=%s;p=%s;cwd=%s\007' "$__terminal_ai_nonce" "$$" "$(__terminal_ai_escape "$PWD")"
    printf '\033]133;A;n=%s;p=%s\007' "$__terminal_ai_nonce" "$$"
}

__terminal_ai_after_prompt() {
    printf '\033]133;B;n=%s;p=%s\007' "$__terminal_ai_nonce" "$$"
}

if [ -n "${BASH_VERSION-}" ]; then
    # Each call is a process of its own: its variables are nobody's. Other shells could
    # not read this.
    eval '
    __terminal_ai_entry() {
        text=0
        if [[ ${HISTFILE:-/dev/null} == /dev/null || ${HISTFILESIZE-} == 0 ]]; then text=1; fi
        if [[ -o history ]]; then text=$text$(HISTTIMEFORMAT= history 1); fi
        text=$(printf %q "${text:0:@ENTRY_LIMIT@}")
        semicolon="'"'\\073'"'"
        printf "%s" ";entry=${text//;/$semicolon}"
    }'
    # readline must not count the marks as printed columns.
    PS1='\[$(__terminal_ai_before_prompt "$?")\]'"${PS1-\\$ }"'\[$(__terminal_ai_after_prompt)\]'
else
    PS1='$(__terminal_ai_before_prompt "$?")'"${PS1-\$ }"'$(__terminal_ai_after_prompt)'
fi
