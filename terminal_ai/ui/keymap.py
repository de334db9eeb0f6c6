"""The few keys that are ours, and the router that keeps all others for the shell."""

import difflib
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual.keys import REPLACED_KEYS, Keys, format_key, key_to_character

from terminal_ai.config import KeymapSettings
from terminal_ai.errors import ConfigError
from terminal_ai.messages import gettext as _

MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
NEEDED_BY_THE_SHELL = frozenset(
    {"enter", "escape", "tab", "space", "backspace", "up", "down", "left", "right"}
    | {"ctrl+c", "ctrl+d", "ctrl+z", "ctrl+m", "ctrl+i", "ctrl+j"}
)


class Action(enum.StrEnum):
    """What a key of ours does."""

    HELP = "help"
    ASSISTANT = "assistant"
    PROFILER = "profiler"
    HISTORY = "history"
    FIND = "find"
    LINKS = "links"
    EXPORT = "export"
    CONTEXT = "context"
    ASK = "ask"
    PLACE = "place"
    QUESTION = "question"
    RESTART = "restart"
    QUIT = "quit"
    COPY = "copy"
    COPY_MODE = "copy_mode"
    PREVIOUS_COMMAND = "previous_command"
    NEXT_COMMAND = "next_command"
    ANOTHER = "another"
    SIMPLER = "simpler"
    SHORTER = "shorter"
    COPY_ANSWER = "copy_answer"
    SENTENCE = "sentence"
    PULL = "pull"
    MODELS = "models"
    PROFILE = "profile"
    FUNCTIONS = "functions"
    PLACE_FIRST = "place_first"
    PLACE_SECOND = "place_second"
    PLACE_THIRD = "place_third"


class Verdict(enum.Enum):
    """What becomes of a key that starts no action."""

    FORWARD = "forward"
    SWALLOW = "swallow"


LEADER_KEYS: Mapping[str, Action] = {
    "h": Action.HELP,
    "a": Action.QUESTION,
    "p": Action.PROFILER,
    "s": Action.HISTORY,
    "slash": Action.FIND,
    "f": Action.ASK,
    "g": Action.PLACE,
    "q": Action.QUIT,
    "up": Action.PREVIOUS_COMMAND,
    "down": Action.NEXT_COMMAND,
    "r": Action.RESTART,
    "v": Action.COPY_MODE,
    "c": Action.COPY,
    "l": Action.LINKS,
    "e": Action.EXPORT,
    "x": Action.CONTEXT,
    "m": Action.MODELS,
    "question_mark": Action.SENTENCE,
    "n": Action.ANOTHER,
    "j": Action.SIMPLER,
    "k": Action.SHORTER,
    "y": Action.COPY_ANSWER,
    "d": Action.PULL,
    "o": Action.FUNCTIONS,
    "t": Action.PROFILE,
    "1": Action.PLACE_FIRST,
    "2": Action.PLACE_SECOND,
    "3": Action.PLACE_THIRD,
}
"""What may follow the leader, the most useful first."""


def action_label(action: Action) -> str:
    """Return the short name of an action, for hints."""
    return {
        Action.HELP: _("help"),
        Action.ASSISTANT: _("assistant"),
        Action.QUESTION: _("assistant"),
        Action.PROFILER: _("profiler"),
        Action.FUNCTIONS: _("sort functions"),
        Action.PROFILE: _("profile"),
        Action.HISTORY: _("history"),
        Action.FIND: _("find"),
        Action.LINKS: _("links"),
        Action.EXPORT: _("export"),
        Action.CONTEXT: _("context"),
        Action.ASK: _("ask"),
        Action.PLACE: _("place"),
        Action.PLACE_FIRST: _("place 1"),
        Action.PLACE_SECOND: _("place 2"),
        Action.PLACE_THIRD: _("place 3"),
        Action.MODELS: _("models"),
        Action.ANOTHER: _("another answer"),
        Action.SIMPLER: _("simpler"),
        Action.SHORTER: _("shorter"),
        Action.COPY_ANSWER: _("copy answer"),
        Action.SENTENCE: _("command"),
        Action.PULL: _("download"),
        Action.COPY: _("copy"),
        Action.COPY_MODE: _("select"),
        Action.PREVIOUS_COMMAND: _("command above"),
        Action.NEXT_COMMAND: _("command below"),
        Action.RESTART: _("restart"),
        Action.QUIT: _("quit"),
    }[action]


