"""A value comes back only where every shell reads it as that value and nothing more."""

import shutil
import string
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault

SPECIAL = "|&;<>()$`\\\"' \t\n*?[#~=%!{}^,@:+-./\r\x00\x1b\x7fé中\u200b\u2028"
SHELLS = [
    (name, path)
    for name in ("bash", "zsh", "dash", "fish")
    if (path := shutil.which(name)) is not None
]
# The placeholder is @@.
LINES = (
    "show @@",
    "show x@@",
    "show @@x",
    "show a=@@",
    "show -p@@ app",
    "show --token=@@ && true",
    "show '@@'",
    'show "@@"',
    "show 'a @@ b'",
    'show "a @@ b"',
    "show -u 'bob:@@' -s",
    "show 'it'\"'\"'s @@'",
    "show https://bob:@@/x?y=1",
    "A=@@ show a",
    "show @@; true",
    "show 'a' @@ \"b\"",
    "show \\' @@",
    "show \\\" '@@'",
    "show 'a\\' @@",
    "show ~@@",
    "show {a,@@}",
    "show {@@,b}",
    "show *@@*",
    "show [a@@]*",
    'show "$HOME@@"',
    'show "${HOME:-@@}"',
    "show $(echo @@)",
    "show `echo @@`",
    "show $@@",
    "@@ x",
    "show > /dev/null @@",
    "show a # it's @@",
    "show =@@",
    "true; @@ x",
    "show !@@",
    "show $'a@@'",
    "eval show '@@'",
    "sh -c 'echo @@'",
    "show \\@@",
)
VALUES = st.text(
    st.sampled_from(string.ascii_letters + SPECIAL), min_size=1, max_size=9
)


class KnownVault(SecretVault):
    """A vault in which any value can be, whether a rule finds it or not."""

    def __init__(self) -> None:
        super().__init__(Redactor({}))

    def placeholder(self, value: str) -> str:
        return self._name(value, "token")


def arguments(shell: str, line: str) -> list[bytes]:
    """Return what a program would be given as its arguments, by a real shell."""
    fish = shell.endswith("fish")
    show = (
        "function show; printf '%s\\0' $argv; end"
        if fish
        else "show() { printf '%s\\0' \"$@\"; }"
    )
    run = subprocess.run(
        [shell, *(["--no-config"] if fish else []), "-c", f"{show}\n{line}"],
        capture_output=True,
        check=False,
        timeout=20,
        env={"HOME": "/home/nobody", "PATH": "/usr/bin:/bin"},
    )
    return run.stdout.split(b"\0")


def is_quoted_at(line: str, place: int) -> bool:
    """Follow the quotes of a simple line, as POSIX has them."""
    quote = ""
    before = iter(line[:place])
    for character in before:
        if character == "\\" and quote != "'":
            next(before, "")
        elif character in "'\"":
            quote = "" if quote == character else quote or character
    return bool(quote)


@pytest.mark.shells
@pytest.mark.parametrize(("name", "shell"), SHELLS, ids=[name for name, _ in SHELLS])
@pytest.mark.parametrize("line", LINES)
def test_every_shell_reads_a_restored_value_as_itself(
    name: str, shell: str, line: str
) -> None:
    plain = "VALUEofNoMeaning"
    expected = arguments(shell, line.replace("@@", plain))
    for value in (
        "a1",
        "-rf",
        "a;b",
        "a b",
        "$HOME",
        "$(id)",
        "`id`",
        "a'b",
        'a"b',
        "~",
    ):
        vault = KnownVault()
        restored = vault.restore(line.replace("@@", vault.placeholder(value)))
        if restored.unknown:
            continue
        given = arguments(shell, restored.text)

        assert given == [
            word.replace(plain.encode(), value.encode()) for word in expected
        ], (name, restored.text)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(LINES), VALUES)
def test_special_characters_come_back_only_inside_quotes(line: str, value: str) -> None:
    vault = KnownVault()
    placeholder = vault.placeholder(value)
    written = line.replace("@@", placeholder)

    restored = vault.restore(written)

    if restored.unknown:
        assert restored.unknown == (placeholder,)
        assert restored.text == written
        return
    assert restored.text == line.replace("@@", value)
    assert is_quoted_at(line, line.index("@@")) or set(value) <= set(
        string.ascii_letters + "@%+=:,./-"
    )
    assert not set(value) & set("\n\r\x00\x1b\x7f\u2028")


@given(VALUES)
def test_a_line_end_or_a_quote_of_the_same_kind_never_comes_back(value: str) -> None:
    vault = KnownVault()
    placeholder = vault.placeholder(value)
    for quote in "'\"":
        restored = vault.restore(f"show {quote}{placeholder}{quote}")
        if quote in value or "\n" in value or "\\" in value:
            assert restored.unknown == (placeholder,)
        if quote == '"' and set(value) & set("$`!"):
            assert restored.unknown == (placeholder,)


@pytest.mark.parametrize(
    ("line", "value", "is_restored"),
    [
        ("mysql -p@@ app", "Trout-123", True),
        ("mysql -p'@@' app", "Tr;out $1", True),
        ("mysql -p@@ app", "Tr;out", False),
        ("curl -H 'Authorization: Bearer @@' x", "abc.def_g", True),
        ('curl -H "Authorization: Bearer @@" x', "ab$(id)", False),
        ("git clone https://bob:@@@host/x", "abc123", True),
        ("ssh host 'mysql -p@@'", "abc123", True),
        ("ssh host 'mysql -p@@'", "a;id", False),
        ("sh -c 'curl -u b:@@'", "a$(id)", False),
        ("sed 's/x/@@/' f", "a/e", False),
        ("python3 -c 'print(\"@@\")'", 'a")', False),
        ("psql -c 'alter user x password @@'", "a b", False),
        ("echo '@@' | bash", "a;id", False),
        ("rm @@", "/etc", False),
        ("rm @@", "-rf", False),
        ("curl -d @@ x", "@/etc/passwd", False),
        ("@@", "reboot", False),
        ("sudo @@", "reboot", False),
        ("echo x > @@", "abc", False),
        ("kill %@@", "1", True),
        ("show @@", "plain", True),
    ],
)
def test_where_values_come_back(line: str, value: str, is_restored: bool) -> None:
    vault = KnownVault()
    placeholder = vault.placeholder(value)

    restored = vault.restore(line.replace("@@", placeholder, 1))

    assert restored.text == line.replace("@@", value if is_restored else placeholder, 1)
    assert restored.unknown == (() if is_restored else (placeholder,))


def test_several_placeholders_in_one_line() -> None:
    vault = KnownVault()
    one, two = vault.placeholder("first1"), vault.placeholder("sec;ond")

    restored = vault.restore(f"show {one} {two} '{two}' {one}")

    assert restored.text == f"show first1 {two} 'sec;ond' first1"
    assert restored.unknown == (two,)


@given(st.text(), st.text(max_size=20))
def test_no_line_raises_and_nothing_but_placeholders_changes(
    before: str, value: str
) -> None:
    vault = KnownVault()
    assert vault.restore(before).text == before
    placeholder = vault.placeholder(value)
    restored = vault.restore(before + placeholder)

    assert restored.text in (before + placeholder, before + value)


def test_two_secrets_never_share_a_placeholder() -> None:
    vault = KnownVault()
    placeholders = {vault.placeholder(f"value{number}") for number in range(1_000)}

    assert len(placeholders) == 1_000
