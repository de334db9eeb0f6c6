# terminal_ai shell integration for bash 4.4 and later.
#
# Prints one invisible OSC 133 mark at each boundary: prompt (P, A, B), command
# started (C), command ended (D), nothing ran (N), syntax error (X). Every mark
# carries a nonce, so that no program's output can fake one.
#
# What can be told from within PS0 and PS1 is told there: an expansion needs no
# process, and no trap of the user's sees it. The functions stand before the user's
# startup files and are installed after them: the user's aliases cannot leak into our
# functions, and the user's prompt is known when it is wrapped. "builtin" keeps the
# user's functions out.

[[ $- == *i* && -z ${__terminal_ai_nonce-} ]] || builtin return 0

# Never exported: a child process must not learn it.
__terminal_ai_nonce='@NONCE@'
builtin export -n __terminal_ai_nonce
# I: this file was read, and is to go before anything else runs.
builtin printf '\e]133;I;n=%s;p=%s\a' "$__terminal_ai_nonce" "$$" 2>/dev/null >/dev/tty
# Arrays, even under allexport, never reach a child.
__terminal_ai_ran=(0)
__terminal_ai_turn=(0)
__terminal_ai_told=()
__terminal_ai_status=(0)
__terminal_ai_path=('')
__terminal_ai_is_silent=(1)
__terminal_ai_is_rebuilt=(0)
# PROMPT_COMMAND may be an array.
__terminal_ai_has_hook_list=("$(( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501 ))")
__terminal_ai_words=(entry cwdq)
__terminal_ai_is_hooked=(0)
__terminal_ai_separator=($'\x1f')
# Fields are separated by ";", so that a quoted one names it by its number.
__terminal_ai_semicolon=("'\\073'")

# What we run between the user's commands must not show in their traces (set -x), trip
# their traps or "set -e", or be exported: hence "local -" in what bash calls, and
# "{ … } >/dev/null 2>&1" around the calls: what a DEBUG trap prints for our hooks is
# not seen, and bash-preexec heeds no command whose output is no terminal. Locals have underscores because a readonly
# variable of the user's cannot be made local.

# PS0, expanded once for each complete command: ESC ] 133 ; C, the nonce, …, BEL. An
# array index is arithmetic, the only way to set a variable from here in the shell
# itself. A pattern that does not match hides what ":=" keeps. Without the nonce, as in
# a nested shell with an exported PS0, none of it is expanded.
__terminal_ai_announcement=(
'${__terminal_ai_nonce:+${__terminal_ai_nothing[__terminal_ai_ran=1,__terminal_ai_turn+=8]-}'\
'\e]133;C;n=$__terminal_ai_nonce;p=$$;ended=$?;t=${EPOCHREALTIME-};'\
'${__terminal_ai_words#"x'\
'${__terminal_ai_told[__terminal_ai_turn]:=$({ "builtin" set +auxT; __terminal_ai_entry >&3; } 3>&1 >/dev/null 2>&1)}'\
'${__terminal_ai_told[__terminal_ai_turn+1]:=${__terminal_ai_told[__terminal_ai_turn]:0:@ENTRY_LIMIT@}}'\
'${__terminal_ai_told[__terminal_ai_turn+2]:=${__terminal_ai_told[__terminal_ai_turn+1]@Q}}'\
'"}=${__terminal_ai_told[__terminal_ai_turn+2]//;/$__terminal_ai_semicolon}\a}'
)

# Within PS1: had the first hook no turn before this prompt, its place in PROMPT_COMMAND
# was taken; it gets another.
__terminal_ai_take_back=(
'${PROMPT_COMMAND[__terminal_ai_is_hooked?0:99]:=$__terminal_ai_first}${__terminal_ai_nothing[__terminal_ai_is_hooked=0]-}'
)

