"""Failures as they come again and again: the same, with other noise, or look-alikes.

A form's ``{braces}`` hold noise, which changes with every run, or a name, of which
each form lists a few sets: the first is the failure itself, the others look like it
and are not. A third of the forms are texts that others have recorded.
"""

import dataclasses
import json
import random
import uuid
from collections.abc import Iterator, Mapping

from benchmarks.hosts import ROOT
from terminal_ai.project.facts import ProjectFacts
from terminal_ai.records import CapturedOutput, CommandRecord

REPEATS = 9
"""Of the failure itself; each look-alike is asked about twice."""
RECORDED_EVERY = 20
"""Of the recorded failures every so manyth is taken."""
HOMES = ("/home/marta", "/Users/jens", "/home/youngmi", "/Users/kofi")
DIRECTORIES = ("api", "shop/web", "thesis", "work/site-2024", "git/infra", "demo-b")
BRANCHES = ("main", "release/2.1")


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """One kind of failure."""

    command: str
    output: str
    exit_code: int = 1
    names: tuple[Mapping[str, str], ...] = ({},)
    is_elided: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """One failure about which the user asks; ``identity`` is the same for the same."""

    identity: tuple[int, int, str]
    record: CommandRecord
    facts: ProjectFacts
    home: str
    user: str


def forms() -> list[Form]:
    """Return our own forms, and some that others recorded."""
    found = json.loads((ROOT / "scripts/benchmarks/replay_failures.json").read_text())
    own = [
        Form(**fields | {"names": tuple(fields.get("names", ({},)))})
        for fields in found
    ]
    return [*own, *_recorded()]


def asks(seed: int = 5) -> list[Ask]:
    """Return what a team's users ask about in some days, in no order."""
    source = random.Random(seed)
    made: list[Ask] = []
    for number, form in enumerate(forms()):
        for variant, names in enumerate(form.names):
            repeats = REPEATS if variant == 0 else 2
            made += (
                _ask(source, form, names, (number, variant), BRANCHES[0])
                for _ in range(repeats)
            )
        if number % 8 == 0:
            made += (
                _ask(source, form, form.names[0], (number, 0), BRANCHES[1])
                for _ in range(2)
            )
    source.shuffle(made)
    return made


def _recorded() -> Iterator[Form]:
    text = (ROOT / "tests" / "advisor" / "recorded.jsonl").read_text()
    records = [json.loads(line) for line in text.splitlines()]
    for found in records[::RECORDED_EVERY]:
        escaped = [
            str(found[field]).replace("{", "{{").replace("}", "}}")
            for field in ("command", "output")
        ]
        yield Form(escaped[0], f"{escaped[1]}\n", found["exit_code"])


def _ask(
    source: random.Random,
    form: Form,
    names: Mapping[str, str],
    identity: tuple[int, int],
    branch: str,
) -> Ask:
    home = source.choice(HOMES)
    user = home.rpartition("/")[2]
    cwd = f"{home}/{source.choice(DIRECTORIES)}"
    noise = _noise(source) | {"cwd": cwd, "home": home, "user": user} | dict(names)
    output = form.output.format_map(noise).encode()
    captured = CapturedOutput(output)
    if form.is_elided:
        captured = CapturedOutput(
            b"> start\n", output, elided_bytes=source.randint(9, 99_999)
        )
    record = CommandRecord(
        id=f"s-{source.randint(1, 10**9)}",
        command_line=form.command.format_map(noise),
        cwd=cwd,
        exit_code=form.exit_code,
        started_at=source.uniform(1.6e9, 1.7e9),
        duration_seconds=source.uniform(0, 9),
        output=captured,
    )
    facts = ProjectFacts(branch, ("npm",), f"git: on branch {branch}\nmanifests: npm")
    return Ask((*identity, branch), record, facts, home, user)


def _noise(source: random.Random) -> dict[str, str]:
    def digits(count: int, alphabet: str = "0123456789abcdef") -> str:
        return "".join(source.choices(alphabet, k=count))

    clock = (
        f"{source.randint(0, 23):02}:{source.randint(0, 59):02}"
        f":{source.randint(0, 59):02}"
    )
    date = f"2026-{source.randint(1, 12):02}-{source.randint(1, 28):02}"
    return {
        "pid": str(source.randint(300, 99_999)),
        "small": str(source.randint(1, 99)),
        "minutes": str(source.randint(0, 9)),
        "seconds": f"{source.uniform(0.1, 59):.2f}",
        "millis": str(source.randint(1, 2_999)),
        "rate": f"{source.uniform(0.1, 99):.1f}",
        "clock": clock,
        "iso": f"{date}T{clock}Z",
        "log": f"{date}T{clock.replace(':', '_')}_{source.randint(100, 999)}Z",
        "day": f"Sat {date} {clock}",
        "month": f"Nov {source.randint(10, 28)} {clock}",
        "uuid": str(uuid.UUID(int=source.getrandbits(128))),
        "digest": digits(64),
        "container": digits(12),
        "token": f"a{digits(4)}9k{digits(3)}",
        "letters": f"A{digits(4, 'xyzXYZ')}9",
        "temporary": digits(8, "abcdefghij_0123456789"),
        "address": f"7f{digits(10)}",
        "address2": f"55{digits(10)}",
        "low": digits(8),
        "pc": f"4{digits(5)}",
        "secret": "gh" + "p_q7" + digits(33) + "Z",
        "noise": "",
    }
