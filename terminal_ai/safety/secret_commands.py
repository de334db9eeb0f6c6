"""Which commands print secrets, and in what form, as data."""

import enum
import re
from collections.abc import Sequence

from terminal_ai.safety.secret_names import SECRET_NAME


class Printing(enum.Enum):
    """How a command's output holds secrets."""

    ASSIGNED = enum.auto()
    """Lines such as ``NAME=value``."""
    PAIRED = enum.auto()
    """Names and values in columns, in YAML or in JSON."""
    SECTIONS = enum.auto()
    """Values under ``data:`` or ``environment:``."""
    HOSTS = enum.auto()
    """The last of five fields between colons."""
    WHOLE = enum.auto()
    """Each line is a secret."""


_COMMANDS: tuple[tuple[Printing, str], ...] = (
    (Printing.WHOLE, r"printenv(?: -0)?(?: [^-\s]\S*)+"),
    (Printing.ASSIGNED, r"printenv|set|export(?: -p)?|(?:declare|typeset)(?: -[xp]+)*"),
    # With another word it runs a program.
    (Printing.ASSIGNED, r"env(?: (?:-0|-i|-u \S+|[A-Za-z_]\w*=\S*))*"),
    (
        Printing.WHOLE,
        r"gcloud .*\b(?:print-(?:access|identity)-token|versions access)\b.*",
    ),
    (Printing.WHOLE, r"gh auth token\b.*|glab auth token\b.*|npm token create\b.*"),
    (Printing.WHOLE, r"op read\b.*|op item get .*--fields?\b.*"),
    (Printing.PAIRED, r"op item get\b.*"),
    (
        Printing.WHOLE,
        r"(?:pass|gopass)(?: show)?(?: -\S+)* (?!(?:ls|list|find|search|init|git|mv"
        r"|cp|rm|insert|edit|generate|help|version|otp|grep|show)\b)\S+.*",
    ),
    (
        Printing.WHOLE,
        r"(?:bw|rbw|keyring) get\b.*|lpass show\b.*|secret-tool lookup\b.*",
    ),
    (
        Printing.WHOLE,
        r"security find-(?:generic|internet)-password\b.* -[a-z]*[wg]\b.*",
    ),
    (
        Printing.WHOLE,
        r"aws configure get (?!.*\b(?:region|output)$).*"
        r"|aws ecr\S* get-login-password\b.*"
        r"|aws (?:secretsmanager|ssm|sts|iam) .*--query\b.*",
    ),
    (
        Printing.PAIRED,
        r"aws configure (?:list|export-credentials)\b.*|aws ssm get-parameters?\S* .*"
        r"|aws secretsmanager (?:get|batch-get)-secret-value\b.*|aws sts .*"
        r"|aws iam create-(?:access-key|service-specific-credential)\b.*",
    ),
    (Printing.WHOLE, r"az account get-access-token\b.* (?:-o|--output) tsv\b.*"),
    (Printing.PAIRED, r"az account get-access-token\b.*|az keyvault secret show\b.*"),
    (Printing.WHOLE, r"heroku config:get\b.*|heroku auth:token\b.*"),
    (Printing.PAIRED, r"heroku config(?: .*)?"),
    (Printing.WHOLE, r"doppler secrets get\b.*--plain\b.*"),
    (Printing.PAIRED, r"doppler secrets\b.*|chamber (?:read|export|list -e)\b.*"),
    (Printing.WHOLE, r"(?:vault|bao) (?:kv get|read)\b.* -field\b.*"),
    (Printing.WHOLE, r"(?:vault|bao) print token\b.*"),
    (
        Printing.PAIRED,
        r"(?:vault|bao) (?:kv get|read|login|token create|token lookup|unwrap)\b.*",
    ),
    (
        Printing.WHOLE,
        r"(?:kubectl|oc|k)\b.* get\b.* secrets?\b.* (?:-o|--output)[ =]?(?:jsonpath"
        r"|go-template|custom-columns|template)\b.*|(?:kubectl|oc|k) create token\b.*"
        r"|oc whoami -t\b.*",
    ),
    (Printing.SECTIONS, r"(?:kubectl|oc|k)\b.* (?:get|edit|create)\b.* secrets?\b.*"),
    (Printing.ASSIGNED, r"(?:docker|podman|nerdctl)(?: \w+)? inspect\b.*"),
    (Printing.SECTIONS, r"(?:docker|podman)[ -]compose\b.* (?:config|convert)\b.*"),
    (Printing.ASSIGNED, r"systemctl show\b.*|docker exec \S+ env"),
    (
        Printing.WHOLE,
        r"wg gen(?:key|psk)\b.*|pwgen\b.*|apg\b.*|openssl rand\b.*|mkpasswd\b.*"
        r"|age-keygen\b.*|(?:gpg2?|age)\b.* (?:-d|--decrypt)\b.*"
        r"|ansible-vault view\b.*",
    ),
    (Printing.PAIRED, r"sops\b.* (?:-d|--decrypt|decrypt)\b.*"),
)
_PATTERNS = tuple((printing, re.compile(source)) for printing, source in _COMMANDS)

