"""What a model explains, as Markdown that does not hold up the event loop."""

import time

from markdown_it import MarkdownIt
from textual.content import Content
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownFence

LANGUAGES = ("text", "sh", "console", "python", "json", "yaml", "toml", "diff")
"""What code in answers about commands is written in, as a rule."""
_SAMPLE = "One *word*.\n\n- `two`\n\n```sh\nthree\n```\n\nhttps://example.org\n"


class CodeFence(MarkdownFence):
    """Code in the colours of the language that it says it is in."""

    @classmethod
    def highlight(
        cls, code: str, language: str, ansi: bool = False, dark: bool = False
    ) -> Content:
        """Return the code in colours; plain where no language is said.

        Textual would guess one. For that Pygments loads all the 500 that it knows:
        150 ms, in which no key is echoed.
        """
        words = language.split()
        return super().highlight(code, words[0] if words else "text", ansi, dark)


class Explanation(Markdown):
    """A text of the model's; its links open nothing."""

    BLOCKS = Markdown.BLOCKS | {"fence": CodeFence, "code_block": CodeFence}

    def __init__(self) -> None:
        super().__init__(open_links=False)


def prepare_explanations() -> None:
    """Load what the first explanation needs, 50 ms of work; to be run in a thread.

    The interpreter is given away between the parts: keys are typed meanwhile.
    """
    MarkdownIt("gfm-like").parse(_SAMPLE)
    # For a language that it does not know Pygments looks for plug-ins, once.
    for language in (*LANGUAGES, "unknown"):
        time.sleep(0)
        CodeFence.highlight("", language)
