"""What is masked and what stays: a slot stands for one literal and for no other."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given

from terminal_ai.assistant.caching.noise import MARK
from terminal_ai.assistant.caching.normalise import Normaliser, Place
from tests.assistant.caching.noisy import texts

ADA = Place("/home/ada/project", "/home/ada", "ada")
BOB = Place("/home/bob/elsewhere", "/home/bob", "bob")
SLOT = re.compile(f"{MARK}[^{MARK}]*? (\\d+){MARK}")


def masked(text: str, place: Place = ADA, names: str = "") -> str:
    return Normaliser(place, names=names).mask(text)


def filled(text: str, normaliser: Normaliser) -> str:
    return SLOT.sub(lambda match: normaliser.slots[int(match[1])].value, text)


@given(texts)
@example(f"/home/ada.{'0' * 8}-0000-0000-0000-{'0' * 12}")
def test_masking_again_changes_nothing(text: str) -> None:
    normaliser = Normaliser(ADA)
    once = normaliser.mask(text)
    slots = list(normaliser.slots)
    assert normaliser.mask(once) == once
    assert normaliser.slots == slots
    assert masked(once) == once


@given(texts)
def test_filling_the_slots_gives_the_text_back(text: str) -> None:
    text = text.replace(MARK, "")
    normaliser = Normaliser(ADA)
    assert filled(normaliser.mask(text), normaliser) == text


@given(texts, texts)
def test_equal_literals_have_equal_slots(one: str, other: str) -> None:
    normaliser = Normaliser(ADA)
    normaliser.mask(one)
    normaliser.mask(other)
    values = [slot.value for slot in normaliser.slots]
    assert len(values) == len(set(values))


NOISE = [
    "bash: /home/{home}/{cwd}/run.sh: Permission denied",
    "drwxr-xr-x 2 {home} {home} 4096 x",
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("started at 2026-11-21T11:25:33Z", "started at 2026-11-20T01:00:02Z"),
        ("Sat Nov 21 11:25:33 UTC 2026 x", "Sun Nov 22 01:05:03 UTC 2026 x"),
        ("Nov 21 11:25:33 host x[1]:", "Nov  1 09:25:00 host x[2]:"),
        ("[11:25:33] failed", "[01:25:34] failed"),
        ("2026/11/21 11:25:33 x", "2025/01/02 10:00:00 x"),
        ("[   12.345678] oom", "[99012.000001] oom"),
        ("_logs/2026-11-21T11_25_33_123Z-debug-0.log",
         "_logs/2026-11-22T12_05_33_999Z-debug-0.log"),
        ("real\t0m0.123s", "real\t1m7.009s"),
        ("3 failed in 1.23s", "3 failed in 0.07s"),
        ("Finished in 12 ms", "Finished in 345 ms"),
        ("port 80 after 0 ms: x", "port 80 after 2031 ms: x"),
        ("✗ works (12ms)", "✗ works (7ms)"),
        ("#7 0.345 apt", "#7 12.001 apt"),
        ("1.2 MB/s", "340 kB/s"),
        ("(pid 4321)", "(pid 99)"),
        ("[1]+ 4321 Segmentation fault", "[1]+ 99 Segmentation fault"),
        ("./x.sh: line 3: 4321 Killed", "./x.sh: line 3: 7755 Killed"),
        ("sshd[4321]: bad", "sshd[77]: bad"),
        ("==4321==ERROR", "==77==ERROR"),
        ("/proc/4321/fd", "/proc/7/fd"),
        ("<Foo object at 0x7f1234567890>", "<Foo object at 0x7fabcdef0123>"),
        ("pc=0x4a1b2c", "pc=0x4a1b2d"),
        ("id 123e4567-e89b-12d3-a456-426614174000",
         "id 00000000-e89b-12d3-a456-426614174001"),
        ("sha256:" + "ab" * 32, "sha256:" + "0f" * 32),
        ("/tmp/tmpab12_cde/x.py", "/tmp/tmpzz99_xyz/x.py"),
        ("/tmp/ccAbC1dE.o: undefined", "/tmp/ccZyX9wV.o: undefined"),
        ("/tmp/pip-req-build-k3j4n5x/setup.py", "/tmp/pip-req-build-a8s7d6f/setup.py"),
        ("/tmp/go-build123456789/b001", "/tmp/go-build987654321/b001"),
        ("/tmp/pytest-of-ada/pytest-1/x", "/tmp/pytest-of-ada/pytest-12/x"),
        ("/var/folders/zz/zyxvpxvq6cs/T/x.log", "/var/folders/ab/n0000gn1234/T/x.log"),
        ("[redacted:token:a1b2c3]", "[redacted:token:00ff00]"),
        ("[… 12 lines cut …]", "[… 3456 lines cut …]"),
        ("[… 812 bytes elided …]", "[… 9 bytes elided …]"),
    ],
)  # fmt: skip
def test_what_varies_from_run_to_run_is_masked(one: str, other: str) -> None:
    assert masked(one) == masked(other) != one


@pytest.mark.parametrize("form", NOISE)
def test_directory_home_and_user_are_masked(form: str) -> None:
    ours = form.format(home="ada", cwd="project")
    theirs = form.format(home="bob", cwd="elsewhere")
    assert masked(ours) == masked(theirs, BOB) != ours


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("port 8080 in use", "port 8081 in use"),
        ("connect to 10.0.0.1:5432", "connect to 10.0.0.1:5433"),
        ("main.c:12:34: error", "main.c:13:34: error"),
        ("main.c:12:34:56: error", "main.c:12:34:57: error"),
        ("File x.py, line 12", "File x.py, line 13"),
        ("exit code: 1", "exit code: 2"),
        ("exited with 137", "exited with 139"),
        ("on branch main", "on branch next"),
        ("No module named 'numpy'", "No module named 'scipy'"),
        ("/home/ada/project/a.txt", "/home/ada/project/b.txt"),
        ("/tmp/report.csv", "/tmp/budget.csv"),
        ("/tmp/mysql.sock", "/tmp/docker.sock"),
        ("python3.11: x", "python3.12: x"),
        ("numpy==1.26.4", "numpy==2.0.0"),
        ("error 0x80070005", "error 0x80070057"),
        ("addr=0x0", "addr=0x8"),
        ("commit a1b2c3d", "commit a1b2c3e"),
        ("/etc/hosts", "/etc/passwd"),
        ("timed out after 5 s", "timed out after 300 s"),
        ("Timeout of 2000ms exceeded", "Timeout of 5000ms exceeded"),
        ("[redacted:token:a1b2c3]", "[redacted:password:a1b2c3]"),
        ("[redacted:token]", "[redacted:password]"),
        ("/home/carol/x", "/home/dave/x"),
        ("pid 4321 and pid 4321", "pid 4321 and pid 4322"),
        ("192.168.0.1 refused", "192.168.0.2 refused"),
        ("2 errors", "3 errors"),
        ("Error 500", "Error 404"),
    ],
)
def test_what_names_something_stays(one: str, other: str) -> None:
    assert masked(one) != masked(other)


@pytest.mark.parametrize(
    "cwd",
    ["/", "/etc", "/usr/lib/python3", "/var/www/html", "/opt/x", "/root", "/sys/x"],
)
def test_directories_of_the_system_stay(cwd: str) -> None:
    assert masked(f"in {cwd} x", Place(cwd, "/home/ada", "ada")) == f"in {cwd} x"


def test_own_and_foreign_directories_are_two_things() -> None:
    at_home = masked("in /home/ada/x", Place("/home/ada/x", "/home/ada"))
    assert at_home != masked("in /srv/x", Place("/srv/x", "/home/ada"))
    assert at_home != masked("in /tmp/x", Place("/tmp/x", "/home/ada"))
    assert at_home == masked("in /home/bob/y", Place("/home/bob/y", "/home/bob"))


def test_what_was_typed_is_no_noise() -> None:
    assert "0.53s" in masked("sleep 0.53s: killed in 0.53s", names="sleep 0.53s")
    assert "0.53s" not in masked("sleep: killed in 0.53s", names="sleep")
    place = Place("/srv/x", "/home/git", "marta")
    assert "marta" in masked("marta: not found", place, names="marta push")
    assert "marta" not in masked("marta may not", place, names="git push")


def test_a_path_is_masked_as_a_whole_only() -> None:
    text = "/home/ada/project2 /mnt/home/ada/project /home/ada/project.git x/home/ada"
    assert "project2" in masked(text)
    assert "/mnt/home/ada/project" in masked(text, replace(ADA, user=""))
    assert "project.git" in masked(text)
