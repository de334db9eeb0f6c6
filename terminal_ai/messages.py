"""The one message catalogue: every text of the interface passes through here.

Texts are looked up when they are shown, never at import time, so that the language
chosen in ``bootstrap`` holds everywhere. Source texts are English; see ``locale/``.
"""

import gettext as _gettext
import locale
import os
from collections.abc import Mapping
from pathlib import Path

DOMAIN = "terminal_ai"
LOCALE_DIRECTORY = Path(__file__).parent / "locale"
LANGUAGES = ("en", "ko")

_active: _gettext.NullTranslations = _gettext.NullTranslations()


def gettext(text: str) -> str:
    """Return ``text`` in the active language."""
    # The empty string is the catalogue's header, not a message.
    return _active.gettext(text) if text else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of a counted text that the active language wants."""
    return _active.ngettext(singular, plural, count)


def resolve_language(setting: str, environ: Mapping[str, str] | None = None) -> str:
    """Return ``en`` or ``ko`` for ``auto`` or a language code.

    ``auto`` follows LC_ALL, LC_MESSAGES and LANG in POSIX order.
    """
    if setting in LANGUAGES:
        return setting
    source = os.environ if environ is None else environ
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := source.get(variable, ""):
            code = (locale.normalize(value).partition("_")[0]).partition(".")[0].lower()
            return code if code in LANGUAGES else "en"
    return "en"


def use_language(setting: str) -> str:
    """Activate a language for the process and return its code."""
    global _active
    code = resolve_language(setting)
    _active = _gettext.translation(
        DOMAIN, LOCALE_DIRECTORY, languages=[code], fallback=True
    )
    return code
