# Shortcuts for work on the project; users need only scripts/run and scripts/test.
PYTHON = .venv/bin/python
COMPILE = $(PYTHON) -m uv pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	--custom-compile-command "make lock"

.PHONY: check lock upgrade messages run

check:
	./scripts/test

run:
	./scripts/run

# Keeps locked versions that still fit; `make upgrade` takes the newest.
lock:
	$(COMPILE) $(UPGRADE) --group test --group static --group build -o requirements/test.lock
	$(COMPILE) $(UPGRADE) --group build -c requirements/test.lock -o requirements/runtime.lock

upgrade: UPGRADE = --upgrade
upgrade: lock

messages:
	$(PYTHON) scripts/messages.py extract
	$(PYTHON) scripts/messages.py compile