def action_description(action: Action) -> str:
    """Return what an action does, for the help screen."""
    return {
        Action.HELP: _("Help: all keys and commands"),
        Action.ASSISTANT: _("Go to the assistant, or hide it"),
        Action.QUESTION: _("Ask the model a question"),
        Action.PROFILER: _("Show or hide the profiler"),
        Action.FUNCTIONS: _("Sort the profiler's functions by another column"),
        Action.PROFILE: _("See what the app does in the next seconds, or stop"),
        Action.HISTORY: _("Search finished commands"),
        Action.FIND: _("Find text in the terminal"),
        Action.LINKS: _("Open or copy a link in view"),
        Action.EXPORT: _("Export this session"),
        Action.CONTEXT: _("See and choose what the model is sent"),
        Action.ASK: _("Ask the model about the last failure"),
        Action.PLACE: _("Place the suggestion at the prompt"),
        Action.PLACE_FIRST: _("Place the first suggestion"),
        Action.PLACE_SECOND: _("Place the second suggestion"),
        Action.PLACE_THIRD: _("Place the third suggestion"),
        Action.MODELS: _("Choose, load and download models"),
        Action.ANOTHER: _("Ask for another answer"),
        Action.SIMPLER: _("Have the answer in simpler words"),
        Action.SHORTER: _("Have the answer shorter"),
        Action.COPY_ANSWER: _("Copy the answer"),
        Action.SENTENCE: _("Turn a sentence into a command"),
        Action.PULL: _("Download the missing model, or stop"),
        Action.COPY: _("Copy the selection"),
        Action.COPY_MODE: _("Select and copy with the keyboard"),
        Action.PREVIOUS_COMMAND: _("Command mode, from the command above: fold, copy"),
        Action.NEXT_COMMAND: _("Command mode, from the command below"),
        Action.RESTART: _("Restart the shell"),
        Action.QUIT: _("Quit"),
    }[action]


@dataclass(frozen=True, slots=True)
class Keymap:
    """The validated keys: one leader, and direct keys for the main actions."""

    leader: str
    direct: Mapping[str, Action]
    sentence_key: str = ""
    """The character that begins a sentence at an empty prompt; "" is none."""

    @classmethod
    def from_settings(
        cls, settings: KeymapSettings, *, sentence_key: str = ""
    ) -> "Keymap":
        """Check every key name; raise ConfigError with a hint for a bad one."""
        _check_sentence_key(sentence_key)
        direct: dict[str, Action] = {}
        for name, key in msgspec.structs.asdict(settings).items():
            setting = f"interface.keys.{name}"
            _check_key(setting, key)
            if key in direct or (name != "leader" and key == settings.leader):
                raise ConfigError(
                    _("{setting}: {key} is already taken").format(
                        setting=setting, key=key
                    ),
                    hint=_("give each action a key of its own"),
                )
            if name != "leader":
                direct[key] = Action(name)
        return cls(settings.leader, direct, sentence_key)

    def key_of(self, action: Action) -> str:
        """Return the direct key of an action as the user reads it, or nothing."""
        for key, candidate in self.direct.items():
            if candidate is action:
                return key_label(key)
        return ""

    def leader_keys_of(self, action: Action) -> str:
        """Return the leader and the key after it, as the user reads it, or nothing."""
        for key, candidate in LEADER_KEYS.items():
            if candidate is action:
                return f"{key_label(self.leader)} {key_label(key)}"
        return ""


@dataclass(slots=True)
class KeyRouter:
    """Decides for each key, in order: the shell's, ours, or part of a leader pair."""

    keymap: Keymap
    is_leader_pending: bool = field(default=False, init=False)

    def route(self, key: str, *, leader_only: bool) -> Action | Verdict:
        """Return the action of ``key``, or whether it passes or is swallowed.

        ``leader_only`` holds on the alternate screen, where every other key is the
        program's.
        """
        if self.is_leader_pending:
            self.is_leader_pending = False
            if key == self.keymap.leader:
                return Verdict.FORWARD
            return LEADER_KEYS.get(key, Verdict.SWALLOW)
        if key == self.keymap.leader:
            self.is_leader_pending = True
            return Verdict.SWALLOW
        if leader_only:
            return Verdict.FORWARD
        return self.keymap.direct.get(key, Verdict.FORWARD)


def key_label(key: str) -> str:
    """Return a key name as it is written for people: ``F1``, ``Ctrl+\\``."""
    *modifiers, base = key.split("+")
    shown = format_key(base)
    if len(shown) > 1 or modifiers:
        shown = shown[:1].upper() + shown[1:]
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


def _known_names() -> frozenset[str]:
    named = {value.rpartition("+")[2] for value in (key.value for key in Keys)}
    return frozenset(name for name in named | set(FUNCTIONAL_KEYS.values()) if name)


def _check_sentence_key(key: str) -> None:
    """A character that no command line begins with: no letter, digit or blank."""
    if key and (len(key) > 1 or not key.isprintable() or key.isalnum() or key == " "):
        raise ConfigError(
            _("{setting}: {key} is not a sign").format(
                setting="interface.sentence_key", key=repr(key)
            ),
            hint=_('write one character such as ? or #, or "" for none'),
        )


def _check_key(setting: str, key: str) -> None:
    *modifiers, base = key.split("+")
    known = _known_names()
    is_character = key_to_character(REPLACED_KEYS.get(base, base)) is not None
    wrong = [name for name in modifiers if name not in MODIFIERS]
    if wrong or not (base in known or is_character):
        candidates = [key_name for key_name in known | MODIFIERS if len(key_name) > 1]
        near = difflib.get_close_matches(wrong[0] if wrong else base, candidates, n=1)
        raise ConfigError(
            _("{setting}: {key} is not a key").format(setting=setting, key=repr(key)),
            hint=(
                _("did you mean {name}?").format(name=near[0])
                if near
                else _("write keys like f5, ctrl+backslash or alt+h")
            ),
        )
    is_typed = is_character and not set(modifiers) - {"shift"}
    if is_typed or key in NEEDED_BY_THE_SHELL:
        raise ConfigError(
            _("{setting}: {key} belongs to the shell").format(setting=setting, key=key),
            hint=_("choose a function key, or a letter with ctrl or alt"),
        )
