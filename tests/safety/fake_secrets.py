"""Secrets invented at run time: one text a kind, and what must not be left of it.

They are put together from pieces, so that no scanner takes this file for a leak.
"""

import base64
import random
import string
from dataclasses import dataclass

_ALPHANUMERIC = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class FakeSecret:
    """A text as a terminal shows it, and the secret inside it."""

    kind: str
    text: str
    secret: str


class _Maker:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def word(self, length: int, alphabet: str = _ALPHANUMERIC) -> str:
        """Return random characters, a digit and both cases among them."""
        body = "".join(self._random.choice(alphabet) for _ in range(length - 3))
        return f"q7{body}Z" if alphabet == _ALPHANUMERIC else body + alphabet[:3]

    def hexadecimal(self, length: int) -> str:
        return "".join(self._random.choice("0123456789abcdef") for _ in range(length))

    def base64(self, octets: int) -> str:
        return base64.b64encode(self._random.randbytes(octets)).decode()

    def base64_url(self, octets: int) -> str:
        return (
            base64.urlsafe_b64encode(self._random.randbytes(octets))
            .decode()
            .rstrip("=")
        )


def fake_secrets(seed: int = 1) -> list[FakeSecret]:
    """Return about forty kinds of secret in the places where they leak."""
    make = _Maker(seed)
    upper = string.ascii_uppercase + "234567"
    password = make.word(12)
    cases: list[tuple[str, str, str]] = []

    def add(kind: str, template: str, secret: str) -> None:
        cases.append((kind, template.replace("@@", secret), secret))

    add("aws access key", "aws_access_key_id = @@", "AK" + "IA" + make.word(16, upper))
    add("aws temporary key", "creds @@ expire", "AS" + "IA" + make.word(16, upper))
    add("aws secret key", "aws_secret_access_key = @@", make.base64(30))
    add("aws secret json", '  "SecretAccessKey": "@@",', make.base64(30))
    add("aws session token", "export AWS_SESSION_TOKEN=@@", make.base64(60))
    add("github token", "remote: bad token @@.", "gh" + "p_" + make.word(36))
    add("github app token", "token @@", "gh" + "s_" + make.word(36))
    add("github fine token", "use @@ now", "github" + "_pat_" + make.word(60))
    add("gitlab token", "git clone -c x=@@", "gl" + "pat-" + make.word(20))
    add("slack bot token", "posting with @@", "xo" + "xb-" + make.word(24))
    add("slack app token", "posting with @@", "xa" + "pp-1-" + make.word(24))
    hook = "https://hooks.slack" + ".com/services/@@"
    add("slack webhook", hook, f"T{make.word(9)}/B{make.word(9)}/{make.word(24)}")
    add("google api key", "key=@@&q=x", "AI" + "za" + make.word(35))
    add("google oauth", "got @@", "ya" + "29." + make.word(60))
    add("stripe key", "stripe: @@", "sk" + "_live_" + make.word(24))
    add("openai key", "Incorrect API key provided: @@", "sk" + "-proj-" + make.word(48))
    add("anthropic key", "x @@ y", "sk" + "-ant-api03-" + make.word(60))
    add("hugging face", "login @@", "hf" + "_" + make.word(34))
    add("npm token", "//registry.npmjs.org/:_authToken=@@", "np" + "m_" + make.word(36))
    add("npm legacy", "_auth = @@", make.base64(18))
    add("pypi token", "password is @@", "pyp" + "i-" + make.word(80))
    add("sendgrid", "key @@", f"SG.{make.word(22)}.{make.word(43)}")
    add("digitalocean", "doctl @@", "dop" + "_v1_" + make.hexadecimal(64))
    add("docker token", "as @@", "dckr" + "_pat_" + make.word(27))
    add("vault token", "token  @@", "hv" + "s." + make.word(40))
    jwt = ".".join(["eyJ" + make.word(20), "eyJ" + make.word(40), make.base64_url(32)])
    add("jwt", "id=@@ ok", jwt)
    key_body = "\n".join(make.base64(48) for _ in range(12))
    kind = "RSA PRIVATE" + " KEY"
    begin, end = f"-----BEGIN {kind}-----", f"-----END {kind}-----"
    add("pem key", f"x\n{begin}\n@@\n{end}\ny", key_body)
    encrypted = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,ABCD\n\n"
    add("pem encrypted", f"{begin}\n{encrypted}@@\n{end}", key_body)
    add("pem in json", f'"k": "{begin}\\n@@\\n{end}"', key_body.replace("\n", "\\n"))
    add("pem without end", f"{begin}\n@@", key_body)
    add("pem without begin", f"@@\n{end}\n", key_body)
    add("url password", "git clone https://bob:@@@example.com/x.git", password)
    add("database url", "DATABASE_URL=postgres://app:@@@db:5432/app", password)
    add("url token", "https://@@@example.com/x.git", make.word(30))
    add("bearer header", "curl -H 'Authorization: Bearer @@' http://x", make.word(30))
    add("basic header", "> Authorization: Basic @@", make.base64(15))
    add("bare bearer", "sent bearer @@", make.word(30))
    add("key header", "-H 'X-Api-Key: @@'", make.word(24))
    add("private token", "-H 'PRIVATE-TOKEN: @@'", make.word(24))
    add("cookie header", "Cookie: sid=@@; theme=dark", make.word(24))
    add("set-cookie", "< Set-Cookie: session=@@; HttpOnly", make.word(24))
    add("mysql", "mysql -h db -u root -p@@ app", password)
    add("mysql quoted", "mysqldump -u root -p'@@ x' app", password)
    add("sshpass", "sshpass -p @@ ssh bob@host", password)
    add("docker login", "docker login -u bob -p @@ registry.io", password)
    add("curl user", "curl -s -u bob:@@ https://api.example.com", password)
    add("wget password", "wget --user=bob --password=@@ http://x", password)
    add("redis", "redis-cli -h x -a @@ ping", password)
    add("option", "tool --api-key @@ list", password)
    add("option word", "tool --password swordfish@@ list", "fisherman")
    add("openssl", "openssl rsa -passin pass:@@ -in k", password)
    add("exported", "export STRIPE_KEY=@@", password)
    add("assigned", "PGPASSWORD=@@ psql -h db", password)
    add("assigned quoted", "MYSQL_PWD='@@ with blanks' mysql", password)
    add("ini", "password=@@", "correcthorse")
    add("spaced ini", "db_password = @@", password)
    add("yaml", "  client_secret: @@", password)
    add("json", '{"user": "x", "password": "@@"}', "correcthorse")
    add("escaped json", '"{\\"token\\": \\"@@\\"}"', make.word(20))
    add("query", "GET /x?user=bob&token=@@&y=1", make.word(20))
    add("connection string", "Server=x;User=sa;Password=@@;", password)
    add("netrc", "machine api.x login bob password @@", password)
    add("netrc lines", "machine x\nlogin bob\npassword @@\n", password)
    add("azure", "AccountName=x;AccountKey=@@;", make.base64(64))
    add("docker config", '"auths": {"x": {"auth": "@@"}}', make.base64(20))
    add("wireguard", "PrivateKey = @@", make.base64(32))
    add("shadow", "root:@@:19000:0", f"$6${make.word(8)}${make.word(86)}")
    return [FakeSecret(*case) for case in cases]
