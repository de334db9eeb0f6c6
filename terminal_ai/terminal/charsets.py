"""The character sets that programs can designate as G0 to G3.

Only ASCII positions are translated: bytes above them are UTF-8, so nothing is ever
invoked into the right half of the table.
"""

ASCII = "B"
LINE_DRAWING = "0"
BRITISH = "A"
LATIN_1 = "A96"
SUPPLEMENTAL = "<"
TECHNICAL = ">"

ALL_ASCII = (ASCII, ASCII, ASCII, ASCII)
"""What G0 to G3 are at first."""

_NATIONAL_POSITIONS = "#@[\\]^_`{|}~"
_NATIONAL = {
    "4": "£¾ĳ½|^_`¨ƒ¼´",
    "C": "#@ÄÖÅÜ_éäöåü",
    "R": "£à°ç§^_`éùè¨",
    "Q": "#àâçêî_ôéùèû",
    "K": "#§ÄÖÜ^_`äöüß",
    "Y": "£§°çé^_ùàòèì",
    "E": "#ÄÆØÅÜ_äæøåü",
    "%6": "#@ÃÇÕ^_`ãçõ~",
    "Z": "£§¡Ñ¿^_`°ñç~",
    "H": "#ÉÄÖÅÜ_éäöåü",
    "=": "ùàéçêîèôäöüû",
}
"""Dutch, Finnish, French, French Canadian, German, Italian, Norwegian and Danish,
Portuguese, Spanish, Swedish and Swiss."""

_NATIONAL_ALIASES = {"5": "C", "f": "R", "9": "Q", "6": "E", "`": "E", "7": "H"}

# U+FFFD stands where the set defines nothing.
_SUPPLEMENTAL_SYMBOLS = (
    "¡¢£\ufffd¥\ufffd§¤©ª«\ufffd\ufffd\ufffd\ufffd°±²³\ufffdµ¶·\ufffd¹º»¼½\ufffd¿"
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ\ufffdÑÒÓÔÕÖŒØÙÚÛÜŸ\ufffdßàáâãäåæçèéêëìíîï\ufffdñòóôõöœøùúûüÿ\ufffd"
)
_TECHNICAL_SYMBOLS = (
    "⎷┌─⌠⌡│⎡⎣⎤⎦⎛⎝⎞⎠⎨⎬" + "\ufffd" * 11 + "≤≠≥∫∴∝∞÷Δ∇ΦΓ∼≃Θ×Λ⇔⇒≡ΠΨ\ufffdΣ\ufffd\ufffd"
    "√ΩΞΥ⊂⊃∩∪∧∨¬αβχδεφγηιθκλ\ufffdν∂πψρστ\ufffdƒωξυζ←↑→↓"
)
_GRAPHIC = "".join(map(chr, range(0x21, 0x7F)))


def _table(positions: str, symbols: str) -> dict[int, str]:
    pairs = zip(positions, symbols, strict=True)
    return {ord(letter): symbol for letter, symbol in pairs if letter != symbol}


_NATIONAL_TABLES = {
    code: _table(_NATIONAL_POSITIONS, symbols) for code, symbols in _NATIONAL.items()
}

TRANSLATIONS: dict[str, dict[int, str]] = {
    LINE_DRAWING: _table(
        "_`abcdefghijklmnopqrstuvwxyz{|}~",
        "\u00a0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·",
    ),
    BRITISH: _table("#", "£"),
    # A soft hyphen is seen only where it is a hyphen.
    LATIN_1: {code: chr(code + 0x80) for code in range(0x20, 0x7F) if code != 0x2D},
    SUPPLEMENTAL: _table(_GRAPHIC, _SUPPLEMENTAL_SYMBOLS),
    TECHNICAL: _table(_GRAPHIC, _TECHNICAL_SYMBOLS),
    **_NATIONAL_TABLES,
    **{alias: _NATIONAL_TABLES[code] for alias, code in _NATIONAL_ALIASES.items()},
}
"""What each designated set makes of ASCII letters; ASCII itself changes none."""

NATIONAL_SETS = frozenset({*_NATIONAL, *_NATIONAL_ALIASES})
"""Sets that may only be designated with DECNRCM."""

DESIGNATORS: dict[str, tuple[int, str]] = {
    **{
        slot + code: (number, name)
        for number, slot in enumerate("()*+")
        for code, name in (
            (ASCII, ASCII),
            ("1", ASCII),
            ("2", LINE_DRAWING),
            ("%5", SUPPLEMENTAL),
            *((code, code) for code in TRANSLATIONS if code != LATIN_1),
        )
    },
    **{slot + "A": (number, LATIN_1) for number, slot in enumerate("-./", 1)},
}
"""SCS: the escape sequences after ESC, which of G0 to G3 they mean, and the set."""
