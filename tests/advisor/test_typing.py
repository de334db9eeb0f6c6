"""Slips of the hand: spaces, doubled words, layouts, prompts, quotes, loops."""

from collections.abc import Callable

import pytest

from .conftest import make_surroundings

Fixes = Callable[..., list[str]]
TREE = make_surroundings(
    {".": ("notes.txt", "main.py", "src/", "photo (1).jpg", "it’s.txt")}
)
NOT_FOUND = "bash: {}: command not found"
TOKEN = "bash: -c: line 1: syntax error near unexpected token `{}'"
NO_END = "bash: -c: line 2: syntax error: unexpected end of file"
NO_QUOTE = "bash: -c: line 1: unexpected EOF while looking for matching `{}'"


@pytest.mark.parametrize(
    ("command", "fix"),
    [
        ("cd...", "cd ../.."),
        ("cd-", "cd -"),
        ("cs ..", "cd .."),
        ("cs", "cd"),
        ("ks -la", "ls -la"),
        ("yarnadd react", "yarn add react"),
        ("cdsrc", "cd src"),
        ("catnotes.txt", "cat notes.txt"),
        ("python3main.py", "python3 main.py"),
        ("mkdir-p a/b", "mkdir -p a/b"),
        ("mkdirfoo", "mkdir foo"),
        ("sudoapt update", "sudo apt update"),
        ("sudols", "sudo ls"),
        ("psaux", "ps aux"),
        ("tarxf a.tar", "tar xf a.tar"),
        ("chmod+x run.sh", "chmod +x run.sh"),
        ("g it status", "git status"),
        ("gi t status", "git status"),
        ("l s", "ls"),
        ("GIT STATUS", "git status"),
        ("Cat notes.txt", "cat notes.txt"),
        ("user@host:~$ ls -l", "ls -l"),
        ("[bob@box ~]$ ls -la", "ls -la"),
        ("(venv) $ ls", "ls"),
        ("~$ ls", "ls"),
        ("➜  ~ ls", "ls"),
        ("ls\u00a0-la", "ls -la"),
        ("cat\u3000notes.txt", "cat notes.txt"),
        ("ls\u200b", "ls"),
    ],
)
def test_a_program_not_found(fixes: Fixes, command: str, fix: str) -> None:
    output = NOT_FOUND.format(command.split(" ")[0])
    assert fixes(command, output, 127, TREE)[0] == fix


@pytest.mark.parametrize(
    ("command", "output", "fix"),
    [
        ("cd ...", "bash: cd: ...: No such file or directory", "cd ../.."),
        (
            "git git status",
            "git: 'git' is not a git command. See 'git --help'.\n\n"
            "The most similar command is\n\tinit",
            "git status",
        ),
        ("cd cd src", "bash: cd: too many arguments", "cd src"),
        ("rm rm a", "rm: cannot remove 'rm': No such file or directory", "rm a"),
        (
            "git commit-m x",
            "git: 'commit-m' is not a git command. See 'git --help'.",
            "git commit -m x",
        ),
        ("cd ыкс", "bash: cd: ыкс: No such file or directory", "cd src"),
        ("ls –la", "ls: cannot access '–la': No such file or directory", "ls -la"),
        (
            "git commit —amend",
            "error: pathspec '—amend' did not match any file(s) known to git",
            "git commit --amend",
        ),
        (
            "find . –name x",
            "find: '–name': No such file or directory",
            "find . -name x",
        ),
        (
            "git commit -m “fix bug”",
            "error: pathspec 'bug”' did not match any file(s) known to git",
            'git commit -m "fix bug"',
        ),
        ("echo it's", NO_QUOTE.format("'"), 'echo "it\'s"'),
        (
            "git commit -m it's done",
            NO_QUOTE.format("'"),
            'git commit -m "it\'s done"',
        ),
        ("cat bob's.txt", NO_QUOTE.format("'"), r"cat bob\'s.txt"),
        ('echo "abc', NO_QUOTE.format('"'), 'echo "abc"'),
        ("echo 'a b\"", NO_QUOTE.format("'"), 'echo "a b"'),
        ("git commit -m \"it's'", NO_QUOTE.format('"'), 'git commit -m "it\'s"'),
        ("echo $(date", NO_QUOTE.format(")"), "echo $(date)"),
        ("cat photo (1).jpg", TOKEN.format("("), "cat 'photo (1).jpg'"),
        (
            "git commit -m fix (bug)",
            TOKEN.format("("),
            "git commit -m 'fix (bug)'",
        ),
        ("rm file(2).txt", TOKEN.format("("), "rm 'file(2).txt'"),
        ("ls || || pwd", TOKEN.format("||"), "ls || pwd"),
        ("| ls", TOKEN.format("|"), "ls"),
        ("ls &&", NO_END, "ls"),
        (
            "for i in 1 2; do echo $i",
            NO_END,
            "for i in 1 2; do echo $i; done",
        ),
        ("if true; then echo x", NO_END, "if true; then echo x; fi"),
        (
            "if [ 1 -eq 1 ] then echo x; fi",
            TOKEN.format("fi"),
            "if [ 1 -eq 1 ]; then echo x; fi",
        ),
    ],
)
def test_first_fix(fixes: Fixes, command: str, output: str, fix: str) -> None:
    assert fixes(command, output, 2, TREE)[0] == fix


@pytest.mark.parametrize(
    ("command", "output"),
    [
        # In quotes, or the name of a file: the characters are meant.
        ('git commit -m "don’t"', "nothing to commit, working tree clean"),
        ("cat it’s.txt", "cat: it’s.txt: Permission denied"),
        ("./run.sh (1)", "bash: ./run.sh: Permission denied (1)"),
        ("for i in 1 2; do false; done", "boom"),
        # What belongs after it, nobody else knows.
        ("if true; then", NO_END),
        ("while true; do", NO_END),
        ("man man", "man: can't execute pager: broken"),
    ],
)
def test_left_alone(fixes: Fixes, command: str, output: str) -> None:
    found = fixes(command, output, 1, TREE)
    assert not any("'" in fix or '"' in fix for fix in found if "-m" not in fix)
    assert not any(fix == "man" or fix.endswith(("fi", "done")) for fix in found)