# PS1 around the user's own. It names the variable, not the nonce: an exported PS1
# gives nothing away. The number of the next history entry is told here, where no hook
# can change the history any more; so are the directory, and a PATH not told before.
__terminal_ai_before_prompt=(
'\[${__terminal_ai_nonce:+\e]133;P;n=$__terminal_ai_nonce;p=$$;${__terminal_ai_words[1]#"x'\
'${__terminal_ai_told[__terminal_ai_turn+3]:=${PWD@Q}}'\
'${__terminal_ai_told[__terminal_ai_turn+4]:=${PATH/#"$__terminal_ai_path"}}'\
'${__terminal_ai_told[__terminal_ai_turn+5]:=${PATH@Q}}'\
'${__terminal_ai_told[__terminal_ai_turn+6]:=${PATH-}}'\
"$__terminal_ai_take_back"\
'"}=${__terminal_ai_told[__terminal_ai_turn+3]//;/$__terminal_ai_semicolon}'\
'${__terminal_ai_told[__terminal_ai_turn+4]:+;pathq=${__terminal_ai_told[__terminal_ai_turn+5]//;/$__terminal_ai_semicolon}}\a'\
'\e]133;A;n=$__terminal_ai_nonce;p=$$;next=\!;ended=$?\a}\]'
)
__terminal_ai_after_prompt=('\[\e]133;B;n=${__terminal_ai_nonce-};p=$$\a\]')

# __terminal_ai_mark KIND [FIELDS]
__terminal_ai_mark() {
    builtin printf '\e]133;%s;n=%s;p=%s%s\a' \
        "$1" "$__terminal_ai_nonce" "$$" "${2:+;$2}" >/dev/tty
}

# Tell whether nothing that is entered now gets to the disk.
__terminal_ai_is_unsaved() {
    [[ ${HISTFILE:-/dev/null} == /dev/null || ${HISTFILESIZE-} == 0 ]]
}

# Print what the history says of the command: 1 if nothing of it is to be on disk, else
# 0; then the newest entry, as a number, a "*" if it was edited, a space, the command.
__terminal_ai_entry() {
    if __terminal_ai_is_unsaved; then
        builtin printf 1
    else
        builtin printf 0
    fi
    # Without history the newest entry is some older command.
    if [[ ! -o history ]]; then
        builtin return
    fi
    if [[ ${HISTTIMEFORMAT@a} == *r* ]]; then
        # The time cannot be kept out of the list, but "fc" never shows it.
        builtin fc -l -0 -0
    else
        HISTTIMEFORMAT='' builtin history 1
    fi
}

# Tell how the last command ended. A line that switches the saving off is not saved.
__terminal_ai_tell_end() {
    builtin local __entry __private=0
    if (( __terminal_ai_ran )); then
        if __terminal_ai_is_unsaved; then __private=1; fi
        __terminal_ai_mark "D;$1" "t=$2;private=$__private"
    elif (( $1 == 0 || $1 == 130 || $1 == __terminal_ai_status && $1 != 2 )); then
        # An empty line, an abandoned one, or a comment.
        __terminal_ai_mark "N;$1"
    else
        # A syntax error; or an empty line after a failure, which the reader tells
        # apart by the history number and by what was printed.
        __entry=$(__terminal_ai_entry)
        __entry=${__entry:0:@ENTRY_LIMIT@}
        __entry=${__entry@Q}
        __terminal_ai_mark "X;$1" "old=$(( $1 == __terminal_ai_status ));entry=${__entry//;/$__terminal_ai_semicolon}"
    fi
}

