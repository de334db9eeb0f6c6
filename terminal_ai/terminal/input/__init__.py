"""What the user does at the host, as the bytes a program reads."""
