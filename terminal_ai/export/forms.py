"""The forms that records can be written in."""

import enum


class ExportForm(enum.StrEnum):
    """A form for readers, for programs, and for a player."""

    MARKDOWN = "markdown"
    JSON = "json"
    ASCIICAST = "asciicast"

    @property
    def suffix(self) -> str:
        """How the names of such files end."""
        return {
            ExportForm.MARKDOWN: ".md",
            ExportForm.JSON: ".jsonl",
            ExportForm.ASCIICAST: ".cast",
        }[self]
