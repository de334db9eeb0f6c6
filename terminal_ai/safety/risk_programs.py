"""What programs that work on files, processes and services do: one judge each."""

import re
from collections.abc import Callable

from terminal_ai.records import Risk
from terminal_ai.safety.command_line import Word
from terminal_ai.safety.risk_invocation import (
    Invocation,
    is_device,
    is_key_file,
    is_system_path,
    many_operands,
    worst,
)
from terminal_ai.safety.risk_tables import DISK_TOOLS, LIST_OPTIONS


def _remove(call: Invocation) -> Risk:
    has_pattern = any(word.has_pattern or word.is_dynamic for word in call.words)
    is_forced = call.has("-r", "-R", "-f", "--recursive", "--force")
    touches_system = any(is_system_path(path) for path in call.operands)
    is_dangerous = is_forced or has_pattern or touches_system
    return Risk.DANGER if is_dangerous else Risk.CAUTION


def _dd(call: Invocation) -> Risk:
    targets = [text[3:] for text in call.arguments if text.startswith("of=")]
    if not targets:
        return Risk.SAFE
    return Risk.CAUTION if targets == ["/dev/null"] else Risk.DANGER


def _copy(call: Invocation) -> Risk:
    if call.has("--delete", "--delete-after", "--delete-before", "--delete-excluded"):
        return Risk.DANGER
    if call.name == "rsync" and call.has("--remove-source-files"):
        return Risk.DANGER
    operands = call.operands
    targets = operands[-1:]
    for index, text in enumerate(call.arguments[:-1]):
        if text in ("-t", "--target-directory"):
            targets.append(call.arguments[index + 1])
    if call.name == "mv":
        # Moving something away from the system breaks it as well.
        targets = operands
    for target in targets:
        if is_device(target) or is_system_path(target) or is_key_file(target):
            return Risk.DANGER
    if call.name == "mv" and "/dev/null" in operands:
        return Risk.DANGER
    return Risk.CAUTION


def _tee(call: Invocation) -> Risk:
    targets = call.operands
    if any(is_device(path) or is_key_file(path) for path in targets):
        return Risk.DANGER
    if any(is_system_path(path) for path in targets) and not call.has("-a", "--append"):
        return Risk.DANGER
    return Risk.CAUTION if targets and targets != ["/dev/null"] else Risk.SAFE


def _change_mode(call: Invocation) -> Risk:
    is_recursive = call.has("-R", "--recursive")
    if call.name in ("chown", "chgrp"):
        return Risk.DANGER if is_recursive else Risk.CAUTION
    operands = call.operands
    touches_system = any(is_system_path(path) for path in operands[1:])
    opens_all = any(
        re.fullmatch(r"0?[0-7]?77[0-7]|0?[0-7]?[0-7][0-7][2367]|0?000", text)
        or re.search(r"(?:^|,)[ugo]*[ao][ugo]*[+=][rxX]*w|^\+w|^[+=]rwx", text)
        for text in call.arguments
    )
    if is_recursive and (opens_all or touches_system):
        return Risk.DANGER
    return Risk.DANGER if opens_all and touches_system else Risk.CAUTION


def _kill(call: Invocation) -> Risk:
    arguments = call.arguments
    if arguments[:1] in (["-l"], ["-L"], ["-0"], ["--list"]):
        return Risk.SAFE
    signals = " ".join(arguments).upper()
    if re.search(r"(?:^|\s)-(?:S\s*|N\s*|-SIGNAL[ =])?(?:SIG)?(?:9|KILL)\b", signals):
        return Risk.DANGER
    return Risk.DANGER if {"-1", "0", "1"} & set(arguments[1:]) else Risk.CAUTION


def _find(call: Invocation) -> Risk:
    risks = []
    arguments = call.words
    for index, word in enumerate(arguments):
        if word.text in ("-delete", "--delete"):
            return Risk.DANGER
        if word.text in ("-exec", "-execdir", "-ok", "-okdir", "-x", "--exec", "-X"):
            risks.append(
                many_operands(_until_semicolon(arguments[index + 1 :]), call.judge)
            )
        if word.text.startswith(("-fprint", "-fls")):
            risks.append(Risk.CAUTION)
    return worst(risks)


