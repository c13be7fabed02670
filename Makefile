# The two commands a newcomer needs are `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup run test check listener lock bench chaos chaos-ci soak clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.runtime  ## build .venv from the hashed requirement files

.venv/.runtime: requirements/runtime.txt requirements/dev.txt pyproject.toml tools/setup.sh
	@PYTHON=$(PYTHON) sh tools/setup.sh

run: setup  ## start the demo practice: web, chat, SIP
	@exec $(BIN)/careline serve --demo

test: setup  ## every test (see CONTRIBUTING.md for the Debian packages the telephone and browser tests want)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup  ## style, types, imports, protocols, architecture
	@$(BIN)/ruff check src tests bench tools
	@$(BIN)/ruff format --check src tests bench tools
	@$(BIN)/basedpyright
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/careline protocols lint
	@$(BIN)/python -m pytest tests/architecture -n 0

bench: setup  ## speed, as ratios measured in one run
	@$(BIN)/python -m bench

chaos: setup  ## break escalations at random, by SEED, RUNS times; prints the tally
	@$(BIN)/python -m tools.chaos --seed $(or $(SEED),1) --runs $(or $(RUNS),200)

chaos-ci: setup  ## break an escalation once at every commit and every port call it has
	@$(BIN)/python -m tools.chaos

listener: setup  ## learn the second listener's weights from the open rehearsal sets (needs scikit-learn: requirements/train.txt)
	@PYTHONPATH=src $(BIN)/python tools/train_listener.py

lock:  ## write the locked requirement files anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/runtime.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/dev.txt

clean:  ## remove what was built (data in var/ stays)
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache
