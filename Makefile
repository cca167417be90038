# Everything is installed into .venv, and nothing outside this folder is touched, with one exception: root on Debian or
# Ubuntu gets the system packages that are missing (anyone else is told their names).

# CASE: what `make demo` assesses. EXTRAS: what is installed to test with (add spark for Spark). ROWS: the cohort of
# `make bench`. ARGS: more for pytest, such as ARGS="-k plan -x", or for `make bench`, such as ARGS=--quick.
CASE    ?= adjacent-segment-c036
EXTRAS  ?= test,all
ROWS    ?=
ARGS    ?=
PYTHONS ?= python3.11 python3.12 python3.13
VENV    ?= .venv

SHELL := bash
PY    := $(VENV)/bin/python
PIP   := $(PY) -m pip install -qq --disable-pip-version-check
DEV   := $(VENV)/.dev-$(EXTRAS)

# durable-rules calls a C function that Python 3.13 removed; the one named here does the same. Older Pythons have both.
export CPPFLAGS := $(strip $(CPPFLAGS) -DPyEval_CallObject=PyObject_CallObject)

# PYTHON=... chooses the interpreter. A .venv made by another one, or whose interpreter is gone, is made anew.
WHO   := import sys; print(sys.base_prefix, sys.hexversion)
FOUND := $(shell $(PY) -c '$(WHO)' 2>/dev/null)
RECENT = -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
ifdef PYTHON
  WANTED := $(shell $(PYTHON) -c '$(WHO)' 2>/dev/null)
else
  WANTED := $(FOUND)
  PYTHON := $(or $(shell for p in $(PYTHONS) python3; do $$p $(RECENT) && echo $$p && break; done),python3)
endif
ifneq ($(FOUND),$(or $(WANTED),none))
  STALE := FORCE
endif

.PHONY: help demo test lint format bench test-pythons clean FORCE

help: ## this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1|/' | while IFS='|' read -r target text; do \
	  printf '  make %-13s %s\n' "$$target" "$$text"; done

# An editable install, once there, is the one to run: it follows every edit.
demo: $(or $(if $(STALE),,$(firstword $(wildcard $(VENV)/.dev-*))),$(VENV)/.app) ## assess one case from the library (CASE=name)
	@$(VENV)/bin/spinepath assess $(CASE)

test: lint ## lint, then every test (ARGS="..." goes to pytest)
	@$(PY) -m pytest -n auto $(ARGS)

lint: $(DEV) ## ruff and mypy
	@echo "ruff check";  $(PY) -m ruff check
	@echo "ruff format"; $(PY) -m ruff format --check
	@echo "mypy";        $(PY) -m mypy

format: $(DEV) ## lay the code out as ruff wants it
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

bench: $(VENV)/.rivals ## one case, then cohorts beside other engines (ROWS=n, ARGS=--quick)
	@$(PY) tests/benchmarks/single.py --cases 2000
	@$(PY) tests/benchmarks/engines.py $(if $(ROWS),--rows $(ROWS)) $(ARGS)

test-pythons: $(DEV) ## install and run the demo on each of PYTHONS, each in a fresh .venv
	@PYTHONS="$(PYTHONS)" $(PY) -m pytest -n 0 -v -m slow tests/test_packaging.py $(ARGS)

clean: ## remove .venv and everything else that was made here
	@rm -rf $(VENV) build dist *.egg-info .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The rest are steps, each with a stamp inside .venv so that it is done once.

# durable-rules is built from C source. `missing` tries what that and a venv need, and prints the Debian packages
# which would bring what is not there.
COMPILE := import os, sysconfig as s; print(os.environ.get("CC") or s.get_config_var("CC"), "-I" + s.get_path("include"))
$(VENV)/.made: $(STALE)
	@$(PYTHON) $(RECENT) || { \
	  echo 'Python 3.11 or newer is needed; name one that is not on PATH with: make PYTHON=/path/to/python' >&2; exit 1; }
	@version=$$($(PYTHON) -c 'import sys; print("python%d.%d" % sys.version_info[:2])'); \
	compile=$$($(PYTHON) -c '$(COMPILE)'); \
	missing() { \
	  $(PYTHON) -c 'import ensurepip' || echo "$$version-venv"; \
	  echo '#include <Python.h>' | $$compile -fsyntax-only -x c - || echo "gcc $$version-dev"; \
	} 2>/dev/null; \
	packages=$$(missing); \
	if [ -n "$$packages" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing" $$packages; \
	  apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$packages >/dev/null; \
	  packages=$$(missing); \
	fi; \
	if [ -n "$$packages" ]; then \
	  echo "$$version lacks its venv module, or there is no C compiler that finds its headers (Python.h)." >&2; \
	  echo "On Debian or Ubuntu:  sudo apt-get install" $$packages >&2; \
	  exit 1; \
	fi
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# No cache: pip would take a copy that was once built without the flag above, and that one cannot be imported.
$(VENV)/.engine: $(VENV)/.made
	@echo "Building durable-rules"
	@$(PIP) --no-cache-dir durable-rules
	@$(PY) -c 'import durable.engine'
	@touch $@

# build/ is removed because setuptools would install what it finds there, files deleted since then included.
$(VENV)/.app: $(VENV)/.engine $(shell find pyproject.toml cli.py rules pathways reports -type f ! -name '*.pyc' 2>/dev/null)
	@echo "Installing Spinepath"
	@rm -rf build; $(PIP) .; rm -rf build
	@touch $@

$(VENV)/.dev-%: $(VENV)/.engine pyproject.toml
	@echo "Installing Spinepath, editable, with $*"
	@$(PIP) -e '.[$*]'
	@touch $@

# Other engines, to measure beside. One that cannot be installed here is left out, and the benchmark says so.
RIVALS := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["bench"])
$(VENV)/.rivals: $(DEV)
	@for rival in $$($(PY) -c '$(RIVALS)'); do \
	  echo "Installing $$rival, to measure beside"; $(PIP) "$$rival" || echo "$$rival cannot be installed here" >&2; \
	done
	@touch $@
