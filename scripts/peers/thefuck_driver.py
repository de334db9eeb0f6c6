"""Answer for thefuck: run by a Python that has it, one JSON object a line.

It is given the output that was captured; used by hand it would run the line again.
"""

import argparse
import contextlib
import json
import os
import sys


def main() -> None:
    """Answer each ``{"command", "output", "cwd", "environment"}`` with its commands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", choices=("default", "all"), default="default")
    options = parser.parse_args()
    os.environ["TF_SHELL"] = "bash"

    from thefuck import corrector, utils
    from thefuck.conf import settings
    from thefuck.const import ALL_ENABLED
    from thefuck.types import Command

    settings._setup_user_dir = lambda: None
    settings.update(require_confirmation=False, wait_command=3, rules=[ALL_ENABLED])
    settings.user_dir = corrector.Path("/nonexistent")
    if options.rules == "all":
        names = [path.stem for path in _rule_files(corrector)]
        settings.update(rules=[ALL_ENABLED, *names])
    # Answers of one directory must not serve for another.
    utils.memoize.disabled = True
    rules = list(corrector.get_rules())

    for line in sys.stdin:
        request = json.loads(line)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"], TF_SHELL="bash")
        command = Command(request["command"], request["output"])
        answers = _corrections(rules, corrector, command)
        sys.stdout.write(json.dumps(answers, ensure_ascii=True) + "\n")
        sys.stdout.flush()


def _rule_files(corrector: object) -> list[object]:
    folder = corrector.Path(corrector.__file__).parent / "rules"
    return [path for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]


def _corrections(rules: list[object], corrector: object, command: object) -> list[str]:
    found = []
    for rule in rules:
        # What raises here would end thefuck with a traceback: no answer of this rule.
        with contextlib.suppress(Exception):
            if rule.is_match(command):
                found.extend(rule.get_corrected_commands(command))
    return [each.script for each in corrector.organize_commands(iter(found))]


if __name__ == "__main__":
    main()
