"""Names of variables whose values are secret whatever they look like."""

import re

SECRET_NAME = re.compile(
    r"(?ai)pass(?:word|wd|phrase|code)?$|pwd$|secret|token|credential|cookie"
    r"|(?:api|access|private|auth|session|signing|encryption|account|license)_?key"
    r"|_key$|_auth$|_pat$|_dsn$|connection_?string"
)