_WRAPPERS = frozenset(
    {"sudo", "doas", "command", "builtin", "time", "nohup", "docker", "podman", "ssh"}
    | {"kubectl", "oc", "chroot", "nsenter", "su", "watch", "xargs", "fly", "flyctl"}
    | {"heroku", "docker-compose", "exec", "nice", "env"}
)
_WRAPPED = frozenset({"env", "printenv", "cat"})
_READING = frozenset(
    {
        "cat",
        "bat",
        "batcat",
        "less",
        "more",
        "head",
        "tail",
        "grep",
        "egrep",
        "rg",
        "nl",
    }
    | {
        "tac",
        "strings",
        "sed",
        "awk",
        "cut",
        "sort",
        "jq",
        "yq",
        "xxd",
        "base64",
        "view",
    }
    | {"zcat", "fgrep", "ag", "diff", "type", "gc"}
)
_FILES: tuple[tuple[Printing, re.Pattern[str]], ...] = (
    (
        Printing.WHOLE,
        re.compile(
            r"(?:.*/)?(?:run/secrets/.+|\.vault-token|serviceaccount/token|\.?[\w.-]*"
            r"(?:password|passphrase|token|apikey|api[_-]key|secret)(?:\.txt|\.key)?)"
        ),
    ),
    (Printing.HOSTS, re.compile(r"(?:.*/)?\.pgpass")),
    (
        Printing.ASSIGNED,
        re.compile(
            r"(?:.*/)?(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.?envrc|environ|environment"
            r"|credentials|\.npmrc|\.pypirc|\.s3cfg|\.boto|\.my\.cnf|[\w.-]+\.tfvars)"
        ),
    ),
    (
        Printing.PAIRED,
        re.compile(
            r"(?:.*/)?(?:secrets?\.(?:ya?ml|json|toml|properties)|credentials\.\w+"
            r"|application_default_credentials\.json|hosts\.yml)"
        ),
    ),
)
_EXPANSION = re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)")
_EXPANSIONS_LIMIT = 32


def printing_of(words: Sequence[str]) -> Printing | None:
    """Return how the output of one command holds secrets, if it does."""
    words = _unwrapped(words)
    if not words:
        return None
    program = words[0].rpartition("/")[2]
    line = " ".join((program, *words[1:]))
    for printing, pattern in _PATTERNS:
        if pattern.fullmatch(line):
            return printing
    if program in _READING:
        return _printing_of_files(words[1:])
    if program in ("echo", "printf", "print"):
        names = [match["name"] for match in _EXPANSION.finditer(line)]
        if any(SECRET_NAME.search(name) for name in names[:_EXPANSIONS_LIMIT]):
            return Printing.WHOLE
    return None


def _unwrapped(words: Sequence[str]) -> Sequence[str]:
    """Return what a wrapper runs, if it is a command that is known here."""
    if not words or words[0].rpartition("/")[2] not in _WRAPPERS:
        return words
    for at in range(1, len(words)):
        if words[at].rpartition("/")[2] in _WRAPPED:
            return words[at:]
    is_plain = words[0] in ("sudo", "doas", "command", "builtin", "time", "nohup")
    if is_plain and len(words) > 1 and not words[1].startswith("-"):
        return words[1:]
    return words


def _printing_of_files(arguments: Sequence[str]) -> Printing | None:
    for argument in arguments:
        for printing, pattern in _FILES:
            if not argument.startswith("-") and pattern.fullmatch(argument):
                return printing
    return None
