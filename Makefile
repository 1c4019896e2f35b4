# make paper TOPIC="..."   set up, then write a paper on the topic (no key, no network needed after set-up)
# make test                set up, then run the tests
# make lint                style, types and import layers

TOPIC  ?= does weight decay speed up grokking?
ARGS   ?=
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: paper test lint setup system clean

paper: setup
	$(BIN)/scientist run "$(TOPIC)" $(ARGS)

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: system $(VENV)/.installed

system:
	@sh scripts/system-packages.sh

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[torch,dev]"
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