def _until_semicolon(words: list[Word]) -> list[Word]:
    for index, word in enumerate(words):
        if word.text in (";", "+"):
            return words[:index] or [Word("")]
    return words or [Word("")]


def _edit_stream(call: Invocation) -> Risk:
    if call.name == "sed":
        if call.has("-i", "--in-place") or any(
            a.startswith("-i") for a in call.arguments
        ):
            is_system = any(is_system_path(path) for path in call.operands)
            return Risk.DANGER if is_system else Risk.CAUTION
        program = " ".join(call.arguments)
        has_write = re.search(
            r"(?:^|[;/}\s\d$])[ew]\s+\S|/[gpi0-9]*[ew](?:\s|$)", program
        )
        return Risk.CAUTION if has_write else Risk.SAFE
    program = " ".join(call.arguments)
    if "system" in program:
        quoted = re.findall(r"\"([^\"]*)\"", program)
        return worst([Risk.CAUTION, *(call.judge(text) for text in quoted)])
    return Risk.CAUTION if re.search(r"[>|]\s*\"|inplace", program) else Risk.SAFE


def _in_place(call: Invocation) -> Risk:
    writes = call.has(
        "-i", "--in-place", "--inplace", "-o", "--output", "-w", "--write"
    )
    return Risk.CAUTION if writes else Risk.SAFE


def _crontab(call: Invocation) -> Risk:
    if call.has("-r"):
        return Risk.DANGER
    return Risk.SAFE if call.has("-l") else Risk.CAUTION


def _history(call: Invocation) -> Risk:
    if (
        call.has("-c", "-d", "-w")
        or "clear" in call.operands
        or "delete" in call.operands
    ):
        return Risk.DANGER
    return Risk.SAFE


def _firewall(call: Invocation) -> Risk:
    if call.name == "nft":
        return Risk.DANGER if {"flush", "delete"} & set(call.operands) else Risk.CAUTION
    if call.has("-F", "-X", "-P", "--flush", "--delete-chain", "--policy"):
        return Risk.DANGER
    return Risk.SAFE if call.has("-L", "-S", "--list") else Risk.CAUTION


def _archive(call: Invocation) -> Risk:
    if call.name in ("tar", "bsdtar"):
        if call.has("--remove-files", "--to-command", "--checkpoint-action"):
            return Risk.DANGER
        first = next(iter(call.arguments), "")
        lists = call.has("-t", "--list") or re.fullmatch(r"[a-z]*t[a-z]*", first)
        return Risk.SAFE if lists and not call.has("-x", "-c") else Risk.CAUTION
    if call.name == "unzip":
        return Risk.SAFE if call.has("-l", "-t", "-Z", "-p") else Risk.CAUTION
    only_reads = call.has("-c", "-t", "-l", "--stdout", "--test", "--list")
    return Risk.SAFE if only_reads else Risk.CAUTION


def _download(call: Invocation) -> Risk:
    if call.has("-o", "-O", "--output", "--remote-name", "-J", "--output-document"):
        targets = [*call.operands, *call.arguments]
        return Risk.DANGER if any(map(is_device, targets)) else Risk.CAUTION
    sends = call.has(
        "-d",
        "-X",
        "-F",
        "-T",
        "--data",
        "--data-raw",
        "--data-binary",
        "--json",
        "--request",
        "--form",
        "--upload-file",
        "--post-data",
        "--post-file",
        "-K",
        "--config",
        "--method",
    )
    return Risk.CAUTION if sends or call.name != "curl" else Risk.SAFE


def _disk_tool(call: Invocation) -> Risk:
    first = next(iter(call.arguments), "--help")
    return Risk.SAFE if first in LIST_OPTIONS else Risk.DANGER


def _mount(call: Invocation) -> Risk:
    return Risk.CAUTION if call.arguments else Risk.SAFE


