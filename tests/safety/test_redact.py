"""No secret passes, harmless text is left alone, and speed loses no rule."""

import random
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.safety.redact import Redactor, find_secrets, merged, redact
from terminal_ai.safety.secret_rules import RULES
from tests.safety.fake_secrets import FakeSecret, fake_secrets
from tests.safety.secret_corpus import ShownSecret, secret_corpus

SECRETS = fake_secrets()
CORPUS = secret_corpus()
KINDS = sorted({shown.kind for shown in CORPUS})
BENIGN_BYTES = 2_000_000
FALSE_HITS_PER_MEGABYTE = 2


def _benign_text() -> str:
    pieces = []
    size = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        pieces.append(path.read_text("utf-8", "replace"))
        size += len(pieces[-1])
        if size > BENIGN_BYTES:
            break
    return "\n".join(pieces)


def _hits(text: str, *, prefilter: bool = True) -> list[tuple[int, int, str]]:
    return list(merged(find_secrets(text, prefilter=prefilter)))


def test_the_corpus_has_enough_kinds() -> None:
    assert len({case.kind for case in SECRETS}) >= 25
    assert len(KINDS) >= 100


@pytest.mark.parametrize("seed", [1, 2])
def test_every_kind_is_taken_out_wherever_it_is_shown(seed: int) -> None:
    left = [
        (shown.kind, shown.place)
        for shown in secret_corpus(seed)
        if shown.is_left_in(redact(shown.text))
    ]

    assert left == []


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: case.kind)
def test_a_secret_is_taken_out(case: FakeSecret) -> None:
    shown = redact(case.text)

    assert case.secret not in shown
    for line in case.secret.splitlines():
        assert line not in shown
    assert "[redacted:" in shown


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("true && ", ""),
        ("echo '", "'"),
        ('echo "', '" >> f'),
        ("cd a; ", "; ls"),
        ("12:00:00 INFO: ", ""),
        ("/srv/", ""),
        ("+ ", "\r"),
    ],
)
def test_what_stands_around_a_secret_does_not_hide_it(before: str, after: str) -> None:
    left = [
        case.kind
        for case in SECRETS
        if any(
            part in redact(before + case.text + after)
            for part in case.secret.splitlines()
        )
    ]

    assert left == []


@pytest.mark.parametrize("count", [8, 30])
def test_columns_do_not_hide_a_secret(count: int) -> None:
    blanks = " " * count
    hidden = [
        case.kind
        for case in SECRETS
        if not case.kind.startswith("pem")
        and case.secret in redact(case.text.replace(" ", blanks))
    ]

    assert hidden == []


@pytest.mark.parametrize("seed", range(2, 12))
def test_other_secrets_of_these_kinds_are_taken_out(seed: int) -> None:
    left = [case for case in fake_secrets(seed) if case.secret in redact(case.text)]

    assert left == []


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: case.kind)
def test_the_prefilter_loses_no_secret(case: FakeSecret) -> None:
    for text in (case.text, case.text.upper(), f"İ{case.text}"):
        assert _hits(text) == _hits(text, prefilter=False)


@pytest.mark.parametrize("kind", KINDS)
def test_the_prefilter_loses_no_kind(kind: str) -> None:
    text = "\n".join(shown.text for shown in CORPUS if shown.kind == kind)

    assert _hits(text) == _hits(text, prefilter=False)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_prefilter_loses_nothing_in_mixed_text(data: st.DataObject) -> None:
    chosen = st.one_of(st.sampled_from(SECRETS), st.sampled_from(CORPUS))
    cases: list[FakeSecret | ShownSecret] = data.draw(
        st.lists(chosen, min_size=1, max_size=4)
    )
    gaps = st.text("abc =:\"'\n/İK\u017f-_", max_size=6)
    # Overlong lines are read in pieces.
    long = st.sampled_from(["", " " * 1_400, "x;" * 1_100, "token," * 500])
    text = "".join(data.draw(gaps) + data.draw(long) + case.text for case in cases)

    assert _hits(text) == _hits(text, prefilter=False)


@pytest.mark.parametrize("length", [2_047, 2_048, 2_049, 3_000, 3_071, 3_073, 9_000])
def test_the_line_after_an_overlong_one_is_read(length: int) -> None:
    overlong = "x" * (length - 9) + " password"
    text = f"{overlong}\npassword=Trout-123\n{overlong}\npassword=Raven-456"

    assert "Trout" not in redact(text)
    assert "Raven" not in redact(text)
    assert _hits(text) == _hits(text, prefilter=False)


