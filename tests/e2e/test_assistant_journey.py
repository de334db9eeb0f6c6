"""From a failure to its answer and back to the prompt, with a server that counts."""

import re
from collections.abc import Iterator

import pytest

from tests.ollama_server import OllamaServer
from tests.ollama_server.behaviour import Behaviour
from tests.ollama_server.http import Request
from tests.ollama_server.replies import CANNED_REPLIES, CannedReply
from tests.ollama_server.store import ServedModel

from .conftest import Opener, World
from .tmux import Tmux

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

MODEL = "qwen2.5-coder:3b"
FROM_SENTENCE = CannedReply(
    "which branches", "git knows the branches.", "git branch --all", "It lists them."
)
TALL_ROWS = 170
"""So many that every part of a prompt is seen whole."""
TOKEN_SECONDS = 0.02
SILENT_SECONDS = 600.0


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer(
        [ServedModel(MODEL)],
        behaviour=Behaviour(first_token_seconds=0.2, token_seconds=TOKEN_SECONDS),
        replies=(FROM_SENTENCE, *CANNED_REPLIES),
    ) as server:
        yield server


def leader(tmux: Tmux, letter: str) -> None:
    tmux.key("C-\\")
    tmux.type(letter)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def sent_text(request: Request) -> str:
    messages = request.fields["messages"]
    assert isinstance(messages, list)
    return squeezed("".join(message["content"] for message in messages))


def rows_of(screen: str, *, above: bool) -> list[str]:
    """Return the X-ray's list, or what it shows of the part that is chosen."""
    inside = [
        row.strip()[1:-1]
        for row in screen.splitlines()
        if row.strip().startswith("│") and row.strip().endswith("│")
    ]
    at = next(number for number, row in enumerate(inside) if "▔▔▔" in row)
    return inside[2:at] if above else inside[at + 1 :]


def seen_in_xray(tmux: Tmux) -> str:
    """Read what was sent last, part by part, as the user would."""
    tmux.resize(120, TALL_ROWS)
    leader(tmux, "x")
    tmux.wait_for("What the model is sent")
    tmux.key("BTab")
    screen = tmux.wait_for(r"rules .*\d")
    count = sum(1 for row in rows_of(screen, above=True) if row.strip())
    seen = []
    tmux.key("Home")
    for _part in range(count):
        before = screen
        seen.append(squeezed("".join(rows_of(screen, above=False))))
        if len(seen) < count:
            tmux.key("Down")
            screen = tmux.wait_until(
                lambda now, before=before: (  # type: ignore[misc]
                    rows_of(now, above=False) != rows_of(before, above=False)
                ),
                "the next part",
            )
    tmux.key("Escape")
    tmux.resize(120, 40)
    tmux.wait_gone("What the model is sent")
    return "".join(seen)


def test_from_a_failure_to_its_answer_and_on_without_the_service(
    open_app: Opener, world: World, server: OllamaServer
) -> None:
    world.environ["TERMINAL_AI_AI_PREFETCH"] = "on"
    with open_app("--host", server.url, "--model", MODEL, offline=False) as tmux:
        tmux.run("gti status")
        tmux.wait_for("answer ready")
        assert len(server.chats) == 1
        tmux.key("F5")
        tmux.wait_for("which files have")
        tmux.wait_for("prepared while")
        assert len(server.chats) == 1

        assert seen_in_xray(tmux) == sent_text(server.chats[0])

        tmux.key("F6")
        tmux.wait_for(r"inner\$ git status")
        assert [line for line, _code in world.recorded()] == ["gti status"]
        tmux.key("Enter")
        tmux.wait_for(r"No commits yet")

        tmux.type("?")
        tmux.wait_for("sentence to command")
        tmux.run("which branches are there")
        tmux.wait_for(r"inner\$ git branch --all")
        assert len(server.chats) == 2
        tmux.key("C-c")
        tmux.run("false")
        tmux.wait_until(
            lambda _screen: ("false", 1) in world.recorded(), "the record of false"
        )
        assert [line for line, _code in world.recorded()] == [
            "gti status",
            "git status",
            "false",
        ]

        server.behaviour = Behaviour(first_token_seconds=SILENT_SECONDS)
        tmux.key("F2")
        tmux.run("what now")
        tmux.wait_for("reading")
        server.stop()
        tmux.wait_for("Ollama does not answer")
        # The question stands where it was typed, to be asked again.
        tmux.wait_until(
            lambda screen: screen.count("what now") >= 2, "the question given back"
        )
        tmux.key("F2")
        tmux.wait_gone("following up")
        tmux.run("echo still $((40 + 2)) here")
        tmux.wait_for("still 42 here")