# First in PROMPT_COMMAND: sees the true $?, and leaves it for the user's hooks. From one
# element of an array to the next bash itself keeps it.
__terminal_ai_first_hook() {
    builtin local __status="${1:-$?}" __now="${EPOCHREALTIME-}" -
    builtin set +auxT
    if (( ! __terminal_ai_is_silent )); then
        __terminal_ai_tell_end "$__status" "$__now"
    fi
    # Told by the prompt before this one; the command may have changed it since.
    if [[ -n ${__terminal_ai_told[6]-} ]]; then
        __terminal_ai_path=("${__terminal_ai_told[6]}")
    fi
    __terminal_ai_status=("$__status")
    __terminal_ai_is_hooked=(1)
    __terminal_ai_ran=(0)
    __terminal_ai_turn=(0)
    __terminal_ai_told=()
    # Something has set the prompt: the last hook sees whether it does so every time.
    if __terminal_ai_wrap_prompt; then
        __terminal_ai_hook 1
    elif [[ ${PROMPT_COMMAND-} != "$__terminal_ai_first" || -n ${PROMPT_COMMAND[99]-} ]]; then
        __terminal_ai_hook "$__terminal_ai_is_rebuilt"
    fi
    __terminal_ai_tell_readonly_prompt
    builtin return "${1:-0}"
}

# Last in PROMPT_COMMAND, as long as something rebuilds the prompt before it is shown.
__terminal_ai_last_hook() {
    builtin local -
    builtin set +auxT
    if __terminal_ai_wrap_prompt; then
        __terminal_ai_is_rebuilt=(1)
    fi
    __terminal_ai_hook "$__terminal_ai_is_rebuilt"
}

