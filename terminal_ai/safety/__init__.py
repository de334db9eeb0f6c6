"""What must hold everywhere: redaction, risk labels, sanitised text."""