def _service(call: Invocation) -> Risk:
    return Risk.SAFE if call.operands[1:2] in ([], ["status"]) else Risk.CAUTION


def _init(call: Invocation) -> Risk:
    return Risk.DANGER if call.operands else Risk.CAUTION


def _fuser(call: Invocation) -> Risk:
    return Risk.DANGER if call.has("-k", "--kill") else Risk.SAFE


def _pacman(call: Invocation) -> Risk:
    first = next(iter(call.arguments), "")
    if re.fullmatch(r"-(?:Q.*|S[sigl]+|F.*|T.*|V|h)", first):
        return Risk.SAFE
    return Risk.CAUTION


def _dpkg(call: Invocation) -> Risk:
    reads = call.has("-l", "-L", "-s", "-S", "-p", "--list", "--status", "--search")
    return Risk.SAFE if reads else Risk.CAUTION


def _sysctl(call: Invocation) -> Risk:
    writes = call.has("-w", "-p", "--write") or any(
        "=" in text for text in call.operands
    )
    return Risk.CAUTION if writes else Risk.SAFE


def _make(call: Invocation) -> Risk:
    return (
        Risk.SAFE if call.has("-n", "--dry-run", "-q", "--question") else Risk.CAUTION
    )


def _cloud(call: Invocation) -> Risk:
    """AWS, Google Cloud and Azure: the verb is one of the first operands."""
    verbs = call.operands[:5]
    if any(
        re.match(r"(?:delete|terminate|destroy|remove|purge|deregister|rb$|rm$)", verb)
        for verb in verbs
    ) or call.has("--delete"):
        return Risk.DANGER
    reads = any(
        re.match(r"(?:describe|list|get|show|ls$|help|info|version|scan|query)", verb)
        for verb in verbs
    )
    return Risk.SAFE if reads or not verbs else Risk.CAUTION


def _sql_client(call: Invocation) -> Risk:
    return Risk.SAFE if call.has("-l", "--list", "-V", "--version") else Risk.CAUTION


PROGRAMS: dict[str, Callable[[Invocation], Risk]] = {
    "rm": _remove,
    "rmdir": lambda _: Risk.CAUTION,
    "unlink": _remove,
    "dd": _dd,
    "chmod": _change_mode,
    "chown": _change_mode,
    "chgrp": _change_mode,
    "kill": _kill,
    "find": _find,
    "fd": _find,
    "fdfind": _find,
    "tee": _tee,
    "sponge": _tee,
    "crontab": _crontab,
    "history": _history,
    "atuin": _history,
    "curl": _download,
    "wget": _download,
    "init": _init,
    "fuser": _fuser,
    "pacman": _pacman,
    "yay": _pacman,
    "paru": _pacman,
    "dpkg": _dpkg,
    "rpm": lambda call: Risk.SAFE if call.has("-q", "--query") else Risk.CAUTION,
    "sysctl": _sysctl,
    "make": _make,
    "gmake": _make,
    "nft": _firewall,
    "iptables": _firewall,
    "ip6tables": _firewall,
    "mount": _mount,
    "service": _service,
    **dict.fromkeys(("cp", "mv", "install", "ln", "rsync", "scp"), _copy),
    **dict.fromkeys(("sed", "awk", "gawk", "mawk", "nawk"), _edit_stream),
    **dict.fromkeys(("jq", "yq", "sort", "black", "prettier", "ruff"), _in_place),
    **dict.fromkeys(("tar", "bsdtar", "unzip", "gzip", "gunzip"), _archive),
    **dict.fromkeys(("bzip2", "bunzip2", "xz", "unxz", "zstd", "lz4"), _archive),
    **dict.fromkeys(("aws", "gcloud", "az", "gsutil", "doctl", "oci"), _cloud),
    **dict.fromkeys(("psql", "mysql", "mariadb", "sqlite3", "mongosh"), _sql_client),
    **dict.fromkeys(DISK_TOOLS, _disk_tool),
}
