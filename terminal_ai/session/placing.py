"""What may be written at a prompt for the user to enter."""

from terminal_ai.errors import PlacementError
from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import placeable


def line_to_place(command_line: str, *, is_told: bool, is_at_prompt: bool) -> str:
    """Return one printable line.

    Raises PlacementError, also where the shell tells of no prompt or is not at it.
    """
    if not is_told:
        raise PlacementError(
            _("this shell does not tell where its prompt is"),
            hint=_("copy the command instead"),
        )
    if not is_at_prompt:
        raise PlacementError(
            _("the shell is not at its prompt"),
            hint=_("finish or suspend the running program first"),
        )
    text = placeable(command_line).text
    # Whatever the sanitiser lets through, nothing here may end a line.
    if not text or not text.isprintable():
        raise PlacementError(
            _("this text cannot be placed at a prompt"),
            hint=_("copy the part that is needed"),
        )
    return text
