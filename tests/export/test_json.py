"""A record as JSON reads back as it was, line by line, on any terminal."""

import json

from hypothesis import given

from terminal_ai.export import as_json, json_line
from terminal_ai.records import CommandRecord
from tests.export.making import any_text, make_record, records

KEYS = [
    "command_line", "cwd", "exit_code", "started_at", "duration_seconds", "output",
    "output_elided_bytes", "shell", "private", "cpu_seconds", "peak_rss_bytes",
]  # fmt: skip


@given(record=records)
def test_it_reads_back(record: CommandRecord) -> None:
    value = as_json(record)
    read = json.loads(json_line(value).encode())
    assert read == value
    assert read["command_line"] == record.command_line
    assert read["output"] == record.output.text
    assert read["cpu_seconds"] == record.resources.cpu_seconds


@given(text=any_text)
def test_it_is_one_line_without_controls(text: str) -> None:
    line = json_line([text])
    assert len(line.splitlines()) == 1
    assert not any(0x7F <= ord(character) < 0xA0 for character in line)
    assert json.loads(line.encode()) == [text]


def test_the_keys_that_scripts_rely_on_come_first() -> None:
    value = as_json(make_record(output=b"x\x1b[1my\r\n"))
    assert list(value)[: len(KEYS)] == KEYS
    assert value == {
        "command_line": "make all",
        "cwd": "/home/bob",
        "exit_code": 0,
        "started_at": 1_700_000_010.0,
        "duration_seconds": 1.0,
        "output": "xy",
        "output_elided_bytes": 0,
        "shell": "bash",
        "private": False,
        "cpu_seconds": 0.75,
        "peak_rss_bytes": 4096,
        "id": "5e55-1",
        "cpu_user_seconds": 0.5,
        "cpu_system_seconds": 0.25,
        "read_bytes": 0,
        "written_bytes": 1024,
        "used_alternate_screen": False,
        "columns": 80,
        "rows": 24,
    }
