"""The character sets a program can designate: ASCII and the DEC line drawing set."""

ASCII = "B"
LINE_DRAWING = "0"
BRITISH = "A"

TRANSLATIONS: dict[str, dict[int, str]] = {
    LINE_DRAWING: {
        ord(letter): symbol
        for letter, symbol in zip(
            "_`abcdefghijklmnopqrstuvwxyz{|}~",
            "\u00a0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·",
            strict=True,
        )
    },
    BRITISH: {ord("#"): "£"},
}
"""What each designated set makes of ASCII letters; an unknown set is ASCII."""

CODES = (ASCII, LINE_DRAWING, BRITISH)
"""The final bytes, with their intermediates, that designate a set."""
