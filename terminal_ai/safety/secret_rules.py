"""The rules of ``redact``: one kind of secret each, as data.

Every pattern has the group ``secret`` and is linear on a long line: what stands around
a secret is matched within a named bound only. ``literals`` are lower case, and each
match's line holds at least one of them.
"""

import re
from dataclasses import dataclass

# What ends a word in a shell, in JSON, in a URL's query or in source code.
_WORD = r"[^\s\"'`;,&|<>(){}\[\]\\]"
_CLEAN_END = r"(?=[\s\"'`;&|\\]|$)"
# Base64 may start with a slash, too, but is never all lower case.
_NOT_A_PATH = (
    r"(?!(?-i:(?:/(?:Users|Library|Volumes|System)/|(?:~|\.{1,2})?/)"
    r"[a-z0-9_./@-]*(?:[^A-Za-z0-9+=]|$)))"
)
_HAS_DIGIT = rf"(?={_WORD}{{0,80}}\d)"


Span = tuple[int, int, str]
"""Where a secret stands: its start, its end and its kind."""


@dataclass(frozen=True, slots=True)
class SecretRule:
    """How one kind of secret looks.

    ``is_labelled`` says that something beside the value gives it away, not its shape;
    then placeholders such as ``$TOKEN`` or ``<password>`` are left alone.
    ``companion`` must be found on the same line.
    """

    kind: str
    literals: tuple[str, ...]
    pattern: re.Pattern[str]
    is_labelled: bool = False
    is_multiline: bool = False
    companion: re.Pattern[str] | None = None


def _value(minimum: int = 3, *, guard: str = "") -> str:
    """Return a pattern for a value in double, single or no quotes."""
    return (
        rf"\\?[\"']?{_NOT_A_PATH}{guard}(?P<secret>(?<=\")[^\"\n]{{{minimum},}}"
        rf"|(?<=')[^'\n]{{{minimum},}}|(?<![\"']){_WORD}{{{minimum},}})"
    )


def _shape(kind: str, literals: str, pattern: str) -> SecretRule:
    regex = re.compile(rf"(?a)(?<![A-Za-z0-9])(?P<secret>{pattern})")
    return SecretRule(kind, tuple(literals.split()), regex)


def _label(kind: str, literals: str, pattern: str, companion: str = "") -> SecretRule:
    return SecretRule(
        kind,
        tuple(literals.split()),
        re.compile(rf"(?aim){pattern}"),
        is_labelled=True,
        companion=re.compile(rf"(?ai){companion}") if companion else None,
    )


# What may stand between a name and its value: columns of a table, and tabs, which
# rendering makes up to eight blanks.
_GAP = r"[ \t]{0,40}"
_BLANKS = r"[ \t]{1,40}"

