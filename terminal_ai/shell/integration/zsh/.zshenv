# terminal_ai: zsh reads this file because ZDOTDIR points here. Give ZDOTDIR back at
# once, read the user's own file, then load our integration.
# Quoted command names cannot be aliases.
if [[ -n "${TERMINAL_AI_USER_ZDOTDIR+x}" ]]; then
    'builtin' 'export' ZDOTDIR="$TERMINAL_AI_USER_ZDOTDIR"
    'builtin' 'unset' 'TERMINAL_AI_USER_ZDOTDIR'
else
    'builtin' 'unset' 'ZDOTDIR'
fi
{
    if [[ -r "${ZDOTDIR-$HOME}/.zshenv" ]]; then
        'builtin' 'source' '--' "${ZDOTDIR-$HOME}/.zshenv"
    fi
} always {
    if [[ -o interactive ]]; then
        # -U: the file is parsed without the user's aliases.
        'builtin' 'autoload' '-Uz' '--' "${${(%):-%x}:A:h}/terminal_ai_integration"
        'terminal_ai_integration'
        'builtin' 'unfunction' '--' 'terminal_ai_integration'
    fi
}
