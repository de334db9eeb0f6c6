"""Rules in code, for what data cannot say: PATH, listings, history, keyboards."""

from collections.abc import Callable, Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding
from terminal_ai.advisor.stateful.exit_codes import explain_exit_code
from terminal_ai.advisor.stateful.git_names import correct_git_name, leave_branch_first
from terminal_ai.advisor.stateful.git_words import correct_git_word
from terminal_ai.advisor.stateful.hints import follow_hint
from terminal_ai.advisor.stateful.lowercase import lower_names
from terminal_ai.advisor.stateful.managers import use_installed_manager
from terminal_ai.advisor.stateful.missing_path import correct_path
from terminal_ai.advisor.stateful.modules import correct_module
from terminal_ai.advisor.stateful.not_found import correct_program
from terminal_ai.advisor.stateful.options import correct_option
from terminal_ai.advisor.stateful.permission import explain_permission
from terminal_ai.advisor.stateful.printed_commands import follow_printed_command
from terminal_ai.advisor.stateful.privilege import explain_sudo
from terminal_ai.advisor.stateful.reversed_arguments import put_in_order
from terminal_ai.advisor.stateful.slips import correct_slip
from terminal_ai.advisor.stateful.subcommands import correct_subcommand
from terminal_ai.advisor.stateful.syntax import explain_syntax
from terminal_ai.advisor.stateful.unclosed import close_bracket
from terminal_ai.advisor.stateful.unknown_words import correct_word
from terminal_ai.advisor.stateful.worked_before import recall

StatefulRule = Callable[[Failure], Iterable[Finding]]

STATEFUL_RULES: tuple[StatefulRule, ...] = (
    correct_slip,
    correct_program,
    put_in_order,
    correct_path,
    correct_module,
    explain_permission,
    explain_sudo,
    use_installed_manager,
    lower_names,
    correct_subcommand,
    correct_option,
    correct_word,
    correct_git_word,
    correct_git_name,
    leave_branch_first,
    recall,
    explain_syntax,
    close_bracket,
    follow_hint,
    follow_printed_command,
    explain_exit_code,
)
