"""What stands in a template: quoted, plain, or not at all."""

import pytest

from terminal_ai.advisor.rulebook.template import Value, fill


@pytest.mark.parametrize(
    ("template", "value", "filled"),
    [
        ("less {name}", Value("a b"), "less 'a b'"),
        ("less {name}", Value("-x"), None),
        ("{name} x", Value("-x"), None),
        ("less {name:words}", Value("-x y"), None),
        ("less {name}", Value("-x", is_typed=True), "less -x"),
        ("less {name}", Value("-x", may_be_option=True), "less -x"),
        ("less --lines={name}", Value("-x"), "less --lines=-x"),
        ("R -e 'load(\"{name}\")'", Value("zoo"), "R -e 'load(\"zoo\")'"),
        ("R -e 'load(\"{name}\")'", Value("x;reboot"), None),
        ("R -e 'load(\"{name}\")'", Value("x'y"), None),
        ("less {name}", Value("=ls"), "less '=ls'"),
    ],
)
def test_fill(template: str, value: Value, filled: str | None) -> None:
    assert fill(template, {"name": value}) == filled
