# make run   sets everything up and serves the demonstration on http://127.0.0.1:8000
# make test  sets up what the tests need, the browser included, and runs them all on SQLite, then what has
#            a database again on PostgreSQL (its own by pip, or SHIXIAN_TEST_DATABASE_URL)
.PHONY: run serve setup build messages browser test test-postgres soak lint bench lock clean

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile
NODE_MODULES := web/frontend/node_modules/.done
BUILD := web/static/build/manifest.json
FONTS := web/static/fonts/.done
SOURCES := $(wildcard web/frontend/src/* $(addprefix web/frontend/src/designer/,* */* */*/*))
ENGLISH := web/translations/en/LC_MESSAGES/messages

run: setup build
	$(BIN)/shixian demo
	$(BIN)/shixian serve --rehearsal

serve: setup build
	$(BIN)/shixian serve

setup: .venv/.run
build: $(BUILD) $(FONTS) $(ENGLISH).mo

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Expected Python 3.11 or newer, found " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(NODE_MODULES): web/frontend/package-lock.json web/frontend/package.json
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || (a === 20 && b < 19)) { console.error("Expected Node 20.19 or newer, found " + process.version); process.exit(1) }'
	cd web/frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILD): $(NODE_MODULES) web/frontend/vite.config.js engine/bpmn/shixian.moddle.json $(SOURCES) | .venv/.run
	cd web/frontend && npx vite build --logLevel warn
	$(BIN)/python -m whitenoise.compress --quiet web/static/build
	@touch $@

# The type for the documents comes from a registry package, so that no font need be on the system.
$(FONTS): $(NODE_MODULES)
	@mkdir -p web/static/fonts
	cp web/frontend/node_modules/@fontsource/noto-serif-sc/files/noto-serif-sc-chinese-simplified-400-normal.woff2 \
	   web/frontend/node_modules/@fontsource/noto-serif-sc/files/noto-serif-sc-chinese-simplified-700-normal.woff2 \
	   web/frontend/node_modules/@fontsource/noto-serif-sc/LICENSE web/static/fonts/
	@touch $@

$(ENGLISH).mo: $(ENGLISH).po | .venv/.run
	$(BIN)/pybabel --quiet compile --use-fuzzy --input-file $< --output-file $@ --locale en

# Brings the English catalogue up to the texts of pages and code; what is new has no English yet.
messages: .venv/.run
	$(BIN)/pybabel --quiet extract --mapping web/translations/babel.cfg --keywords "lazy lazy_gettext lazy_pgettext:1c,2" \
	  --no-location --sort-output --no-wrap --omit-header --output $(ENGLISH).pot .
	$(BIN)/pybabel --quiet update --input-file $(ENGLISH).pot --output-file $(ENGLISH).po --locale en \
	  --no-fuzzy-matching --ignore-obsolete --no-wrap --omit-header
	@rm $(ENGLISH).pot

browser: .venv/.dev
	$(BIN)/python tests/browser/browser.py

test: .venv/.dev build browser
	$(PYTEST)
	$(MAKE) test-postgres

test-postgres: .venv/.dev build
	$(PYTEST) --database postgresql --ignore tests/browser

# The long forms: 300 kills on each database, 20 crashes of the server, ten thousand races, 5,000 broken
# definitions. Takes an hour and a half.
soak: .venv/.dev build
	$(BIN)/python -m pytest --soak tests/engine/test_durability.py
	$(BIN)/python -m pytest --soak tests/engine/test_durability.py --database postgresql
	$(BIN)/python -m pytest --soak tests/engine/test_races.py
	SHIXIAN_MUTANTS=5000 SHIXIAN_MUTANTS_AT=mutants.log $(BIN)/python -m pytest tests/processes/test_mutants.py

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/.run build
	$(BIN)/shixian bench step
	$(BIN)/shixian bench http
	$(BIN)/shixian bench sweep --timers 10000
	$(BIN)/shixian bench size
	$(BIN)/shixian bench pages
	$(BIN)/shixian bench calendar
	$(BIN)/shixian bench recount
	$(BIN)/shixian bench inbox
	$(BIN)/shixian bench verify
	$(BIN)/shixian bench seal
	$(BIN)/shixian bench trace
	$(BIN)/shixian bench integrity
	$(BIN)/shixian bench playback
	$(BIN)/shixian bench statistics

lock:
	uv pip compile --quiet --generate-hashes --universal --no-header --no-emit-index-url --no-emit-find-links pyproject.toml --extra build -o requirements.lock
	uv pip compile --quiet --generate-hashes --universal --no-header --no-emit-index-url --no-emit-find-links pyproject.toml --extra build --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv web/frontend/node_modules web/static/build web/static/fonts $(ENGLISH).mo data
