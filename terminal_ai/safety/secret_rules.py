"""The rules of ``redact``: one kind of secret each, as data.

Every pattern has the group ``secret`` and is linear on a long line: what stands around
a secret is matched within a named bound only. ``literals`` are lower case, and each
match's line holds at least one of them.
"""

import functools
import re
from dataclasses import dataclass

from terminal_ai.safety.secret_tokens import TOKENS

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
    ``is_prefixed`` says that each match begins with a literal, in its very case.
    ``companion_source`` must be found on the same line.
    """

    kind: str
    literals: tuple[str, ...]
    source: str
    is_labelled: bool = False
    is_prefixed: bool = False
    companion_source: str = ""

    @property
    def pattern(self) -> re.Pattern[str]:
        """What is looked for; compiled when the first literal is met."""
        return _compiled(self.source)

    @property
    def companion(self) -> re.Pattern[str] | None:
        """What must be on the same line, if anything."""
        return _compiled(self.companion_source) if self.companion_source else None


@functools.cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _value(minimum: int = 3, *, guard: str = "") -> str:
    """Return a pattern for a value in double, single or no quotes."""
    return (
        rf"\\?[\"']?{_NOT_A_PATH}{guard}(?P<secret>(?<=\")[^\"\n]{{{minimum},}}"
        rf"|(?<=')[^'\n]{{{minimum},}}|(?<![\"']){_WORD}{{{minimum},}})"
    )


def _shape(kind: str, literals: str, pattern: str) -> SecretRule:
    source = rf"(?a)(?<![A-Za-z0-9])(?P<secret>{pattern})"
    return SecretRule(kind, tuple(literals.split()), source)


def _token(kind: str, prefixes: str, rest: str) -> SecretRule:
    literals = tuple(prefixes.split())
    prefix = "|".join(map(re.escape, literals))
    source = rf"(?a)(?<![A-Za-z0-9])(?P<secret>(?:{prefix}){rest})"
    return SecretRule(kind, literals, source, is_prefixed=True)


def _label(kind: str, literals: str, pattern: str, companion: str = "") -> SecretRule:
    return SecretRule(
        kind,
        tuple(literals.split()),
        rf"(?aim){pattern}",
        is_labelled=True,
        companion_source=rf"(?ai){companion}" if companion else "",
    )


# What may stand between a name and its value: columns of a table, and tabs, which
# rendering makes up to eight blanks.
_GAP = r"[ \t]{0,40}"
_BLANKS = r"[ \t]{1,40}"

# Names whose value is a secret whatever it looks like.
_STRONG = (
    r"(?:pass(?:word|wd|phrase|code)|(?<!old)(?<=[a-z0-9_;-])pwd|(?<=_)pass|\bpsk"
    r"|secret(?:[ _-]?(?:access[ _-]?)?key(?:_base)?)?|session_?token)"
)
# Names that source code and prose use for harmless things, too.
_WEAK = (
    r"(?:token|(?:api|access|private|auth|account|signing|encryption|subscription"
    r"|functions|app|application|master|admin|service|shared|consumer|decryption)"
    r"[_-]?key|credentials?|session[_-]?id|(?<![a-z0-9_])pass)"
)
_ANY_NAME = rf"(?:{_STRONG}|{_WEAK})"
_NAME_LITERALS = (
    "passw passph passc pwd _pass psk secret token credential sessionid session_id"
    " session-id pass= pass: ikey i_key i-key skey s_key s-key ekey e_key e-key hkey"
    " h_key h-key tkey t_key t-key gkey g_key g-key nkey n_key n-key pkey p_key p-key"
    " rkey r_key r-key dkey d_key d-key"
)
"""A name that ends in ``key`` has one of the letters before it that our names have."""
# Before it, what a program that asks for a value shows of the old one.
_SEPARATOR = rf"(?:[ \t]{{1,8}}\[[^\]\n]{{0,40}}\])?{_GAP}(?:=>|:=|[:=]){_GAP}"
# Words that follow an option's name in prose.
_PROSE = (
    r"(?!(?:an?|and|are|argument|as|can|file|flag|for|from|has|if|in|instead|is|it"
    r"|may|must|not|of|on|option|or|parameter|should|that|the|to|value|was|when|which"
    r"|will|with)\b)"
)
# Programs whose option of one letter is a password.
_SMALL_P = r"\b(?:mongo(?:sh|dump|restore)?|twine|(?:htt)?passwd-cli|cadaver)\b"
_JOINED_P = r"\b(?:mysql|mariadb)|\b(?:7z[ar]?|7zz|rar|unrar)\b"
_BIG_P = r"\b(?:sqlcmd|bcp|osql|tsql|mosquitto_[a-z]+|zip|unzip|pscp|plink|ipmitool)\b"
_FED_BY_ECHO = (
    r"\|.{0,200}(?:--password-stdin|--with-token|--stdin\b|\bsudo\s+(?:-\w+\s+)*-\w*S"
    r"|\bchpasswd\b|--passphrase-fd|--token-stdin|\bcryptsetup\b)"
    r"|(?:key|pass\w*|secret|token)\S{0,20}[ =]<\("
)
_SETS = r"\b(?:config(?:ure)?|nmcli|set)\b"

RULES: tuple[SecretRule, ...] = (
    *(_token(*token) for token in TOKENS),
    _shape("mail-key", "-us", r"[0-9a-f]{32}-us\d{1,2}(?!\w)"),
    _shape("telegram-token", ":aa", r"\d{8,10}:AA[A-Za-z0-9_-]{32,}"),
    _shape("azure-key", "q~", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,}"),
    _shape("cloud-token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{50,}"),
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
        "webhook", "incomingwebhook/", r"IncomingWebhook/(?P<secret>[a-z0-9/-]{20,})"
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
        rf"authorization[\"']?{_GAP}[:=]{_GAP}\\?[\"']?"
        rf"(?:(?:bearer|basic|token|negotiate|apikey|digest){_BLANKS}"
        r"(?P<secret>[^\s\"'`<>${][^\r\n\"'`]{3,})"
        rf"|(?P<other>{_HAS_DIGIT}{_WORD}{{8,}}))",
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
        "cookie",
        "true false",
        r"^\S{1,200}[ \t]+(?-i:TRUE|FALSE)[ \t]+/\S{0,200}[ \t]+(?-i:TRUE|FALSE)"
        r"[ \t]+\d{1,12}[ \t]+\S{1,200}[ \t]+(?P<secret>\S{6,})",
    ),
    _label(
        "cookie",
        "-b",
        r"(?<!\S)-b[ =]?[\"']?(?P<secret>[a-z0-9_.-]{1,80}=[^\s\"';]{6,}[^\r\n\"']*)",
        r"\bcurl\b",
    ),
    _label("password", "-p", rf"(?<!\S)(?-i:-p)(?!\s){_value(2)}", _JOINED_P),
    _label("password", "-p", rf"(?<!\S)(?-i:-p){_BLANKS}{_value()}", _SMALL_P),
    _label("password", "-p", rf"(?<!\S)(?-i:-P){_GAP}{_value()}", _BIG_P),
    _label("password", "-w", rf"(?<!\S)-w{_GAP}{_value()}", r"\bldap[a-z]+\b"),
    _label("password", "/p:", rf"(?<!\S)/p:{_value()}", r"\b\w*(?:freerdp|rdesktop)\b"),
    _label(
        "password", "%", rf"(?<!\S)-U{_GAP}[^\s%]{{1,80}}%{_value()}", r"\bsmb|\brpc"
    ),
    _label(
        "password", "--pass", rf"(?<!\S)--pass{_BLANKS}{_value()}", r"\bredis-cli\b"
    ),
    _label(
        "password", "pass", rf"(?<!\S)-\w{{0,20}}(?:store|key)pass{_BLANKS}{_value()}"
    ),
    _label(
        "password",
        "requirepass masterauth",
        rf"^{_GAP}\w+(?<=requirepass|.masterauth)"
        rf"{_BLANKS}{_value()}",
    ),
    _label(
        "password",
        "wpa_passphrase",
        rf"wpa_passphrase{_BLANKS}\S{{1,64}}{_BLANKS}"
        rf"{_value(8)}",
    ),
    _label(
        "password",
        "htpasswd",
        rf"htpasswd{_BLANKS}-\w*b\w*(?:{_BLANKS}\S{{1,200}})"
        rf"{{1,4}}{_BLANKS}{_value()}{_GAP}$",
    ),
    _label(
        "token",
        "-a",
        rf"(?<!\S)-a{_BLANKS}{_value(8)}",
        r"(?-i:-A|--auth-type)[ =]?bearer",
    ),
    _label(
        "password",
        "echo printf",
        rf"\b(?:echo|printf){_BLANKS}(?:-\w{{1,5}}{_BLANKS})?[\"']?"
        r"(?:[a-z_][a-z0-9_-]{0,31}:)?(?P<secret>[^\s\"'|$()]{4,})",
        _FED_BY_ECHO,
    ),
    _label(
        "password",
        "identified",
        rf"\bidentified{_BLANKS}(?:with{_BLANKS}\S{{1,60}}"
        rf"{_BLANKS})?by{_BLANKS}(?:password{_BLANKS})?'(?P<secret>[^'\n]{{2,}})'",
    ),
    _label(
        "password",
        "password",
        rf"\bpassword{_BLANKS}'(?P<secret>[^'\n]{{4,}})'"
        rf"(?={_GAP}(?:;|valid\b|login\b|$))",
    ),
    _label(
        "password",
        ":5432: :5433: :6432: :*:",
        r"^(?:[a-z0-9.*_-]{1,100}|\[[0-9a-f:]{2,40}\]):(?:5432|5433|6432|\*)"
        r":[^\s:]{1,64}:[^\s:]{1,64}:(?P<secret>\S{3,})$",
    ),
    _label("password", "-p", rf"(?<!\S)(?-i:-p){_GAP}{_value(2)}", r"\bsshpass\b"),
    _label("password", "-p", rf"(?<!\S)(?-i:-p)[ \t=]{{0,40}}{_value()}", r"\blogin\b"),
    _label("password", "-a", rf"(?<!\S)-a{_BLANKS}{_value()}", r"\bredis-cli\b"),
    _label(
        "password",
        "curl wget xh http",
        r"(?<!\S)(?:-[a-z]{0,6}u|-a|--user|--proxy-user|--auth)[ \t=]{0,40}[\"']?"
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
        rf"\b(?:login|machine){_BLANKS}\S{{1,100}}{_BLANKS}password{_BLANKS}"
        rf"{_PROSE}{_value(guard=_HAS_DIGIT)}",
    ),
    _label(
        "secret-option",
        _NAME_LITERALS,
        rf"(?<!\S)--?(?!no-)(?:[a-z0-9]{{1,30}}-){{0,3}}(?:{_ANY_NAME}|pass)"
        # Far from its option a word may be what explains it.
        rf"(?:=|[ \t]{_PROSE}|{_BLANKS}{_PROSE}(?=\S{{8}}|\S{{0,7}}\d))"
        rf"(?!(?:pass|env|file|fd|stdin)\b[:\s]){_value()}",
    ),
    _label(
        "secret-option",
        "key",
        rf"(?<!\S)--?(?:[a-z0-9]{{1,30}}[_-]){{1,3}}key(?:=|{_BLANKS})"
        rf"{_value(16, guard=_HAS_DIGIT)}",
    ),
    _label(
        "secret-setting",
        f"{_NAME_LITERALS} _auth _key",
        rf"(?<!\S)[a-z0-9_./:-]{{0,80}}(?:{_ANY_NAME}|_auth|(?<=[a-z0-9])_key)"
        rf"{_BLANKS}{_PROSE}{_value(guard=_HAS_DIGIT)}",
        _SETS,
    ),
    _label(
        "secret-element",
        _NAME_LITERALS,
        rf"<[a-z0-9:._-]{{0,60}}{_ANY_NAME}>(?P<secret>[^<>\n]{{4,}})</",
    ),
    _label(
        "secret-element",
        _NAME_LITERALS,
        rf"(?:key|name)=\"[^\"\n]{{0,60}}{_ANY_NAME}[^\"\n]{{0,20}}\"{_BLANKS}"
        r"value=\"(?P<secret>[^\"\n]{4,})\"",
    ),
    _label(
        "query",
        "key= code= auth=",
        r"[?&](?:key|code|auth)=(?=[^\s&\"']{0,80}\d)(?P<secret>[a-z0-9._~%+/=-]{16,})",
    ),
    _label(
        "private-key",
        "client-key-data",
        rf"client-key-data\"?{_GAP}:{_GAP}{_value(16)}",
    ),
    _label(
        "npm-token",
        "_auth",
        rf"(?<![a-z0-9])(?-i:_auth(?:Token)?){_GAP}={_GAP}{_value(6)}",
    ),
    _label(
        "registry-auth",
        '"auth" "identitytoken" "registrytoken"',
        r"\"(?:auth|identitytoken|registrytoken)\"[ \t]{0,40}:[ \t]{0,40}"
        r"\"(?P<secret>[a-z0-9+/=._-]{12,})",
    ),
    _label(
        "secret-variable",
        f"{_NAME_LITERALS} _key= key= sshpass= _auth=",
        r"(?-i:(?<![A-Za-z0-9$.])[A-Z0-9_]{0,60}"
        r"(?:PASSWORD|PASSWD|PASSPHRASE|_PASS|SSHPASS|_AUTH|(?<!OLD)(?<=[A-Z0-9_])PWD|SECRET"
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
    r"|bool(?:ean)?|bytes|float|optional|required|changeme|redacted|hidden|self|options?|text|value|prompt|stdin"
    r"|(?:user|file|key|path)?[-_ ]?(?:id|name|file|path)"
)


def is_placeholder(value: str) -> bool:
    """True for what stands in examples and code where a secret would be."""
    return _PLACEHOLDER.fullmatch(value) is not None
