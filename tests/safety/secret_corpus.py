"""Secrets by kind, in the places where terminals show them.

The shapes are those that vendors and the makers of secret scanners document; the values
are invented at run time and put together from pieces, so that no scanner takes this
file for a leak.
"""

import base64
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ALPHANUMERIC = string.ascii_letters + string.digits
HEXADECIMAL = "0123456789abcdef"
URL_SAFE = ALPHANUMERIC + "_-"
BASE32 = string.ascii_uppercase + "234567"


@dataclass(frozen=True, slots=True)
class ShownSecret:
    """One secret of a kind as a terminal shows it.

    None of ``parts`` may be left of ``text``.
    """

    kind: str
    place: str
    text: str
    parts: tuple[str, ...]

    def is_left_in(self, text: str) -> bool:
        """True if any part of the secret can be read in the text."""
        return any(part in text for part in self.parts)


class Maker:
    """Invents values that look like those of vendors."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, length: int, alphabet: str = ALPHANUMERIC) -> str:
        """Return random characters, a digit among the first ones."""
        digits = [one for one in alphabet if one.isdigit()] or list(alphabet)
        body = [self._random.choice(alphabet) for _ in range(length)]
        body[min(2, length - 1)] = self._random.choice(digits)
        return "".join(body)

    def hexadecimal(self, length: int) -> str:
        return self.of(length, HEXADECIMAL)

    def octets(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def base64(self, count: int) -> str:
        return base64.b64encode(self.octets(count)).decode()

    def url_base64(self, count: int) -> str:
        return base64.urlsafe_b64encode(self.octets(count)).decode().rstrip("=")

    def uuid(self) -> str:
        return "-".join(self.hexadecimal(count) for count in (8, 4, 4, 4, 12))

    def password(self) -> str:
        """Return what a person or a manager of passwords makes up."""
        word = self._random.choice(("Trout", "Maple", "Raven", "Comet", "Ember"))
        return f"{word}{self.of(3, string.digits)}-{self.of(5)}"


# Tokens that tell by themselves what they are; "@" and what follows are filled in.
TOKENS: dict[str, Callable[[Maker], str]] = {
    "aws access key": lambda m: "AK" + "IA" + m.of(16, BASE32),
    "aws temporary key": lambda m: "AS" + "IA" + m.of(16, BASE32),
    "github personal": lambda m: "gh" + "p_" + m.of(36),
    "github oauth": lambda m: "gh" + "o_" + m.of(36),
    "github server": lambda m: "gh" + "s_" + m.of(36),
    "github refresh": lambda m: "gh" + "r_" + m.of(76),
    "github fine-grained": lambda m: "github" + "_pat_" + m.of(22) + "_" + m.of(59),
    "gitlab personal": lambda m: "gl" + "pat-" + m.of(20, URL_SAFE[:-1]) + "a",
    "gitlab routable": lambda m: (
        "gl" + "pat-" + m.of(27) + "." + m.of(2, HEXADECIMAL) + "." + m.of(9)
    ),
    "gitlab runner": lambda m: "gl" + "rt-" + m.of(20),
    "gitlab job": lambda m: "gl" + "cbt-64_" + m.of(20),
    "slack bot": lambda m: (
        "xo" + f"xb-{m.of(12, string.digits)}-{m.of(12, string.digits)}-{m.of(24)}"
    ),
    "slack user": lambda m: "xo" + f"xp-{m.of(12, string.digits)}-{m.hexadecimal(32)}",
    "slack app": lambda m: (
        "xa" + f"pp-1-A{m.of(10)}-{m.of(13, string.digits)}-{m.hexadecimal(64)}"
    ),
    "stripe live": lambda m: "sk" + "_live_" + m.of(99),
    "stripe restricted": lambda m: "rk" + "_live_" + m.of(24),
    "stripe webhook": lambda m: "wh" + "sec_" + m.of(32),
    "google api key": lambda m: "AI" + "za" + m.of(35, URL_SAFE[:-1]),
    "google access token": lambda m: "ya" + "29." + m.of(120, URL_SAFE[:-2]),
    "google client secret": lambda m: "GOC" + "SPX-" + m.of(28),
    "google refresh token": lambda m: "1/" + "/0" + m.of(2) + "A" + m.of(80),
    "openai project": lambda m: "sk" + "-proj-" + m.of(74) + "T3BlbkFJ" + m.of(74),
    "openai legacy": lambda m: "sk" + "-" + m.of(20) + "T3BlbkFJ" + m.of(20),
    "openrouter": lambda m: "sk" + "-or-v1-" + m.hexadecimal(64),
    "anthropic": lambda m: "sk" + "-ant-api03-" + m.of(93, URL_SAFE[:-2]) + "AA",
    "hugging face": lambda m: "hf" + "_" + m.of(34),
    "npm": lambda m: "np" + "m_" + m.of(36),
    "pypi": lambda m: "pyp" + "i-AgEIcHlwaS5vcmc" + m.of(90, URL_SAFE[:-2]),
    "sendgrid": lambda m: "S" + "G." + m.of(22) + "." + m.of(43),
    "twilio api key": lambda m: "S" + "K" + m.hexadecimal(32),
    "mailgun": lambda m: "ke" + "y-" + m.hexadecimal(32),
    "mailchimp": lambda m: m.hexadecimal(32) + "-us" + m.of(2, string.digits),
    "digitalocean": lambda m: "do" + "p_v1_" + m.hexadecimal(64),
    "docker hub": lambda m: "dc" + "kr_pat_" + m.of(27),
    "vault service": lambda m: "hv" + "s." + m.of(95),
    "telegram bot": lambda m: m.of(10, string.digits[1:]) + ":AA" + m.of(33),
    "discord bot": lambda m: "MT" + m.of(24) + "." + m.of(6) + "." + m.of(38),
    "atlassian": lambda m: "AT" + "ATT3xFfGF0" + m.of(180) + "=" + m.of(8),
    "bitbucket": lambda m: "AT" + "BB" + m.of(32),
    "databricks": lambda m: "da" + "pi" + m.hexadecimal(32),
    "grafana service": lambda m: "gl" + "sa_" + m.of(32) + "_" + m.hexadecimal(8),
    "doppler": lambda m: "dp" + ".pt." + m.of(43),
    "planetscale": lambda m: "psc" + "ale_tkn_" + m.of(43),
    "postman": lambda m: "PM" + "AK-" + m.hexadecimal(24) + "-" + m.hexadecimal(34),
    "new relic": lambda m: "NR" + "AK-" + m.of(27, BASE32),
    "linear": lambda m: "li" + "n_api_" + m.of(40),
    "notion": lambda m: "nt" + "n_" + m.of(11, string.digits) + m.of(35),
    "pulumi": lambda m: "pu" + "l-" + m.hexadecimal(40),
    "terraform cloud": lambda m: m.of(14) + ".atl" + "asv1." + m.of(67),
    "fly": lambda m: "fm" + "2_" + m.base64(100),
    "sourcegraph": lambda m: "sg" + "p_" + m.hexadecimal(40),
    "shopify": lambda m: "sh" + "pat_" + m.hexadecimal(32),
    "sentry": lambda m: "sn" + "trys_eyJ" + m.of(90) + "_" + m.of(43),
    "heroku": lambda m: "HR" + "KU-AA" + m.of(58),
    "rubygems": lambda m: "ru" + "bygems_" + m.hexadecimal(48),
    "1password service": lambda m: "op" + "s_eyJ" + m.of(250),
    "age": lambda m: "AGE-SEC" + "RET-KEY-1" + m.of(58, BASE32[:20] + "2345"),
    "airtable": lambda m: "pa" + "t" + m.of(14) + "." + m.hexadecimal(64),
    "supabase": lambda m: "sb" + "p_" + m.hexadecimal(40),
    "tailscale": lambda m: "ts" + "key-auth-k" + m.of(10) + "CNTRL-" + m.of(32),
    "groq": lambda m: "gs" + "k_" + m.of(52),
    "perplexity": lambda m: "pp" + "lx-" + m.of(48),
    "replicate": lambda m: "r8" + "_" + m.of(37),
    "azure client secret": lambda m: m.of(3) + "8Q~" + m.of(34),
    "square": lambda m: "sq" + "0atp-" + m.of(22),
    "jfrog": lambda m: "AK" + "Cp" + m.of(69),
    "brevo": lambda m: "xk" + "eysib-" + m.hexadecimal(64) + "-" + m.of(16),
    "sonar": lambda m: "sq" + "u_" + m.hexadecimal(40),
    "buildkite": lambda m: "bk" + "ua_" + m.hexadecimal(40),
    "circleci": lambda m: "CC" + "IPAT_" + m.of(22) + "_" + m.hexadecimal(40),
    "netlify": lambda m: "nf" + "p_" + m.of(36),
    "figma": lambda m: "fi" + "gd_" + m.of(40),
    "alibaba": lambda m: "LT" + "AI5t" + m.of(18),
    "jwt": lambda m: (
        "eyJhbGciOiJIUzI1NiJ9.eyJ" + m.url_base64(40) + "." + m.url_base64(32)
    ),
    "password hash": lambda m: "$6$" + m.of(8) + "$" + m.of(86),
    "bcrypt hash": lambda m: "$2y$10$" + m.of(53),
}

TOKEN_PLACES: dict[str, str] = {
    "alone": "@@",
    "prose": "remote: the token @@ was rejected by the server",
    "single quotes": "export THING='@@'",
    "double quotes": 'curl -d "@@" http://127.0.0.1:8080/',
    "json": '{"a": 1, "value": "@@", "b": [2]}',
    "escaped json": '"{\\"value\\":\\"@@\\"}"',
    "yaml": "services:\n  web:\n    thing: @@\n    ports: [80]",
    "env file": "A=1\nTHING=@@\nB=2",
    "query": "GET https://example.com/v1/things?a=1&thing=@@&b=2 HTTP/1.1",
    "header": "curl -H 'X-Thing: @@' https://example.com",
    "curl -v": "> GET / HTTP/1.1\n> Host: example.com\n> X-Thing: @@\n>",
    "traceback": '  File "a.py", line 3\n    raise ValueError(f"bad {thing}")\n'
    "ValueError: bad @@",
    "repr": "Client(name='x', thing='@@', retries=3)",
    "log line": "2026-01-02T03:04:05Z ERROR auth: thing=@@ status=401",
    "docker run": "docker run --rm -e THING=@@ alpine env",
    "diff": "-THING=old\n+THING=@@",
    "brackets": "[thing: (@@)]",
    "xml": "<thing>@@</thing>",
    "table": "| thing | @@ | 3 |",
    "grep": "config/settings.py:14:THING = '@@'",
    "comma": "first,@@,third",
    "sentence end": "The key is @@.",
}

# Values that only their place gives away: "@@" stands for the value.
PLACES: dict[str, tuple[Callable[[Maker], str], tuple[str, ...]]] = {
    "aws secret key": (
        lambda m: m.base64(30),
        (
            "aws_secret_access_key = @@",
            "export AWS_SECRET_ACCESS_KEY=@@",
            '    "SecretAccessKey": "@@",',
            "AWS Secret Access Key [None]: @@",
            "aws configure set aws_secret_access_key @@",
            "secret_key = '@@'",
            "docker run -e AWS_SECRET_ACCESS_KEY=@@ image",
        ),
    ),
    "aws session token": (
        lambda m: m.base64(240),
        (
            "aws_session_token=@@",
            '"SessionToken": "@@"',
            "> X-Amz-Security-Token: @@",
            "&X-Amz-Security-Token=@@&X-Amz-SignedHeaders=host",
        ),
    ),
    "azure storage": (
        lambda m: m.base64(64),
        (
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=@@;EndpointSuffix=x",
            "az storage blob list --account-name a --account-key @@",
            "Endpoint=sb://a.example/;SharedAccessKeyName=x;SharedAccessKey=@@",
            "AZURE_STORAGE_KEY='@@'",
        ),
    ),
    "azure signature": (
        lambda m: m.base64(32).replace("+", "%2B").replace("/", "%2F"),
        ("https://a.blob.example/c?sv=2022-11-02&se=2026-01-01&sp=r&sig=@@",),
    ),
    "twilio token": (
        lambda m: m.hexadecimal(32),
        ("TWILIO_AUTH_TOKEN=@@", "auth_token = '@@'", '"authToken": "@@"'),
    ),
    "heroku uuid": (
        lambda m: m.uuid(),
        ("HEROKU_API_KEY=@@", 'heroku_api_key: "@@"', "machine api.x password @@"),
    ),
    "cloudflare": (
        lambda m: m.of(40, URL_SAFE[:-2]),
        ("CLOUDFLARE_API_TOKEN=@@", "CF_API_KEY: @@", "-H 'X-Auth-Key: @@'"),
    ),
    "datadog": (
        lambda m: m.hexadecimal(32),
        (
            "DD_API_KEY=@@ ./install.sh",
            "DD-API-KEY: @@",
            "api_key: @@",
            "--dd-app-key=@@",
        ),
    ),
    "basic auth": (
        lambda m: base64.b64encode(f"bob:{m.password()}".encode()).decode(),
        (
            "> Authorization: Basic @@",
            "curl -H 'Authorization: Basic @@' https://example.com",
            '"Authorization": "Basic @@"',
            "> Proxy-Authorization: Basic @@",
            "{'authorization': 'Basic @@'}",
            "< authorization: basic @@",
        ),
    ),
    "bearer": (
        lambda m: m.url_base64(30),
        (
            "> Authorization: Bearer @@",
            'curl -H "Authorization: Bearer @@" https://example.com',
            "http example.com Authorization:'Bearer @@'",
            "headers={'Authorization': 'Bearer @@'}",
            "gh api -H 'authorization: token @@' /user",
            "wget --header='Authorization: Bearer @@' https://example.com",
            "http -A bearer -a @@ example.com",
        ),
    ),
    "api key header": (
        lambda m: m.of(32),
        (
            "> X-Api-Key: @@",
            "curl -H 'apikey: @@' https://example.com",
            "-H 'api-key: @@'",
            "-H 'X-Auth-Token: @@'",
            "X-Vault-Token: @@",
            "-H 'PRIVATE-TOKEN: @@'",
            "x-goog-api-key: @@",
            "Ocp-Apim-Subscription-Key: @@",
        ),
    ),
    "cookie": (
        lambda m: m.of(40),
        (
            "> Cookie: theme=dark; sessionid=@@; lang=en",
            "< Set-Cookie: session=@@; Path=/; HttpOnly",
            "curl -b 'sid=@@' https://example.com",
            "curl --cookie 'sid=@@; a=b' https://example.com",
            "curl -H 'Cookie: JSESSIONID=@@' https://example.com",
            ".example.com\tTRUE\t/\tTRUE\t1893456000\tsessionid\t@@",
        ),
    ),
    "url password": (
        Maker.password,
        (
            "git clone https://bob:@@@git.example.com/a/b.git",
            "fatal: unable to access 'https://bob:@@@git.example.com/a/b.git/'",
            "postgresql://app:@@@db.example.com:5432/app?sslmode=require",
            "psql 'postgres://app:@@@127.0.0.1/app'",
            "redis://:@@@cache.example.com:6379/0",
            "mongodb+srv://app:@@@cluster0.example.net/db",
            "amqp://guest:@@@mq.example.com//",
            "http_proxy=http://bob:@@@proxy.example.com:3128",
            "pip install -i https://bob:@@@pypi.example.com/simple x",
            "mysql+pymysql://root:@@@localhost/app",
            "smtps://bob%40example.com:@@@mail.example.com:465",
            "ftp://bob:@@@ftp.example.com/x",
        ),
    ),
    "url token": (
        lambda m: m.of(40),
        ("https://@@@git.example.com/a/b.git", "https://oauth2:@@@git.example.com/a/b"),
    ),
    "mysql": (
        Maker.password,
        (
            "mysql -h db -u root -p@@ app",
            "mysqldump --password=@@ app",
            "mysqladmin -uroot -p'@@' status",
            "MYSQL_PWD=@@ mysql app",
            "mysql -u root --password '@@' app",
            "CREATE USER 'a'@'%' IDENTIFIED BY '@@';",
        ),
    ),
    "postgres": (
        Maker.password,
        (
            "PGPASSWORD=@@ psql -h db -U app",
            "psql 'host=db user=app password=@@ dbname=app'",
            "db.example.com:5432:app:bob:@@",
            "*:*:*:bob:@@",
            "ALTER USER app WITH PASSWORD '@@';",
            "docker run -e POSTGRES_PASSWORD=@@ postgres:16",
        ),
    ),
    "redis": (
        Maker.password,
        (
            "redis-cli -h cache -a @@ ping",
            "redis-cli -h cache --pass @@ ping",
            "requirepass @@",
            "REDISCLI_AUTH=@@ redis-cli ping",
        ),
    ),
    "connection string": (
        Maker.password,
        (
            "Server=db;Database=a;User Id=sa;Password=@@;Encrypt=true",
            "jdbc:mysql://db/a?user=app&password=@@&useSSL=false",
            "sqlcmd -S db -U sa -P '@@'",
            "Data Source=db;User=sa;Pwd=@@;",
        ),
    ),
    "ssh password": (
        Maker.password,
        (
            "sshpass -p @@ ssh bob@example.com",
            "sshpass -p'@@' ssh bob@example.com",
            "SSHPASS=@@ sshpass -e ssh bob@example.com",
            "echo @@ | sudo -S apt update",
            "echo 'bob:@@' | chpasswd",
            "ansible_ssh_pass=@@",
            "ansible_become_password: '@@'",
        ),
    ),
    "registry login": (
        Maker.password,
        (
            "docker login -u bob -p @@ registry.example.com",
            "docker login --username bob --password @@ registry.example.com",
            "echo @@ | docker login -u bob --password-stdin",
            "helm registry login -u bob -p @@ registry.example.com",
            "podman login --password=@@ quay.io",
            "kubectl create secret docker-registry r --docker-password=@@",
            "twine upload -u bob -p @@ dist/a.whl",
        ),
    ),
    "http user": (
        Maker.password,
        (
            "curl -u bob:@@ https://example.com",
            "curl --user 'bob:@@' https://example.com",
            "curl -u 'bob:@@' -X POST https://example.com/v1",
            "wget --user=bob --password=@@ https://example.com",
            "http -a bob:@@ example.com",
            "curl --proxy-user bob:@@ https://example.com",
            "curl -sSubob:@@ https://example.com",
            "wget --http-password=@@ https://example.com",
        ),
    ),
    "secret option": (
        Maker.password,
        (
            "tool --password @@",
            "tool --password=@@ run",
            "tool --token '@@' run",
            "tool --api-key @@ run",
            "tool --client-secret=@@",
            "vault login -method=userpass username=bob password=@@",
            "gpg --batch --passphrase '@@' -d a.gpg",
            "openssl enc -aes-256-cbc -pass pass:@@ -in a",
            "openssl pkcs12 -in a.p12 -passin pass:@@",
            "zip -P @@ a.zip a",
            "unzip -P @@ a.zip",
            "7z x -p@@ a.7z",
            "net use z: \\\\srv\\a /user:bob --password @@",
            "smbclient //srv/a -U bob%@@",
            "ldapsearch -x -D cn=admin -w @@ -b dc=x",
            "keytool -list -keystore a.jks -storepass @@",
            "kubectl config set-credentials bob --token=@@",
            "kubectl create secret generic s --from-literal=password=@@",
            "helm install a ./a --set auth.password=@@",
            "terraform apply -var db_password=@@",
            "terraform apply -var 'db_password=@@'",
            "nmcli dev wifi connect home password @@",
            "rclone config create r s3 secret_access_key @@",
            "mosquitto_pub -u bob -P @@ -t a -m b",
            "htpasswd -b -c .htpasswd bob @@",
            "mongosh -u bob -p @@ db",
            "influx -username bob -password @@",
            "snowsql -u bob --password @@",
            "ffmpeg -decryption_key @@ -i a.mp4",
            "xfreerdp /u:bob /p:@@ /v:srv",
        ),
    ),
    "assignment": (
        Maker.password,
        (
            "DB_PASSWORD=@@",
            "export API_TOKEN='@@'",
            'set -x GITHUB_TOKEN "@@"',
            "$env:API_KEY = '@@'",
            "password: @@",
            'password = "@@"',
            '{"user": "bob", "password": "@@"}',
            "{'password': '@@'}",
            "spring.datasource.password=@@",
            "  db_password: '@@'",
            "const apiKey = '@@';",
            '    api_key="@@",',
            "<password>@@</password>",
            '<add key="Password" value="@@" />',
            "ENV SECRET_KEY=@@",
            "--build-arg NPM_TOKEN=@@",
            "    environment:\n      - MYSQL_ROOT_PASSWORD=@@",
            "DJANGO_SECRET_KEY = '@@'",
            "config.secret_key_base = '@@'",
            "TypeError: login(user='bob', password='@@') failed",
            "psycopg2.OperationalError: dsn: user=app password=@@ host=db",
            "password:@@",
            "MY_PASS=@@ ./run",
            "wpa_passphrase home @@",
            'psk="@@"',
            "pass=@@",
            "pin-value=1 secret=@@",
            "credentials: { user: bob, password: @@ }",
            "[http]\n\textraheader = AUTHORIZATION: basic @@",
        ),
    ),
    "json keys": (
        lambda m: m.of(40),
        (
            '"access_token": "@@"',
            '"refresh_token":"@@"',
            '"client_secret": "@@"',
            '"id_token": "@@"',
            '"api_key": "@@"',
            '"apiKey": "@@"',
            '"token": "@@"',
            '"secret": "@@"',
            '\\"access_token\\":\\"@@\\"',
        ),
    ),
    "query": (
        lambda m: m.of(32),
        (
            "GET /v1?api_key=@@&q=1",
            "https://example.com/?access_token=@@",
            "curl 'https://example.com/v1?key=@@&q=a'",
            "https://example.com/hook?token=@@#x",
            "POST data: client_id=a&client_secret=@@&grant_type=x",
            "https://example.com/reset?code=1&password=@@",
        ),
    ),
    "webhook": (
        lambda m: f"T{m.of(8)}/B{m.of(8)}/{m.of(24)}",
        ("curl -d x https://hooks.slack.com/services/@@",),
    ),
    "discord webhook": (
        lambda m: m.of(68, URL_SAFE[:-2]),
        ("https://discord.com/api/webhooks/123456789012345678/@@",),
    ),
    "teams webhook": (
        lambda m: f"{m.hexadecimal(32)}/{m.uuid()}",
        ("https://a.webhook.office.com/webhookb2/x@y/IncomingWebhook/@@",),
    ),
    "npmrc": (
        lambda m: m.uuid(),
        ("//registry.npmjs.org/:_authToken=@@", "npm config set _authToken @@"),
    ),
    "npm basic": (
        lambda m: m.base64(24),
        ("_auth=@@", "//a.example/:_password=@@", "npm config set //a/:_auth=@@"),
    ),
    "netrc": (
        Maker.password,
        (
            "machine api.example.com login bob password @@",
            "machine api.example.com\n  login bob\n  password @@",
            "default login bob password @@",
        ),
    ),
    "docker config": (
        lambda m: base64.b64encode(f"bob:{m.password()}".encode()).decode(),
        (
            '{"auths": {"https://index.docker.io/v1/": {"auth": "@@"}}}',
            '\t\t"registry.example.com": {\n\t\t\t"auth": "@@"\n\t\t}',
        ),
    ),
    "kubeconfig": (
        lambda m: base64.b64encode(
            b"-----BEGIN RSA " + b"PRIVATE KEY-----\n" + m.octets(200)
        ).decode(),
        ("    client-key-data: @@", "client-key-data: '@@'"),
    ),
    "kubeconfig token": (lambda m: m.of(60), ("  user:\n    token: @@",)),
    "wireguard": (
        lambda m: m.base64(32),
        ("PrivateKey = @@", "PresharedKey = @@", "wg set wg0 private-key <(echo @@)"),
    ),
    "otp seed": (
        lambda m: m.of(32, BASE32),
        ("otpauth://totp/GitHub:bob?secret=@@&issuer=GitHub", "TOTP_SECRET=@@"),
    ),
    "htpasswd": (
        lambda m: "$apr1$" + m.of(8) + "$" + m.of(22),
        ("bob:@@", "bob:@@:extra"),
    ),
    "ethereum key": (
        lambda m: "0x" + m.hexadecimal(64),
        ("PRIVATE_KEY=@@", "cast send --private-key @@ 0xabc", "private_key: @@"),
    ),
    "kafka": (
        Maker.password,
        (
            'sasl.jaas.config=x required username="bob" password="@@";',
            "ssl.keystore.password=@@",
            "kcat -X sasl.password=@@",
        ),
    ),
}


def secret_corpus(seed: int = 1) -> list[ShownSecret]:
    """Return every kind in all of its places."""
    return [*_tokens(seed), *_labelled(seed), *_private_keys(seed)]


def _tokens(seed: int) -> Iterator[ShownSecret]:
    make = Maker(seed)
    for kind, value in TOKENS.items():
        for place, template in TOKEN_PLACES.items():
            secret = value(make)
            text = template.replace("@@", secret)
            yield ShownSecret(kind, place, text, (secret[len(secret) // 3 :][:24],))


def _labelled(seed: int) -> Iterator[ShownSecret]:
    make = Maker(seed + 1)
    for kind, (value, templates) in PLACES.items():
        for template in templates:
            secret = value(make)
            text = template.replace("@@", secret, 1)
            yield ShownSecret(kind, template, text, (secret, secret[-6:].strip("=")))


def _private_keys(seed: int) -> Iterator[ShownSecret]:
    make = Maker(seed + 2)
    names = ("RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED ", "DSA ")
    for name in names:
        lines = [make.base64(48) for _ in range(14)] + [make.base64(20)]
        begin, end = f"-----BEGIN {name}PRIVATE" + " KEY-----", "-----END "
        end += f"{name}PRIVATE" + " KEY-----"
        whole = [begin, *lines, end]
        parts = tuple(line[:16] for line in lines)
        for place, text in _key_places(whole).items():
            yield ShownSecret(f"{name.lower()}private key", place, text, parts)
        # What is cut away above or below cannot be told from other base64 without one
        # of the two ends.
        below = "\n".join(["$ cat key", *whole[:9]])
        yield ShownSecret("cut private key", "cut below", below, parts[:8])
        above = "\n".join([*whole[8:], "$ "])
        yield ShownSecret("cut private key", "cut above", above, parts[7:])
    body = "\n".join(make.base64(48) for _ in range(9))
    mark = "PGP PRIVATE" + " KEY BLOCK-----"
    text = f"-----BEGIN {mark}\nVersion: GnuPG v2\n\n{body}\n=aB3d\n-----END {mark}"
    lines = body.splitlines()
    yield ShownSecret("pgp", "whole", text, tuple(line[:16] for line in lines))
    ppk = (
        "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPublic-Lines: 1\n"
        f"AAAAB3NzaC1yc2E\nPrivate-Lines: 9\n{body}\n"
        f"Private-MAC: {make.hexadecimal(64)}"
    )
    yield ShownSecret("putty", "whole", ppk, tuple(line[:16] for line in lines))


def _key_places(whole: list[str]) -> dict[str, str]:
    lines = "\n".join(whole)
    escaped = "\\n".join(whole)
    return {
        "whole": f"$ cat key\n{lines}\n$ ",
        "crlf": "\r\n".join(whole),
        "indented": "\n".join(f"    {line}" for line in whole),
        "quoted mail": "\n".join(f"> {line}" for line in whole),
        "diff": "\n".join(f"+{line}" for line in whole),
        "yaml": "key: |\n" + "\n".join(f"  {line}" for line in whole),
        "json": f'{{"private_key": "{escaped}\\n", "x": 1}}',
        "variable": f'KEY="{lines}"',
        "echo": f"echo '{lines}' > key",
        "wrapped": "\n".join(
            line[at : at + 40] for line in whole for at in range(0, len(line), 40)
        ),
        "blanks": " ".join(whole),
        "cat -n": "\n".join(f"{n:6}\t{line}" for n, line in enumerate(whole, 1)),
        "grep -n": "\n".join(f"{n}:{line}" for n, line in enumerate(whole, 1)),
        "grep names": "\n".join(f"a/key.pem:{line}" for line in whole),
        "boxed": "\n".join(f"│ {line:<66} │" for line in whole),
        "compose log": "\n".join(f"web-1  | {line}" for line in whole),
        "python list": repr(whole),
    }
