"""The model pipeline: redact, build the prompt, stream the answer."""
