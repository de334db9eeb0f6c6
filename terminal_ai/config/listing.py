"""Resolved settings as YAML that can be read back, each with its origin."""

import re

from terminal_ai.config.layers import Resolved
from terminal_ai.config.settings import flatten

ORIGIN_COLUMN = 48
# What opens a service is nobody's business who looks over a shoulder.
_WITH_PASSWORD = re.compile(r"(://).*@")


def list_settings(resolved: Resolved) -> str:
    """Return every value with its origin as a comment; valid as a settings file."""
    lines: list[str] = []
    open_sections: list[str] = []
    for key, value in flatten(resolved.settings).items():
        *sections, name = key.split(".")
        for depth, section in enumerate(sections):
            if open_sections[depth : depth + 1] != [section]:
                del open_sections[depth:]
                open_sections.append(section)
                lines.append(f"{'  ' * depth}{section}:")
        del open_sections[len(sections) :]
        shown = (
            _WITH_PASSWORD.sub(r"\1***@", value) if isinstance(value, str) else value
        )
        entry = f"{'  ' * len(sections)}{name}: {_scalar(shown)}"
        # A file's name may hold a line break, which would end the comment.
        origin = " ".join(resolved.origins[key].split())
        lines.append(f"{entry:<{ORIGIN_COLUMN}} # {origin}")
    return "\n".join(lines) + "\n"


def _scalar(value: object) -> str:
    import yaml

    # An unbounded width keeps the scalar on one line, where its comment follows.
    text = yaml.safe_dump(value, allow_unicode=True, width=float("inf"))
    return text.removesuffix("...\n").strip()
