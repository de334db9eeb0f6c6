"""Quotation marks of every language and style to the plain ones patterns name."""

import re

_MARKS = str.maketrans(
    {
        **dict.fromkeys("‘’`´‚‹›", "'"),
        **dict.fromkeys("“”", '"'),
        # Spaces before a colon and inside quotes, and the colon of wide scripts.
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        "：": ": ",
    }
)
_QUOTED = re.compile(
    "[„»]([^„“”»«\n]*)[“”«]|«[ \u00a0\u202f]?([^«»\n]*?)[ \u00a0\u202f]?»"
    "|[「『]([^「」『』\n]*)[」』]"
)


def plain_quotes(text: str) -> str:
    """Return ``text`` with straight quotes; „so«, « so » and 「so」 become 'so'."""
    if text.isascii():
        return text.replace("`", "'")
    text = _QUOTED.sub(lambda match: f"'{match[match.lastindex or 1]}'", text)
    return text.replace("\u00a0:", ":").translate(_MARKS)
