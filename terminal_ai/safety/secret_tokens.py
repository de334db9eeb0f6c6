"""Tokens whose first characters tell whose they are: prefix by prefix, as data.

A token is looked for only where its prefix stands, at the start of a word.
"""

# After a prefix: what makes up the rest, and how much of it there must be.
_HEX = "[0-9a-f]"
_WORD = "[A-Za-z0-9]"
_SAFE = "[A-Za-z0-9_-]"
_BASE64 = "[A-Za-z0-9+/=_-]"
_END = f"(?!{_WORD})"

TOKENS: tuple[tuple[str, str, str], ...] = (
    # kind, prefixes, what follows any of them
    ("aws-key", "AKIA ASIA ABIA ACCA", f"[A-Z2-7]{{16}}{_END}"),
    ("aws-key", "ABSK", f"{_BASE64}{{80,}}"),
    ("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", f"{_WORD}{{30,}}"),
    ("github-token", "github_pat_", "[A-Za-z0-9_]{22,}"),
    (
        "gitlab-token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct-"
        " GR1348941",
        "[A-Za-z0-9_.=-]{16,}",
    ),
    (
        "slack-token",
        "xoxa xoxb xoxe xoxo xoxp xoxr xoxs",
        "[.-][A-Za-z0-9.-]{10,}",
    ),
    ("slack-token", "xapp-", r"\d-[A-Za-z0-9-]{10,}"),
    ("google-key", "AIza", f"{_SAFE}{{35}}"),
    ("google-key", "ya29.", f"{_SAFE}{{20,}}"),
    ("google-key", "GOCSPX-", f"{_SAFE}{{20,}}"),
    ("google-key", "1//0", f"{_SAFE}{{30,}}"),
    (
        "stripe-key",
        "sk_live_ sk_test_ sk_org_ rk_live_ rk_test_",
        f"{_WORD}{{10,}}",
    ),
    ("stripe-key", "whsec_", f"{_BASE64}{{20,}}"),
    ("model-key", "sk-ant-", f"{_SAFE}{{16,}}"),
    ("model-key", "sk-", rf"(?!ssh-|ecdsa-)(?=[A-Za-z_-]{{0,80}}\d){_SAFE}{{20,}}"),
    ("model-key", "hf_ gsk_ pplx- r8_ xai- nvapi- tvly-", f"{_SAFE}{{30,}}"),
    ("npm-token", "npm_", f"{_WORD}{{36,}}"),
    ("pypi-token", "pypi-", f"{_SAFE}{{50,}}"),
    ("registry-token", "rubygems_", f"{_HEX}{{48}}"),
    ("registry-token", "dckr_pat_ dckr_oat_", f"{_SAFE}{{20,}}"),
    ("registry-token", "AKCp", f"{_WORD}{{60,}}"),
    ("registry-token", "oy2", f"[a-z0-9]{{43}}{_END}"),
    ("mail-key", "SG.", rf"{_SAFE}{{16,}}\.{_SAFE}{{16,}}"),
    ("mail-key", "key-", f"{_HEX}{{32}}{_END}"),
    ("mail-key", "xkeysib- xsmtpsib-", f"{_HEX}{{64}}-{_WORD}{{16}}"),
    ("twilio-key", "SK", f"{_HEX}{{32}}{_END}"),
    (
        "discord-token",
        "MD MT Mj Mz ND NT Nj Nz OD OT",
        rf"{_SAFE}{{21,26}}\.{_SAFE}{{6}}\.{_SAFE}{{27,40}}",
    ),
    ("cloud-token", "dop_v1_ doo_v1_ dor_v1_", f"{_HEX}{{64}}"),
    ("cloud-token", "HRKU-", f"{_SAFE}{{36,}}"),
    ("cloud-token", "fo1_", f"{_SAFE}{{40,}}"),
    ("cloud-token", "fm1a_ fm1r_ fm2_", f"{_BASE64}{{60,}}"),
    ("cloud-token", "LTAI", rf"(?={_WORD}{{0,20}}\d){_WORD}{{16,24}}{_END}"),
    ("cloud-token", "dapi", rf"{_HEX}{{32}}(?:-\d)?{_END}"),
    ("cloud-token", "nfp_ nfc_ nfo_ nfu_ nfb_", f"{_WORD}{{36}}"),
    ("cloud-token", "sbp_ bkua_ pul- squ_ sqp_ sqa_", f"{_HEX}{{40}}"),
    ("cloud-token", "sb_secret_", f"{_SAFE}{{20,}}"),
    ("cloud-token", "CCIPAT_ CCIPRJ_", f"{_SAFE}{{30,}}"),
    ("cloud-token", "pscale_", "(?:tkn|pw|oauth|otkn)_[A-Za-z0-9_=.-]{20,}"),
    ("cloud-token", "tskey-", "[a-z]+-[A-Za-z0-9-]{20,}"),
    ("vault-token", "hvs. hvb. hvr.", f"{_SAFE}{{20,}}"),
    ("vault-token", "dp.pt. dp.st. dp.ct. dp.sa.", "[A-Za-z0-9_.-]{30,}"),
    ("vault-token", "ops_eyJ", f"{_BASE64}{{80,}}"),
    ("vault-token", "AGE-SECRET-KEY-1", "[A-Z0-9]{50,}"),
    ("monitoring-key", "NRAK- NRII- NRJS-", f"{_SAFE}{{19,}}"),
    ("monitoring-key", "sntrys_ sntryu_", f"{_BASE64}{{40,}}"),
    ("monitoring-key", "glsa_ glc_", "[A-Za-z0-9_+/=]{32,}"),
    ("monitoring-key", "eyJrIjoi", f"{_WORD}{{40,}}=*"),
    ("monitoring-key", "dt0c01.", rf"[A-Z0-9]{{24}}\.{_WORD}{{64}}"),
    ("service-token", "ATATT3 ATCTT3 ATBB", f"{_BASE64}{{24,}}"),
    ("service-token", "PMAK-", f"{_HEX}{{24}}-{_HEX}{{34}}"),
    ("service-token", "lin_api_ ntn_", f"{_WORD}{{32,}}"),
    ("service-token", "sgp_", "[A-Za-z0-9_]{40,}"),
    ("service-token", "figd_", f"{_SAFE}{{32,}}"),
    ("service-token", "pat", rf"{_WORD}{{14}}\.{_HEX}{{64}}"),
    ("service-token", "shpat_ shpss_ shpca_ shppa_", "[0-9a-fA-F]{32}"),
    ("service-token", "sq0atp- sq0csp-", f"{_SAFE}{{20,}}"),
    ("service-token", "EZAK EZTK", f"{_WORD}{{54}}"),
    ("service-token", "sl.", rf"{_SAFE}{{100,}}"),
    # Nowhere inside a word: each attempt reads to the word's end.
    ("jwt", "eyJ", rf"(?<![_-]eyJ){_SAFE}{{8,}}\.{_SAFE}{{4,}}(?:\.{_SAFE}*){{1,3}}"),
    (
        "password-hash",
        "$1$ $5$ $6$ $y$ $2a$ $2b$ $2y$ $apr1$ $argon2i$ $argon2d$ $argon2id$",
        "[A-Za-z0-9./$=,+]{20,}",
    ),
    ("password-hash", "{SHA} {SSHA}", "[A-Za-z0-9+/]{27,}=*"),
    # A private key in base64, as in the files of kubectl.
    (
        "private-key",
        "LS0tLS1CRUdJTi",
        "(?:BSU0EgUFJJVkFU|BQUklWQVRF|BFQyBQUklWQVRF|BPUEVOU1NI|BFTkNSWVBURUQ"
        "|BEU0EgUFJJVkFU|BQR1AgUFJJVkFU)[A-Za-z0-9+/=]{20,}",
    ),
)
