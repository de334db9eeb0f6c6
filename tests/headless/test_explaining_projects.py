"""What the project defines reaches the advisor, here and in the app."""

from pathlib import Path

import pytest

from terminal_ai.headless.explaining import Explainer
from terminal_ai.records import CapturedOutput
from tests.project.making import git, make_repository


@pytest.mark.parametrize(
    ("line", "output", "suggested"),
    [
        (
            "git checkout topc",
            "error: pathspec 'topc' did not match any file(s) known to git",
            "git checkout topic",
        ),
        (
            "git merge master",
            "merge: master - not something we can merge",
            "git merge main",
        ),
    ],
)
def test_branches_of_the_repository(
    tmp_path: Path, line: str, output: str, suggested: str
) -> None:
    repository = make_repository(tmp_path / "r")
    git(repository, "branch", "topic")
    advice = Explainer().advise(
        line, 1, CapturedOutput(output.encode()), str(repository)
    )
    assert advice
    assert advice.suggestions[0].command == suggested