# Names whose value is a secret whatever it looks like.
_STRONG = (
    r"(?:pass(?:word|wd|phrase|code)|(?<!old)(?<=[a-z0-9_-])pwd|(?<=_)pass"
    r"|secret(?:[_-]?(?:access[_-]?)?key(?:_base)?)?|session_?token)"
)
# Names that source code and prose use for harmless things, too.
_WEAK = (
    r"(?:token|(?:api|access|private|auth|account|signing|encryption)[_-]?key"
    r"|credentials?|session[_-]?id)"
)
_ANY_NAME = rf"(?:{_STRONG}|{_WEAK})"
_NAME_LITERALS = (
    "passw passph passc pwd _pass secret token apikey api_key api-key accesskey"
    " access_key access-key privatekey private_key private-key authkey auth_key"
    " auth-key accountkey account_key account-key signingkey signing_key signing-key"
    " encryptionkey encryption_key encryption-key credential sessionid session_id"
    " session-id"
)
_SEPARATOR = rf"{_GAP}(?:=>|:=|[:=]){_GAP}"
# Words that follow an option's name in prose.
_PROSE = (
    r"(?!(?:an?|and|are|argument|as|can|file|flag|for|from|has|if|in|instead|is|it"
    r"|may|must|not|of|on|option|or|parameter|should|that|the|to|value|was|when|which"
    r"|will|with)\b)"
)
_VENDOR_SHAPE = (
    r"(?:npm_[A-Za-z0-9]{36,}|pypi-[A-Za-z0-9_-]{50,}|hf_[A-Za-z0-9]{30,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|do[opr]_v1_[a-f0-9]{64}"
    r"|shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}|dckr_pat_[A-Za-z0-9_-]{20,}"
    r"|hv[sbr]\.[A-Za-z0-9_-]{20,}|gl(?:sa|c)_[A-Za-z0-9_+/=]{32,}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{50,}|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{40,}"
    r"|lin_api_[A-Za-z0-9]{32,}|nvapi-[A-Za-z0-9_-]{40,}|tskey-[a-z]+-[A-Za-z0-9-]{20,}"
    r"|r8_[A-Za-z0-9]{36,}|figd_[A-Za-z0-9_-]{32,}|\d{8,10}:AA[A-Za-z0-9_-]{32,})"
)
_VENDOR_LITERALS = (
    "npm_ pypi- hf_ sg. doo_v1_ dop_v1_ dor_v1_ shpat_ shpss_ shpca_ shppa_ dckr_pat_"
    " hvs. hvb. hvr. glsa_ glc_ age-secret-key-1 gsk_ xai- lin_api_ nvapi- tskey- r8_"
    " figd_ :aa"
)
_PEM = re.compile(
    r"(?a)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?P<secret>(?:[\s>|+]{0,8}(?:Proc-Type|DEK-Info|Version|Comment|Hash):[^\n]{0,200})*"
    r"[A-Za-z0-9+/=\\\s>|]{16,})"
)
RULES: tuple[SecretRule, ...] = (
    SecretRule("private-key", ("-----begin",), _PEM, is_multiline=True),
    _shape(
        "aws-key",
        "akia asia abia acca",
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])",
    ),
    _shape(
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})",
    ),
    _shape(
        "gitlab-token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- gloas- glsoat-",
        r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[A-Za-z0-9_.=-]{16,}",
    ),
    _shape(
        "slack-token",
        "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe. xapp-",
        r"(?:xox[abeoprs][.-][A-Za-z0-9.-]{10,}|xapp-\d-[A-Za-z0-9-]{10,})",
    ),
    _shape(
        "google-key",
        "aiza ya29. gocspx-",
        r"(?:AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,})",
    ),
    _shape(
        "stripe-key",
        "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
        r"(?:[rs]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,})",
    ),
    _shape(
        "model-key",
        "sk-",
        r"sk-(?:ant-[A-Za-z0-9_-]{16,}|(?=[A-Za-z_-]{0,80}\d)[A-Za-z0-9_-]{20,})",
    ),
    _shape(
        "jwt",
        "eyj",
        r"(?<![_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3}",
    ),
    _shape("token", _VENDOR_LITERALS, _VENDOR_SHAPE),
    _shape(
        "password-hash",
        "$1$ $2a$ $2b$ $2y$ $5$ $6$ $y$ $argon2",
        r"\$(?:[156y]|2[aby]|argon2(?:id|i|d))\$[A-Za-z0-9./$=,+]{20,}",
    ),
    _label(
        "url-password",
        "://",
        r"[a-z][a-z0-9+.-]{1,20}://(?:[^\s/:@\"'<>\[]{0,100}:(?P<secret>[^\s/@\"'<>]{2,500})@)",
    ),
    _label(
        "url-token",
        "://",
        rf"https?://{_HAS_DIGIT}(?P<secret>[a-z0-9_-]{{20,500}})@",
    ),
    _label(
        "webhook",
        "hooks.slack.com/ /api/webhooks/",
        r"(?:hooks\.slack\.com/[a-z]{1,20}|discord(?:app)?\.com/api/webhooks/\d{1,30})"
        r"/(?P<secret>[a-z0-9/_-]{20,})",
    ),
    _label(
        "signature",
        "accountkey= sharedaccesskey= sig= -signature=",
        r"(?:AccountKey|SharedAccessKey|[?&]sig|X-(?:Amz|Goog)-Signature)="
        r"(?P<secret>[a-z0-9%+/=_-]{20,})",
    ),
    _label(
        "authorization",
        "authorization",
        rf"authorization[\"']?{_GAP}[:=]{_GAP}\\?[\"']?(?P<secret>"
        rf"(?:bearer|basic|token|negotiate|apikey|digest){_BLANKS}"
        r"[^\s\"'`<>${][^\r\n\"'`]{3,}"
        rf"|{_HAS_DIGIT}{_WORD}{{8,}})",
    ),
    _label(
        "bearer",
        "bearer",
        rf"\bbearer{_BLANKS}(?=[^\s]{{0,80}}\d)(?P<secret>[a-z0-9._~+/=-]{{16,}})",
    ),
    _label(
        "cookie",
        "cookie",
        rf"(?:cookie2?[\"']?{_GAP}:{_GAP}\\?[\"']?|--cookie[ =][\"']?)"
        r"(?P<secret>[a-z0-9_.-]{1,80}=[^\s\"';]{6,}[^\r\n\"']*)",
    ),
    _label(
        "password", "-p", rf"(?<!\S)(?-i:-p)(?!\s){_value(2)}", r"\b(?:mysql|mariadb)"
    ),
    _label("password", "-p", rf"(?<!\S)(?-i:-p){_GAP}{_value(2)}", r"\bsshpass\b"),
    _label("password", "-p", rf"(?<!\S)(?-i:-p)[ \t=]{{0,40}}{_value()}", r"\blogin\b"),
    _label("password", "-a", rf"(?<!\S)-a{_BLANKS}{_value()}", r"\bredis-cli\b"),
    _label(
        "password",
        "-u -a --user --proxy-user --auth",
        r"(?<!\S)(?:-u|-a|--user|--proxy-user|--auth)[ \t=]{0,40}[\"']?"
        r"[^\s:\"'\[]{1,100}:(?P<secret>[^\s\"']{2,})",
        r"\b(?:curl|wget|xh|https?)(?=\s)",
    ),
    _label("password", "pass:", rf"(?<![\w-])pass:{_value()}"),
    _label(
        "password",
        "password",
        rf"^{_GAP}password{_BLANKS}"
        rf"{_PROSE}{_value(guard=_HAS_DIGIT)}(?=[ \t]*$)",
    ),
    _label(
        "password",
        "password",
        rf"\blogin{_BLANKS}\S{{1,100}}{_BLANKS}password{_BLANKS}"
        rf"{_PROSE}{_value(guard=_HAS_DIGIT)}",
    ),
    _label(
        "secret-option",
        _NAME_LITERALS,
        rf"(?<!\S)--?(?:[a-z0-9]{{1,30}}-){{0,3}}(?:{_ANY_NAME}|pass)"
        rf"(?:=|{_BLANKS}{_PROSE}){_value()}",
    ),
    _label(
        "npm-token",
        "_auth",
        rf"(?<![a-z0-9])(?-i:_auth(?:Token)?){_GAP}={_GAP}{_value(6)}",
    ),
    _label(
        "registry-auth",
        '"auth" "identitytoken" "registrytoken"',
        r"\"(?:auth|identitytoken|registrytoken)\"\s{0,40}:\s{0,40}"
        r"\"(?P<secret>[a-z0-9+/=._-]{12,})",
    ),
    _label(
        "secret-variable",
        f"{_NAME_LITERALS} _key=",
        r"(?-i:(?<![A-Za-z0-9$.])[A-Z0-9_]{0,60}"
        r"(?:PASSWORD|PASSWD|PASSPHRASE|_PASS|(?<!OLD)(?<=[A-Z0-9_])PWD|SECRET"
        r"|TOKEN|(?:[A-Z0-9_])_?KEY|CREDENTIALS?)=)"
        rf"{_value()}{_CLEAN_END}",
    ),
    _label(
        "secret-assignment",
        _NAME_LITERALS,
        rf"{_ANY_NAME}\\?[\"']?{_SEPARATOR}{_value(6, guard=_HAS_DIGIT)}{_CLEAN_END}",
    ),
    _label(
        "secret-assignment",
        _NAME_LITERALS,
        rf"{_STRONG}\\?[\"']?{_SEPARATOR}(?=\\?[\"'][^\s,)]){_value(6)}",
    ),
    _label(
        "secret-assignment",
        _NAME_LITERALS,
        rf"(?:(?:^|[ \t\"'`/])[a-z0-9_.-]{{0,60}}|[?&;][a-z_]{{0,20}})"
        rf"{_STRONG}={_value()}{_CLEAN_END}",
    ),
)

# What a value in documentation or code looks like when it is no secret.
_NOUN = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|pw|secret|token|key|api[_-]?key"
    r"|credentials?|auth)s?"
)
_PLACEHOLDER = re.compile(
    rf"(?ai)\$\{{?\w+.*|\$\(.*|<.*>?|\{{.*|%\w|%\(.*|%\w+%|\*+|x{{3,}}|\.{{3,}}"
    rf"|(?:your|my|the|some|an?|example|user(?:name)?|dummy|fake)?[ _-]?{_NOUN}"
    r"(?:[ _-]?here)?|none|null|nil|true|false|undefined|str(?:ing)?|int(?:eger)?"
    r"|bool(?:ean)?|bytes|float|optional|required|changeme|redacted|hidden|self"
)


def is_placeholder(value: str) -> bool:
    """True for what stands in examples and code where a secret would be."""
    return _PLACEHOLDER.fullmatch(value) is not None
