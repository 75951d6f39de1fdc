# Two commands do everything on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

SIZES ?= 1 10
OUT := build/bench

.PHONY: demo test check bench quality clients index clean

demo: $(VENV)/.installed
	$(BIN)/zunda-mcp index --episodes episodes --index index
	$(BIN)/python examples/ask.py "which episodes covered TensorRT-LLM"

test: $(VENV)/.installed-dev check
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.speed --sizes $(SIZES) --out $(OUT)
	$(BIN)/python -m benchmarks.start --out $(OUT)
	$(BIN)/python -m benchmarks.calls --out $(OUT)
	$(BIN)/python -m benchmarks.report --out $(OUT)

quality: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.quality --out build/quality

clients: $(VENV)/.installed-dev
	$(BIN)/python tests/clients/run.py

index: $(VENV)/.installed
	$(BIN)/zunda-mcp index

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

$(VENV)/.installed-bench: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[bench]"
	touch $@

clean:
	rm -rf $(VENV) index/g* index/CURRENT index/writer.lock
