# Everything a person does with Directline, from nothing but python3, pip, make and git.
# Set-up happens when it is needed, once, and again only when what it depends on has changed.

PY ?= python3
UV := .tools/bin/uv
BIN := .venv/bin

# Every start of the service reads the same files: they are compiled once, when they are installed.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

# The tests of the pure floor, which must reach every branch of it.
FLOOR := $(patsubst %,tests/test_%.py,drill facts gsm7 ladder_ends ladder_rows ladder_seeking \
	line_acts line_says machine plain replies roster sentences simulation words)

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup run test check cover cover-all torture bench bench-screens watch pictures voices lock clean

# A virtual environment knows its own address. After a move or a copy it is made anew.
ifneq ($(shell cat .venv/.place 2>/dev/null),$(CURDIR))
$(shell rm -f .venv/.created .venv/.runtime .venv/.everything)
endif

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.runtime ## start the demo, or go on with it; ARGS='--language nl' makes it a Dutch site
	@echo "Starting the demo; its data are kept in .demo (remove it to begin anew)"
	@$(BIN)/directline demo --data .demo $(ARGS)

test: .venv/.everything ## run all tests, on three processes; TEST=tests/test_words.py runs some
ifdef TEST
	@$(BIN)/python -m pytest $(TEST)
else
	@$(MAKE) --no-print-directory cover
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(FLOOR:%=--ignore=%)
endif

check: .venv/.everything ## format, lint, import contracts, strict types, documentation
	@echo "Checking format, lint, imports and types"
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo >.venv/.imports || { cat .venv/.imports; exit 1; }
	@$(BIN)/pyright
	@test ! -e tests/test_docs.py || $(BIN)/python -m pytest -q tests/test_docs.py

cover: .venv/.everything ## run the tests of alerts/, which must reach every branch of it
	@$(BIN)/coverage run --source alerts -m pytest -q $(FLOOR)
	@$(BIN)/coverage report --fail-under 100

cover-all: .venv/.everything ## run all tests and print what they leave out
	@$(BIN)/coverage run -m pytest $(TEST)
	@$(BIN)/coverage report

torture: .venv/.everything ## kill the server again and again during a replay, and judge it
	@$(BIN)/python -m tests.torture $(ARGS)

bench: .venv/.everything ## measure it side by side with bare SQLite and PostgreSQL
	@$(BIN)/python -m bench $(ARGS)

watch: .venv/.everything ## keep watch at two walls for 30 real minutes: memory, beats, every alert; ARGS=5 for five
	@$(BIN)/python -m bench.watch $(ARGS)

bench-screens: .venv/.everything ## measure the pages in a real browser: press to seen and heard, first paint, weight
	@$(BIN)/python -m bench.alarms $(ARGS)
	@$(BIN)/python -m bench.pages

pictures: .venv/.everything ## take the pictures of the pages anew, for the README
	@$(BIN)/python -m tests.pictures

voices: .venv/.everything ## make the spoken words anew; needs espeak-ng, sox and lame
	@$(BIN)/python -m tests.voices

lock: .venv/.created ## choose versions anew within pyproject.toml; UPGRADE=1 takes the newest
	@echo "Locking versions and hashes"
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) \
		--group pyproject.toml:dev pyproject.toml --output-file requirements.lock
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' \
		--constraints requirements.lock pyproject.toml --output-file requirements-runtime.lock

setup: .venv/.everything ## install everything that developing needs

clean: ## remove what was installed and built here, and the demo's data
	rm -rf .demo .venv .tools .coverage .import_linter_cache .pytest_cache .ruff_cache node_modules

$(UV):
	@test -w . || { echo "Nothing can be installed here: the folder $(CURDIR) cannot be written"; exit 1; }
	@echo "Fetching uv, the installer, into .tools"
	@PIP_ROOT_USER_ACTION=ignore $(PY) -m pip install --quiet --disable-pip-version-check --target .tools 'uv>=0.13,<0.14'

.venv/.created: | $(UV)
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Directline needs Python 3.11 or newer; name one: make PY=python3.12")'
	@echo "Making a virtual environment in .venv"
	@$(UV) venv --quiet --clear --python $(PY) .venv
	@printf %s '$(CURDIR)' >.venv/.place
	@touch $@

.venv/.runtime: requirements-runtime.lock pyproject.toml | .venv/.created
	@echo "Installing what Directline needs"
	@$(UV) pip install --quiet --require-hashes --requirements requirements-runtime.lock
	@$(UV) pip install --quiet --no-deps --build-constraints requirements.lock --editable .
	@touch $@

.venv/.everything: requirements.lock pyproject.toml | .venv/.created
	@echo "Installing what the tests and checks need"
	@$(UV) pip sync --quiet --require-hashes requirements.lock
	@$(UV) pip install --quiet --no-deps --build-constraints requirements.lock --editable .
	@touch .venv/.runtime $@
