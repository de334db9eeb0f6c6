"""Rules in code, on what only the surroundings tell."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.reading.normalise import normalise
from terminal_ai.advisor.stateful.exit_codes import meaning

from .conftest import HOME, make_record, make_surroundings

Fixes = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("command", "fix"),
    [
        ("gti status", "git status"),
        ("got push", "git push"),
        ("sl -la", "ls -la"),
        ("pyhton3 a.py", "python3 a.py"),
        ("dcoker ps", "docker ps"),
        ("claer", "clear"),
        ("cd..", "cd .."),
        ("cd../src", "cd ../src"),
        ("gitstatus", "git status"),
        ("git-log --stat", "git log --stat"),
        ("ls-la", "ls -la"),
        ("mandiff", "man diff"),
        ("gi tstatus", "git status"),
        ("FOO=1 gti log | head", "FOO=1 git log | head"),
        ("make && gti push", "make && git push"),
    ],
)
@pytest.mark.parametrize("prefix", ["bash: ", "bash: line 1: "])
def test_command_not_found(fixes: Fixes, command: str, fix: str, prefix: str) -> None:
    wrong = command.removeprefix("FOO=1 ").removeprefix("make && ").split()[0]
    output = f"{prefix}{wrong}: command not found"
    assert fixes(command, output, 127)[0] == fix


@given(
    st.from_regex(r"[a-z][a-z0-9._+-]{0,12}", fullmatch=True),
    st.sampled_from(
        [
            "bash: {}: command not found",
            "bash: line 7: {}: command not found",
            "zsh: command not found: {}",
            "zsh:1: command not found: {}",
            "fish: Unknown command: {}",
            "dash: 1: {}: not found",
        ]
    ),
)
def test_no_name_is_taken_for_a_part_of_the_prefix(name: str, form: str) -> None:
    text = normalise(form.format(name), Dialect())
    assert text == f"{name}: command not found"


@pytest.mark.parametrize(
    "output",
    [
        "bash: gti: command not found",
        "bash: line 12: gti: command not found",
        "zsh: command not found: gti",
        "zsh:1: command not found: gti",
        "fish: Unknown command: gti\nfish: \ngti status\n^~^",
        "fish: Unknown command 'gti'",
        "dash: 1: gti: not found",
        "/bin/sh: 1: gti: not found",
        "sh: gti: command not found",
        "Command 'gti' not found, did you mean:\n  command 'gtf' from deb x (1.2)",
        "",
    ],
)
def test_every_shells_wording(fixes: Fixes, output: str) -> None:
    assert fixes("gti status", output, 127)[0] == "git status"


def test_a_known_program_that_is_missing_is_not_mistyped(advisor: Advisor) -> None:
    advice = advisor.diagnose(
        make_record("rg x", "bash: rg: command not found", 127), make_surroundings()
    )
    assert advice
    assert advice.suggestions == ()
    assert "sudo apt install ripgrep" in advice.why


def test_a_name_that_is_not_on_path_may_be_a_function_of_the_shell(
    fixes: Fixes,
) -> None:
    assert fixes("codna list", "bash: codna: command not found", 127) == ["conda list"]


def test_a_name_that_everybody_knows_is_not_another_one(fixes: Fixes) -> None:
    surroundings = make_surroundings(programs=frozenset(["ls"]))
    assert fixes("npm tasks", "npm: not found", 127, surroundings) == []


def test_a_name_that_the_system_has_a_package_for_is_not_mistyped(fixes: Fixes) -> None:
    output = (
        "Command 'htop' not found, but can be installed with:\n\nsudo apt install htop"
    )
    assert (
        fixes("htop", output, 127, make_surroundings(programs=frozenset(["top"]))) == []
    )


def test_a_program_missing_inside_a_script(advisor: Advisor) -> None:
    advice = advisor.diagnose(
        make_record("./x.sh", "./x.sh: line 2: nosuch: command not found", 127),
        make_surroundings(),
    )
    assert advice
    assert advice.rule == "not-found-inside"
    assert "nosuch" in advice.what


def test_a_line_that_worked_before_outranks_a_guess(fixes: Fixes) -> None:
    known = make_surroundings(
        known_commands=("git checkout feature/login", "git checkout topic", "ls")
    )
    output = "error: pathspec 'feature/logn' did not match any file(s) known to git"
    plain = fixes("git merge feature/logn", "merge: feature/logn - not something", 1)
    assert plain == []
    found = fixes(
        "git merge feature/logn",
        "merge: feature/logn - not something we can merge",
        1,
        make_surroundings(known_commands=("git merge feature/login",)),
    )
    assert found[0] == "git merge feature/login"
    assert "feature/login" in " ".join(
        fixes("git checkout feature/logn", output, 1, known)
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ㅣㄴ", "ls"),
        ("햣 ㄴㅅㅁ션", "git status"),
        ("пше ыефегы", "git status"),
        ("λσ", "ls"),
        ("ךד", "ls"),
    ],
)
def test_other_keyboard_layouts(fixes: Fixes, typed: str, meant: str) -> None:
    output = f"bash: {typed.split()[0]}: command not found"
    assert fixes(typed, output, 127) == [meant]


@pytest.mark.parametrize("word", ["한글", "привет", "menú", "fö", "café"])
def test_words_of_other_languages_are_no_slips(fixes: Fixes, word: str) -> None:
    output = f"cat: {word}: No such file or directory"
    assert fixes(f"cat {word}", output, 1) == []


def test_the_letter_beside_enter(fixes: Fixes) -> None:
    output = "git: 'statusç' is not a git command. See 'git --help'. not found"
    assert fixes("git statusç", output, 1)[0] == "git status"
    assert fixes("lsç", "bash: lsç: command not found", 127)[0] == "ls"


@pytest.mark.parametrize(
    ("command", "output", "fix"),
    [
        ("$ ls -l", "bash: $: command not found", "ls -l"),
        ("% ls", "bash: fg: %: no such job", "ls"),
        (
            "git@example.test:a/b.git",
            "bash: git@example.test:a/b.git: No such file or directory",
            "git clone git@example.test:a/b.git",
        ),
        (
            "https://example.test/a.tar.gz",
            "bash: https://example.test/a.tar.gz: No such file or directory",
            "curl -LO https://example.test/a.tar.gz",
        ),
        ("makeç", "bash: makeç: command not found", "make"),
    ],
)
def test_slips(fixes: Fixes, command: str, output: str, fix: str) -> None:
    assert fixes(command, output, 127)[0] == fix


@pytest.mark.parametrize(
    ("announced", "names"),
    [
        ("The most similar command is\n\tcommit", ["commit"]),
        ("The most similar commands are\n\tcommit\n\tcommit2", ["commit", "commit2"]),
        ("The most similar: commit", ["commit"]),
    ],
)
def test_the_words_that_announce_a_name_are_no_names(
    fixes: Fixes, announced: str, names: list[str]
) -> None:
    output = f"git: 'comit' is not a git command. See 'git --help'.\n\n{announced}"
    assert fixes("git comit -m x", output, 1) == [f"git {name} -m x" for name in names]


@pytest.mark.parametrize(
    ("command", "output", "fix"),
    [
        (
            "kubectl gte pods -A",
            'Error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n',
            "kubectl get pods -A",
        ),
        (
            "tool --verbsoe x",
            "error: unexpected argument '--verbsoe' found\n\n"
            "  tip: a similar argument exists: '--verbose'",
            "tool --verbose x",
        ),
        (
            "tool buidl",
            "tool: error: argument cmd: invalid choice: 'buidl'"
            " (choose from 'build', 'test', 'clean')",
            "tool build",
        ),
        (
            "npm run tset:unit",
            'npm error Missing script: "tset:unit"\nnpm error\n'
            "npm error Did you mean this?\n"
            "npm error   npm run test:unit # run the package script",
            "npm run test:unit",
        ),
        (
            "gh auth",
            "To get started, please run: gh auth login",
            "gh auth login",
        ),
        (
            "bin/rspec",
            "Migrations are pending. To resolve this issue, run:\n\n"
            "        bin/rails db:migrate",
            "bin/rails db:migrate && bin/rspec",
        ),
    ],
)
def test_the_tools_own_advice(
    fixes: Fixes, command: str, output: str, fix: str
) -> None:
    assert fixes(command, output)[0] == fix


def test_advertisements_are_no_advice(fixes: Fixes) -> None:
    output = (
        "ERROR: it failed\n[notice] A new release of pip is available\n"
        "[notice] To update, run: pip install --upgrade pip"
    )
    assert fixes("pip install .", output) == []


@pytest.mark.parametrize("code", [1, 2, 126, 127, 128, 129, 134, 137, 139, 143, 255])
def test_exit_codes_have_a_meaning(code: int) -> None:
    assert meaning(code)


def test_signals_are_named() -> None:
    assert "SIGXCPU" in meaning(128 + 24)
    assert "memory" in meaning(137)


def test_the_last_resort_quotes_the_error(advisor: Advisor) -> None:
    advice = advisor.diagnose(
        make_record("frob", "starting\nfrob: error: gear is stuck\nbye", 3),
        make_surroundings(),
    )
    assert advice
    assert advice.evidence == "frob: error: gear is stuck"
    assert advice.suggestions == ()
    assert "3" in advice.what


@pytest.mark.parametrize(
    ("command", "output", "fix"),
    [
        (
            "git ㅔㅕ노 ㅐ갸햐ㅜ",
            "git: 'ㅔㅕ노' is not a git command. See 'git --help'.",
            "git push origin",
        ),
        (
            '햣 채ㅡㅡㅑㅅ -m "메시지"',
            "bash: 햣: command not found",
            'git commit -m "메시지"',
        ),
        (
            "docker sp -a",
            "unknown shorthand flag: 'a' in -a\nSee 'docker --help'.",
            "docker ps -a",
        ),
        (
            "redis-cli --verison",
            "Unrecognized option or bad number of args for: '--verison'",
            "redis-cli --version",
        ),
    ],
)
def test_words_typed_wrongly(fixes: Fixes, command: str, output: str, fix: str) -> None:
    assert fixes(command, output)[0] == fix


def test_a_familiar_program_is_no_short_form_of_another(advisor: Advisor) -> None:
    advice = advisor.diagnose(
        make_record("bun install", "bash: bun: command not found", 127),
        make_surroundings(programs=frozenset(("bundle", "ls"))),
    )
    assert advice
    assert not advice.suggestions


def test_a_mistyped_directory_below_home(advisor: Advisor) -> None:
    advice = advisor.diagnose(
        make_record(
            "cd ~/Documnets/reports",
            f"bash: cd: {HOME}/Documnets/reports: No such file or directory",
        ),
        make_surroundings({"~": ("Documents/", "Music/")}),
    )
    assert advice
    assert advice.suggestions[0].command == "cd ~/Documents/reports"
