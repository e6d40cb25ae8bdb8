.PHONY: setup test

setup: .venv/.done

.venv/.done: requirements.lock
	python3 -c "import sys; sys.exit(sys.version_info < (3, 11) and \"Expected Python 3.11 or newer\")"
	python3 -m venv .venv
	.venv/bin/pip install --quiet --require-hashes -r requirements.lock
	touch $@

test: setup
	.venv/bin/python -m pytest