# Tell of a prompt that cannot be wrapped.
__terminal_ai_tell_readonly_prompt() {
    if [[ ${PS1@a} != *r* || $PS1 == "$__terminal_ai_before_prompt"* ]] || (( __terminal_ai_is_silent )); then
        builtin return
    fi
    builtin local __marks="$__terminal_ai_before_prompt"
    __marks=${__marks#'\['}
    builtin local __expanded="${__marks%'\]'}"
    builtin printf %s "${__expanded@P}" >/dev/tty
}

# Put our marks into PS0 and PS1; fail if they were there.
__terminal_ai_wrap_prompt() {
    if ! builtin shopt -q promptvars ||
        [[ ${PS0@a} == *r* && $PS0 != *"$__terminal_ai_announcement"* ]]; then
        # Commands cannot be announced: then nothing may be said of prompts either,
        # and nothing of ours be shown to the user.
        __terminal_ai_is_silent=(1)
        PS0=${PS0//"$__terminal_ai_announcement"/}
        PS1=${PS1//"$__terminal_ai_before_prompt"/}
        PS1=${PS1//"$__terminal_ai_after_prompt"/}
        builtin return 1
    fi
    __terminal_ai_is_silent=(0)
    if [[ ${PS0-} != *"$__terminal_ai_announcement"* ]]; then
        PS0=${PS0-}$__terminal_ai_announcement
    fi
    if [[ ${PS1-} == "$__terminal_ai_before_prompt"*"$__terminal_ai_after_prompt" ]]; then
        builtin return 1
    fi
    if [[ ${PS1@a} == *r* ]]; then
        builtin return 1
    fi
    PS1=${PS1-}
    PS1=${PS1//"$__terminal_ai_before_prompt"/}
    PS1=$__terminal_ai_before_prompt${PS1//"$__terminal_ai_after_prompt"/}$__terminal_ai_after_prompt
}

# Alone on their lines: bash-preexec looks there for what is no command of the user's.
__terminal_ai_first=($'{\n__terminal_ai_first_hook\n} >/dev/null 2>&1')
__terminal_ai_last=($'{\n__terminal_ai_last_hook\n} >/dev/null 2>&1')

# Take our places in PROMPT_COMMAND, the last one if $1 says 1.
__terminal_ai_hook() {
    builtin local __hook
    builtin local -a __hooks
    __hooks=()
    if [[ ${PROMPT_COMMAND@a} == *r* ]] || (( ! __terminal_ai_has_hook_list )); then
        builtin return
    fi
    for __hook in "${PROMPT_COMMAND[@]}"; do
        if [[ $__hook == "$__terminal_ai_first"* ]]; then
            # What was appended to it.
            __hook=${__hook#"$__terminal_ai_first"}
            __hook=${__hook#"${__hook%%[^$' \t\n;']*}"}
        fi
        # What it was appended to needs a command there.
        __hook=${__hook//"$__terminal_ai_first"/:}
        if [[ -n $__hook && $__hook != "$__terminal_ai_last" ]]; then
            __hooks+=("$__hook")
        fi
    done
    PROMPT_COMMAND=("$__terminal_ai_first" "${__hooks[@]}")
    if (( $1 )); then
        PROMPT_COMMAND+=("$__terminal_ai_last")
    fi
}

# What edit-and-execute-command does, but for the last step: readline's own runs the
# text without a word to anybody. Here it becomes the line, which is then entered.
__terminal_ai_edit() {
    builtin local __line="$READLINE_LINE" __file="${TMPDIR:-/tmp}/bash-edit-$$-$RANDOM$RANDOM"
    READLINE_LINE=
    # No substitution: bash 5.2 would then read the line as two.
    if ! (builtin umask 077; builtin set -C; builtin printf '%s\n' "$__line" >"$__file"); then
        builtin return
    fi
    if builtin eval "${VISUAL:-${EDITOR:-emacs}} \"\$__file\""; then
        IFS= builtin read -r -d '' READLINE_LINE <"$__file"
        READLINE_LINE=${READLINE_LINE%$'\n'}
    elif [[ $__line != ' '* ]]; then
        # Nothing is run, and nothing lost.
        builtin history -s -- "$__line"
    fi
    builtin command rm -f -- "$__file"
    READLINE_POINT=${#READLINE_LINE}
}

# __terminal_ai_take_key KEYMAP FUNCTION KEY, unless the user has taken it.
__terminal_ai_take_key() {
    if [[ $(builtin bind -m "$1" -q "$2") == *"\"$3\""* ]]; then
        builtin bind -m "$1" -x '"\C-x\C-_e": __terminal_ai_edit'
        builtin bind -m "$1" '"\C-x\C-_\C-m": accept-line'
        builtin bind -m "$1" "\"$3\": \"\\C-x\\C-_e\\C-x\\C-_\\C-m\""
    fi
}

__terminal_ai_install() {
    builtin local -
    builtin set +aeuxT
    # Unlike in its other keymaps, readline takes a paste here for vi commands.
    if ! builtin bind -m vi-command -q bracketed-paste-begin; then
        builtin bind -m vi-command '"\e[200~": bracketed-paste-begin'
    fi
    if [[ -o vi ]] && (( ! __terminal_ai_has_hook_list )); then
        # Off by default before bash 5.1; without it a paste would be vi commands.
        builtin bind 'set enable-bracketed-paste on'
    fi
    __terminal_ai_take_key emacs edit-and-execute-command '\C-x\C-e'
    __terminal_ai_take_key vi-command vi-edit-and-execute-command v
    if [[ ${PROMPT_COMMAND@a} == *r* ]] || (( ! __terminal_ai_has_hook_list )); then
        __terminal_ai_before_prompt=("${__terminal_ai_before_prompt//"$__terminal_ai_take_back"/}")
    fi
    __terminal_ai_wrap_prompt
    if [[ ${PROMPT_COMMAND@a} == *r* ]]; then
        :
    elif (( __terminal_ai_has_hook_list )); then
        # Frameworks that take their places at the first prompt look for themselves in
        # the first element: only after that is it ours.
        PROMPT_COMMAND+=("$__terminal_ai_first")
    else
        # A string may be exported to a nested bash, which lacks the functions; looking
        # for them there must not cost the user's hooks their $?.
        PROMPT_COMMAND='{ __terminal_ai_status_now=$?
if builtin declare -F __terminal_ai_first_hook; then __terminal_ai_first_hook "$__terminal_ai_status_now"; else (builtin exit "$__terminal_ai_status_now"); fi && :; } >/dev/null 2>&1
'${PROMPT_COMMAND-}'
{ if builtin declare -F __terminal_ai_last_hook; then __terminal_ai_last_hook; fi && :; } >/dev/null 2>&1'
    fi
    # Of the prompt before the first there is nothing to tell.
    __terminal_ai_is_silent=(1)
}

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
{ __terminal_ai_install; } >/dev/null 2>&1
