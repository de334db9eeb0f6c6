"""Mistyped modules are corrected, never installed."""

from collections.abc import Callable

import pytest

from terminal_ai.advisor import Advisor

from .conftest import make_record, make_surroundings

NO_MODULE = "ModuleNotFoundError: No module named '{}'"


@pytest.mark.parametrize(
    ("line", "output", "corrected"),
    [
        (
            "python3 -m htpp.server 8000",
            "/usr/bin/python3: Error while finding module specification for"
            " 'htpp.server' (ModuleNotFoundError: No module named 'htpp')",
            "python3 -m http.server 8000",
        ),
        (
            "python3 -m vnev .venv",
            "/usr/bin/python3: No module named vnev",
            "python3 -m venv .venv",
        ),
        (
            "python3 -m app.mian --fast",
            "/usr/bin/python3: No module named app.mian",
            "python3 -m app.main --fast",
        ),
        (
            "python3 -m unittest app.mian",
            NO_MODULE.format("app.mian"),
            "python3 -m unittest app.main",
        ),
        (
            "flask --app srver run",
            "Error: Could not import 'srver'.",
            "flask --app server run",
        ),
        (
            'python3 -c "import requets"',
            NO_MODULE.format("requets"),
            'python3 -c "import requests"',
        ),
        (
            "uvicorn app.mian:api",
            'ERROR:    Error loading ASGI app. Could not import module "app.mian".',
            "uvicorn app.main:api",
        ),
        (
            "node -e 'require(\"expres\")'",
            "Error: Cannot find module 'expres'",
            "node -e 'require(\"express\")'",
        ),
    ],
)
def test_in_the_line(
    fixes: Callable[..., list[str]], line: str, output: str, corrected: str
) -> None:
    around = make_surroundings({".": ("app/", "server.py"), "app": ("main.py",)})
    assert fixes(line, output, 1, around)[0] == corrected


@pytest.mark.parametrize(
    ("output", "meant"),
    [
        (NO_MODULE.format("utls"), "utils"),
        (NO_MODULE.format("requets"), "requests"),
        (NO_MODULE.format("numpyy.linalg"), "numpy"),
        ("Error: Cannot find module 'lodahs'", "lodash"),
    ],
)
def test_in_a_file(advisor: Advisor, output: str, meant: str) -> None:
    advice = advisor.diagnose(
        make_record("python3 app.py", output),
        make_surroundings({".": ("app.py", "utils.py")}),
    )
    assert advice
    assert advice.suggestions == ()
    assert meant in advice.why


@pytest.mark.parametrize(
    "module", ["flask_cors", "more_itertools", "cv2", "tomlkit2go", "redis"]
)
def test_another_package_is_no_typo(
    fixes: Callable[..., list[str]], module: str
) -> None:
    around = make_surroundings({".": ("flask/", "app.py")})
    (first, *_) = fixes("python3 app.py", NO_MODULE.format(module), 1, around)
    assert first.startswith("pip install ")