@pytest.mark.parametrize("before", [0, 1_500, 2_040, 2_048, 5_000])
def test_a_secret_in_an_overlong_line_is_taken_out(before: int) -> None:
    # What stands alone on its line is told from by that.
    filling = "a=b;" * (before // 4) + " "
    left = [
        shown.place
        for shown in CORPUS
        if "\n" not in shown.text
        and not shown.text.startswith(("_auth", "requirepass", "*:", "db.example"))
        and "example.com\t" not in shown.text
        and "htpasswd" not in shown.text
        and shown.is_left_in(redact(filling + shown.text + " " + filling))
    ]

    assert left == []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_redaction_is_idempotent_and_counts(data: st.DataObject) -> None:
    cases = data.draw(st.lists(st.sampled_from(SECRETS), max_size=4))
    gap = data.draw(st.text(max_size=10))
    text = f"\n{gap}\n".join(case.text for case in cases)

    redaction = Redactor({}).redact(text)

    assert redact(redaction.text) == redaction.text
    assert (redaction.count == 0) == (redaction.text == text)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    redact(text)


def test_harmless_text_is_left_alone() -> None:
    text = _benign_text()
    hits = [text[start - 40 : end] for start, end, _ in find_secrets(text)]

    assert len(text) > BENIGN_BYTES / 2
    assert len(hits) <= FALSE_HITS_PER_MEGABYTE * len(text) / 1e6, hits


@pytest.mark.parametrize(
    "text",
    [
        "export TOKEN=$OTHER_TOKEN",
        "curl -H 'Authorization: Bearer $TOKEN' http://x",
        "curl -H 'Authorization: Bearer <token>' http://x",
        "mysql -u root -p app",
        "mysql -P 3306 -h db",
        "ssh -p 2222 host",
        "mkdir -p a/b/c",
        "docker run -u 1000:1000 -p 8080:80 nginx",
        "password: string",
        "  --password PASSWORD   the password",
        "PWD=/home/bob OLDPWD=/tmp",
        "https://user:password@example.com",
        "SSH_KEY=~/.ssh/id_ed25519",
        "token = tokenizer.next()",
        "Enter password: ",
        "git commit -m 'rotate secrets and tokens'",
        "https://example.com:8080/path",
        "http://[::1]:8080/",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_the_rest_of_a_line_stays_readable() -> None:
    shown = redact("curl -s -u bob:q7s8d9f0 https://api.example.com/users")

    assert shown == "curl -s -u bob:[redacted:password] https://api.example.com/users"


def test_values_of_secret_variables_are_found_anywhere() -> None:
    value = "plain" + "words" + "only"
    redactor = Redactor({"MY_APP_TOKEN": value, "EDITOR": "emacsclient"})

    redaction = redactor.redact(f"dump({value}) emacsclient {value}")

    assert redaction.text.count("[redacted:environment]") == 2
    assert "emacsclient" in redaction.text
    assert redaction.count == 2


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("GITHUB_TOKEN", "abcdefgh", True),
        ("DB_PASSWORD", "abcdefgh", True),
        ("npm_config__auth", "abcdefgh", True),
        ("AWS_SECRET_ACCESS_KEY", "abcdefgh", True),
        ("STRIPE_KEY", "abcdefgh", True),
        ("DATABASE_URL", "postgres://bob:abcdefgh@db/x", True),
        ("PASSWORD", "short", False),
        ("SSH_AUTH_SOCK", "/tmp/abcdefgh", False),
        ("PWD", "/tmp/abcdefgh", False),
        ("KEYBOARD", "abcdefgh", False),
        ("LC_ALL", "abcdefgh", False),
        ("API_TOKEN", "changeme", False),
    ],
)
def test_which_variables_are_secret(name: str, value: str, is_secret: bool) -> None:
    shown = Redactor({name: value}).redact("is abcdefgh or changeme or short here")

    assert (shown.count > 0) == is_secret


def test_a_longer_value_is_not_cut_by_a_shorter_one() -> None:
    redactor = Redactor({"A_TOKEN": "abcdefgh", "B_TOKEN": "abcdefgh-ijklmnop"})

    assert redactor.redact("x abcdefgh-ijklmnop y").text == "x [redacted:environment] y"


def test_every_rule_fires_for_some_kind() -> None:
    texts = [case.text for case in SECRETS] + [shown.text for shown in CORPUS]
    fired = {kind for text in texts for _, _, kind in find_secrets(text)}

    assert {rule.kind for rule in RULES} == fired


@pytest.mark.timeout(20)  # a quadratic rule would need minutes
@pytest.mark.parametrize(
    "unit",
    [
        "eyJ-",
        "-eyJa.",
        "sk-",
        "password=",
        "a://b:",
        "a_",
        "-----BEGIN RSA PRIVATE KEY-----",
        "mysql -p",
        "AAAA\n",
        "-----END RSA PRIVATE KEY-----\nAAAA\n",
        "authorization: ",
        "cookie: a=",
        "https://aaaaaaaaaaaaaaaaaaa1",
        "login password ",
        "A_",
        "TOKEN",
        "--token-",
        "$1$",
        "x",
    ],
)
def test_hostile_repetition_costs_no_more_than_its_length(unit: str) -> None:
    redact(unit * (200_000 // len(unit)))


def test_random_bytes_of_text_never_raise() -> None:
    source = random.Random(7)
    text = "".join(chr(source.randrange(1, 0x3000)) for _ in range(50_000))

    redact(text)
