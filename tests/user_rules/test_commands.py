"""``terminal-ai rules``: list, check, try."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from terminal_ai.headless.rules_command import rules_command
from terminal_ai.headless.rules_listing import as_table, find
from terminal_ai.headless.table import cells
from terminal_ai.user_rules import rules_directory
from tests.user_rules.conftest import rule

EXAMPLES = """
[[rule.example]]
command = "deploy"
output = "cannot deploy"
fixes = ["deploy --loud"]

[[rule.example]]
command = "deploy"
output = "cannot employ"
fires = false
"""


def run(*arguments: str, stdin: str = "") -> Result:
    result = CliRunner().invoke(rules_command(), list(arguments), input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The user's rules directory, with one sound file."""
    directory = rules_directory()
    directory.mkdir(parents=True)
    (directory / "mine.toml").write_text(rule() + EXAMPLES)
    return directory


@pytest.mark.usefixtures("own")
def test_the_users_rules_are_listed_first() -> None:
    result = run("list")
    first, second = result.stdout.splitlines()[:2]
    assert first.split() == ["mine", "own", "mine.toml", "deploy"]
    assert " ours " in second
    assert run("list", "--family", "own").stdout.split() == first.split()
    assert "deploy" in run("list", "--program", "deploy").stdout
    assert "git-" not in run("list", "--program", "deploy").stdout


def test_rules_switched_off_or_replaced_are_marked(own: Path) -> None:
    ours = [listed.rule.id for listed in find(families=["git"], program="")]
    text = f'off = ["{ours[0]}"]\n' + rule(ours[1])
    (own / "more.toml").write_text(text)
    listed = {one.rule.id: one.origin for one in find(families=["git"], program="")}
    assert listed[ours[0]] == "ours, off"
    assert listed[ours[1]] == "ours, replaced"
    assert listed[ours[2]] == "ours"


def test_the_list_fits_80_columns() -> None:
    table = as_table(find(families=[], program=""), width_cells=80, has_colors=False)
    assert max(cells(line) for line in table.splitlines()) <= 80


@pytest.mark.usefixtures("own")
def test_the_list_as_json() -> None:
    first, *others = json.loads(run("list", "--json").stdout)
    assert first["id"] == "mine"
    assert first["origin"] == "own/mine.toml"
    assert others[0].keys() == first.keys()


def test_a_family_that_is_not_there() -> None:
    result = run("list", "--family", "gti")
    assert result.exit_code == 2
    assert "did you mean git?" in result.stderr
    assert "there are: " in run("list", "--family", "zzzzzz").stderr


def test_a_broken_file_is_told_beside_the_list(own: Path) -> None:
    (own / "bad.toml").write_text("[[rule")
    result = run("list", "--family", "own")
    assert result.stdout.startswith("mine ")
    assert "bad.toml:1: " in result.stderr


@pytest.mark.usefixtures("own")
def test_sound_rules_pass() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout == "1 file, 1 rule, 2 examples, 0 errors, 0 warnings\n"


def test_there_may_be_no_rules() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "no .toml file in" in result.stdout


def test_a_file_that_is_not_there_is_no_check() -> None:
    assert run("check", "/absent/x.toml").exit_code == 2


def test_what_an_example_gives_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    text = EXAMPLES.replace("--loud", "--quiet").replace("employ", "deploy")
    text += '[[rule.example]]\ncommand = "deploy"\noutput = "something else"\n'
    path.write_text(rule() + text)
    result = run("check", str(path))
    assert result.exit_code == 1
    assert result.stdout == (
        f"{path}:1: mine: example 1: deploy\n"
        "  expected: deploy --quiet\n"
        "  came:     deploy --loud\n"
        f"{path}:1: mine: example 2: deploy\n"
        "  expected: it does not fire\n"
        "  came:     the rule mine fires\n"
        f"{path}:1: mine: example 3: deploy\n"
        "  expected: the rule fires\n"
        "  came:     the rule exit-code fires\n"
        "  because:  none of `patterns` is in the output\n"
        "1 file, 1 rule, 3 examples, 3 errors, 0 warnings\n"
    )


def test_rules_without_examples_are_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(rule())
    result = run("check", str(path))
    assert result.exit_code == 0
    assert result.stdout.count("x.toml:1: mine: warning: no example") == 2


def test_every_problem_as_json(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("\n" + rule() + "prior = 2.0")
    result = run("check", "--json", str(path))
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["problems"]
    assert problem["file"] == str(path)
    assert (problem["line"], problem["rule"]) == (10, "mine")
    assert problem["level"] == "error"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[[rule.fix]]\ntemplate = "x {choice}"\n'
            'choices = { source = "vocabulary", name = "gitt" }\n',
            "no vocabulary is called gitt",
        ),
        ('lookups = { more = ["line", "tabel"] }\n', "no table is called tabel"),
        ('[[rule.example]]\ncommand = "deploy"\nexit_code = 0\n', "is never explained"),
    ],
)
def test_what_a_rule_refers_to_must_be_there(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(rule(fixes=text))
    result = run("check", str(path))
    assert result.exit_code == 1
    assert told in result.stdout


def test_ids_of_ours_may_be_mistyped(tmp_path: Path) -> None:
    ours = find(families=["git"], program="")[0].rule.id
    path = tmp_path / "x.toml"
    path.write_text(f'off = ["{ours}x", "{ours}"]')
    result = run("check", str(path))
    assert result.exit_code == 0
    assert f"did you mean {ours}?" in result.stdout


def test_a_slow_pattern_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    example = EXAMPLES.replace("cannot deploy", "a" * 1_000 + "!")
    path.write_text(rule(pattern="(a+)+$") + example)
    result = run("check", str(path))
    assert result.exit_code == 1
    assert "a pattern takes too long" in result.stdout


def test_an_id_taken_by_another_file_is_an_error(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(rule())
    result = run("check", *(str(tmp_path / name) for name in ("a.toml", "b.toml")))
    assert result.exit_code == 1
    assert "b.toml:1: mine: the id is taken by a rule in a.toml" in result.stdout


@pytest.mark.usefixtures("own")
def test_what_fires_and_what_is_refused_is_shown() -> None:
    unsafe = rule("unsafe", fixes="[[rule.fix]]\ntemplate = 'rm -rf build'\n")
    (rules_directory() / "unsafe.toml").write_text(unsafe)
    (rules_directory() / "other.toml").write_text(rule("other", "nothing like it"))
    result = run(
        *("try", "--command", "deploy", "--output", "-"), stdin="cannot deploy\n"
    )
    assert result.exit_code == 0
    assert "mine  (yours, weight 0.60)" in result.stdout
    assert "  > cannot deploy\n  1. deploy --loud\n" in result.stdout
    assert (
        "rm -rf build  (left out: it could replace one problem by a worse one)"
        in result.stdout
    )
    assert "other: none of `patterns` is in the output" in result.stdout


@pytest.mark.usefixtures("own")
def test_trying_as_json() -> None:
    result = run("try", "--json", "--command", "git pussh")
    tried = json.loads(result.stdout)
    assert tried["is_failure"] is True
    assert tried["rule"] in [fired["rule"] for fired in tried["fired"]]
    (silent,) = tried["silent"]
    assert silent == {"rule": "mine", "because": "it is about other programs: deploy"}


def test_trying_what_is_no_failure() -> None:
    result = run("try", "--command", "ls", "--exit-code", "0")
    assert result.stdout == "This exit code tells of no failure: no rule is asked.\n"
