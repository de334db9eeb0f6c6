"""What is said where no rule knows the failure: the code, and the right line."""

import pytest

from terminal_ai.advisor import Advisor

from .conftest import make_record, make_surroundings

TRACEBACK = """Traceback (most recent call last):
  File "/w/a.py", line 3, in <module>
    run()
  File "/w/b.py", line 9, in run
    raise ValueError(error)
acme.errors.QuotaError: the quota of 3 is used up
[cleanup] could not remove lock"""
JAVA = """Exception in thread "main" java.lang.RuntimeException: it failed
	at com.acme.Main.main(Main.java:5)
Caused by: com.acme.Other: cannot read
	at com.acme.X.y(X.java:9)
Caused by: java.io.EOFException: the file ends too early
	at com.acme.Z.z(Z.java:1)"""


@pytest.mark.parametrize(
    ("output", "quoted"),
    [
        (TRACEBACK, "acme.errors.QuotaError: the quota of 3 is used up"),
        (JAVA, "Caused by: java.io.EOFException: the file ends too early"),
        (
            "warning: unknown key ignored\nx.zz:3:4: error: no rule for that\nfailed",
            "x.zz:3:4: error: no rule for that",
        ),
        ("0 errors\nnote: unknown\nit broke", "it broke"),
        ("step 1\ncannot open the thing\nbye", "cannot open the thing"),
        ("it stopped\nUsage: acme [options]", "it stopped"),
        ("", ""),
    ],
)
def test_the_line_that_names_the_cause(
    advisor: Advisor, output: str, quoted: str
) -> None:
    record = make_record("acme --go", output, 3)
    advice = advisor.diagnose(record, make_surroundings())
    assert advice
    assert advice.rule == "exit-code"
    assert advice.evidence == quoted
    assert advice.suggestions == ()


@pytest.mark.parametrize(
    ("code", "output", "told"),
    [
        (137, "", "SIGKILL"),
        (137, "Killed", "SIGKILL"),
        (139, "", "SIGSEGV"),
        (132, "", "SIGILL"),
        (129, "", "SIGHUP"),
        (129, "acme: it stopped", "chose this code"),
        (254, "acme: it stopped", "chose this code"),
        (64, "acme: it stopped", "wrong usage"),
        (75, "acme: it stopped", "temporary"),
        (124, "", "timeout"),
        (190, "", "signal 62"),
        (3, "acme: it stopped", "chose this code"),
    ],
)
def test_codes_are_decoded(advisor: Advisor, code: int, output: str, told: str) -> None:
    advice = advisor.diagnose(make_record("acme", output, code), make_surroundings())
    assert advice
    assert told in advice.why
