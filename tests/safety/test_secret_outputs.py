"""What a command prints is secret where the command says so, whatever it looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.safety.redact import Redactor, redact, without_printed

VALUE = "plainwordonly"
KUBERNETES = f"""\
apiVersion: v1
data:
  password: {VALUE}
  username: YWRtaW4=
  tls.crt: |
    {VALUE}
kind: Secret
metadata:
  annotations:
    last-applied: |
      {{"apiVersion":"v1","data":{{"password":"{VALUE}"}},"kind":"Secret"}}
  name: mysecret
  namespace: default
type: Opaque"""
KUBERNETES_JSON = f"""\
{{
    "apiVersion": "v1",
    "data": {{
        "password": "{VALUE}"
    }},
    "kind": "Secret",
    "metadata": {{
        "name": "mysecret"
    }}
}}"""
VAULT = f"""\
======= Metadata =======
Key              Value
---              -----
created_time     2026-01-01T20:23:40Z
version          1

====== Data ======
Key         Value
---         -----
passcode    {VALUE}"""
INSPECT = f"""\
            "Env": [
                "APP_THING={VALUE}",
                "PATH=/usr/bin"
            ],
            "Image": "app:1","""


@pytest.mark.parametrize(
    ("command_line", "output", "stays"),
    [
        ("env", f"HOME=/home/bob\nTHING={VALUE}", "THING="),
        ("env | sort", f"THING={VALUE}", "THING="),
        ("/usr/bin/env", f"THING={VALUE}", "THING="),
        ("sudo env", f"THING={VALUE}", "THING="),
        ("docker exec web env", f"THING={VALUE}", "THING="),
        ("kubectl exec web -- env", f"THING={VALUE}", "THING="),
        ("ssh host env", f"THING={VALUE}", "THING="),
        ("printenv", f"THING={VALUE}", "THING="),
        ("printenv THING", VALUE, ""),
        ("set", f"THING={VALUE}\nBASH=/bin/bash", "THING="),
        ("export -p", f'declare -x THING="{VALUE}"', "declare -x THING="),
        ("export", f"export THING={VALUE}", "export THING="),
        ("declare -x", f'declare -x THING="a\n{VALUE}"', "declare -x THING="),
        ("set | grep THING", f"THING='{VALUE}'", "THING="),
        ("set", f"THING {VALUE}", "THING"),
        ("echo $API_TOKEN", VALUE, ""),
        ('echo "key: ${MY_SECRET}"', f"key: {VALUE}", ""),
        ("echo $(gh auth token)", VALUE, ""),
        ("kubectl get secret mysecret -o yaml", KUBERNETES, "name: mysecret"),
        ("kubectl -n a get secrets -ojson", KUBERNETES_JSON, '"name": "mysecret"'),
        ("kubectl get secret a -o jsonpath='{.data.x}' | base64 -d", VALUE, ""),
        ("kubectl create token bob", VALUE, ""),
        ("aws configure get aws_secret_access_key", VALUE, ""),
        ("aws configure list", f"secret_key     {VALUE} env", "secret_key"),
        ("aws ecr get-login-password --region x", VALUE, ""),
        (
            "aws sts get-session-token",
            f'  "SessionToken": "{VALUE}",',
            '"SessionToken"',
        ),
        ("gcloud auth print-access-token", VALUE, ""),
        ("gcloud auth application-default print-access-token", VALUE, ""),
        ("gh auth token", VALUE, ""),
        ("op read op://vault/item/password", VALUE, ""),
        ("pass show web/example", f"{VALUE}\nuser", ""),
        ("pass web/example", VALUE, ""),
        ("security find-generic-password -a bob -w", VALUE, ""),
        ("secret-tool lookup a b", VALUE, ""),
        ("bw get password example", VALUE, ""),
        ("heroku config", f"=== app Config Vars\nTHING: {VALUE}", "THING:"),
        ("heroku config:get THING", VALUE, ""),
        ("doppler secrets", f"│ THING │ {VALUE} │", "│ THING │"),
        ("vault kv get secret/creds", VAULT, "passcode"),
        ("vault kv get -field=passcode secret/creds", VALUE, ""),
        ("docker inspect web", INSPECT, '"APP_THING='),
        ("cat .env", f"THING={VALUE}", "THING="),
        ("cat app/.env.production", f"THING={VALUE}", "THING="),
        ("grep THING .env", f"THING={VALUE}", "THING="),
        ("cat ~/.aws/credentials", f"thing = {VALUE}", "thing ="),
        ("cat ~/.pgpass", f"db:1:app:bob:{VALUE}", "db:1:app:bob:"),
        ("cat ~/.netrc", f"machine a login b password {VALUE}1", "machine a"),
        ("cat /run/secrets/db", VALUE, ""),
        ("cat secrets.yml", f"thing: {VALUE}", "thing:"),
        ("cat /proc/12/environ", f"THING={VALUE}", "THING="),
        ("history", f"  12  export API_TOKEN={VALUE}", "  12  export API_TOKEN="),
        ("openssl rand -hex 16", VALUE, ""),
        ("wg genkey", VALUE, ""),
    ],
)
def test_values_go_and_names_stay(command_line: str, output: str, stays: str) -> None:
    shown = redact(output, command_line=command_line)

    assert VALUE not in shown
    assert "[redacted:" in shown
    assert stays in shown


@pytest.mark.parametrize(
    ("command_line", "output"),
    [
        ("env FOO=1 make", "CC=gcc\nmake: *** [all] Error 2"),
        ("env -i sh -c ls", "A=1"),
        ("set -e; make", "CC=gcc failed"),
        ("export FOO=1", "FOO=1"),
        ("gh auth token", "no oauth token found for github.com"),
        ("gh auth token", "gh: command not found"),
        (
            "gcloud auth print-access-token",
            "ERROR: (gcloud) You have no active account.",
        ),
        ("kubectl get secret x -o yaml", 'Error from server: secrets "x" not found'),
        ("kubectl get pods", "NAME  READY\nweb   1/1"),
        ("pass show a", "Error: a is not in the password store."),
        ("vault kv get secret/x", "No value found at secret/data/x"),
        ("aws configure get region", "eu-central-1"),
        ("echo $HOME", "/home/bob"),
        ("cat README.md", "NAME=value"),
        ("env | grep X", ""),
        ("", "NAME=value"),
        ("docker ps", "CONTAINER ID  IMAGE"),
        ("cat .env", "cat: .env: No such file or directory"),
    ],
)
def test_what_is_no_secret_stays(command_line: str, output: str) -> None:
    assert redact(output, command_line=command_line) == output


@given(st.text(max_size=200), st.text(max_size=60))
def test_no_command_line_raises_and_none_is_redacted_twice(
    output: str, command_line: str
) -> None:
    redactor = Redactor({})
    for line in (
        command_line,
        "env",
        "pass a",
        "kubectl get secret -o yaml",
        "op item get",
    ):
        once = redactor.clean(output, command_line=line)

        assert redactor.clean(once, command_line=line) == once


@pytest.mark.timeout(20)  # a quadratic reader would need minutes
@pytest.mark.parametrize(
    "unit", ["A=", 'A="', "data:\n", ' "data": {\n', "a: b\n", "a"]
)
@pytest.mark.parametrize(
    "line", ["env", "op item get x", "kubectl get secret -o yaml", "gh auth token"]
)
def test_hostile_output_costs_no_more_than_its_length(unit: str, line: str) -> None:
    redact(unit * (100_000 // len(unit)), command_line=line)


@pytest.mark.parametrize(
    ("command_line", "output"),
    [
        ("tool --token abc123secret9", "error: unexpected argument 'abc123secret9'"),
        ("API_TOKEN=abc123secret9 ./run", "connecting as abc123secret9 failed"),
        ("mysql -pabc123secret9", "unknown option '-pabc123secret9'"),
    ],
)
def test_what_a_command_repeats_of_its_own_secrets_goes(
    command_line: str, output: str
) -> None:
    expected = Redactor({}).redact(output, command_line=command_line)
    assert "abc123secret9" not in expected.text
    assert "abc123secret9" not in without_printed(output, command_line)
    again = Redactor({}).redact(expected.text, command_line=command_line)
    assert again.text == expected.text


@pytest.mark.parametrize("password", ["postgres", "secret", "redacted", "123456"])
def test_a_common_word_is_no_secret_elsewhere(password: str) -> None:
    output = f"connecting to {password}: [redacted:secret-option] refused"
    assert redact(output, command_line=f"tool --password {password}") == output


def test_a_placeholder_is_never_taken_apart() -> None:
    output = "got [redacted:secret-option]"
    line = "tool --password 'redacted:secret-option'"
    assert redact(output, command_line=line) == output
