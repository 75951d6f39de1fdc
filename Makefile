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
# Four processes on any machine: tests wait for the servers and commands they start. More than four wait for the disk.
# On Linux they are forked when all tests are collected (tests/forked_workers.py), elsewhere each collects for itself.
# Modules that are compiled once are kept, whatever the user's shell says: every test that starts a process loads them.
export PYTHONDONTWRITEBYTECODE :=
PROCESSES := $(if $(filter Linux,$(shell uname 2>/dev/null)),--forks 4,-n 4 --dist worksteal)
PYTEST = $(BIN)/python -m pytest -q $(PROCESSES)

.PHONY: demo test tests test-archive coverage check apps pictures bench visitors quality clients trial stress stress-short cluster cluster-down test-cluster test-in-cluster bench-cluster index bundle bundle-proof release-check clean

demo: $(VENV)/.installed
	$(BIN)/zunda-mcp index --episodes episodes --index index
	$(BIN)/python examples/ask.py "which episodes covered TensorRT-LLM"

# The checks run beside the tests. What needs the published archive is left out where that does not lie beside this folder.
test: $(VENV)/.installed-dev
	$(MAKE) -j2 check tests

tests: $(VENV)/.installed-dev
	$(PYTEST)

# Which lines and branches of the package the tests run, servers and commands that they start included.
coverage: $(VENV)/.installed-dev
	$(PYTEST) --cov --cov-report term:skip-covered --cov-report html --timeout 1200

test-archive: $(VENV)/.installed-dev
	$(PYTEST) -m archive

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The chart of topic_timeline in a real browser, which it does not install: without one on the PATH, these are skipped.
apps: $(VENV)/.installed-dev
	$(BIN)/python -m pytest tests/server/apps

# The pictures of both READMEs, of real answers over the sample.
pictures: $(VENV)/.installed-dev
	$(BIN)/python qa/pictures/take_pictures.py

bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.speed --sizes $(SIZES) --out $(OUT)
	$(BIN)/python -m benchmarks.whole --sizes $(SIZES) --out $(OUT)
	$(BIN)/python -m benchmarks.start --out $(OUT)
	$(BIN)/python -m benchmarks.calls --out $(OUT)
	$(BIN)/python -m benchmarks.report --out $(OUT)

# What a public server costs, into docs/owners.md: ab of apache2-utils asks it.
visitors: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.visitors --docs docs

# The embedded engine and a cluster (ZUNDA_TEST_OPENSEARCH_URL, from `make cluster`) in one run.
bench-cluster: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.over_cluster --sizes $(SIZES) --out $(OUT)

# QUERIES and EPISODES (one folder or more) measure another archive, DOCS says where its page goes.
quality: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.quality --out build/quality \
		$(if $(QUERIES),--queries $(QUERIES)) $(EPISODES:%=--episodes %) $(if $(DOCS),--docs $(DOCS))

clients: $(VENV)/.installed-dev
	$(BIN)/python qa/clients/run.py

# ASSISTANT is the command of an assistant, as qa/trial/trial.py describes it; without it a stub calls once. PEER adds a
# server to compare with, QUESTIONS and ARCHIVE ask about another archive.
trial: $(VENV)/.installed-dev
	$(BIN)/python qa/trial/trial.py $(if $(ASSISTANT),--assistant '$(ASSISTANT)') $(if $(PEER),--peer '$(PEER)') \
		$(if $(QUESTIONS),--questions $(QUESTIONS)) $(if $(ARCHIVE),--archive $(ARCHIVE))

# Everything that can go wrong, on purpose; an hour or more. SEED repeats a run, MINUTES bounds each harness.
stress: $(VENV)/.installed-dev
	$(if $(HARNESS),,PROPERTY_SCALE=40 $(PYTEST) -m "hypothesis or scaled" --ignore tests/stress --timeout 3600)
	$(BIN)/python qa/stress/stress.py $(HARNESS) $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

# What `make test` has the least of, in five minutes: the harnesses of qa/stress, and more drawn cases.
stress-short: $(VENV)/.installed-dev
	PROPERTY_SCALE=10 $(PYTEST) -m scaled

# Three nodes of OpenSearch on this machine, for ZUNDA_TEST_OPENSEARCH_URL; jars from Maven Central, once.
cluster: $(VENV)/.installed-dev
	$(BIN)/python qa/cluster/run_cluster.py

# The tests that ask a real cluster, one after the other: some of them kill its nodes.
test-cluster: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q -m cluster

# What is tested of the embedded engine, asked of the cluster: an hour or more, each test has an index of its own.
test-in-cluster: $(VENV)/.installed-dev
	ZUNDA_TEST_ENGINE=opensearch ZUNDA_MCP_ENGINE_REPLICAS=0 $(BIN)/python -m pytest -q -m "not cluster and not archive"

cluster-down: $(VENV)/.installed-dev
	$(BIN)/python qa/cluster/run_cluster.py down

index: $(VENV)/.installed
	$(BIN)/zunda-mcp index

# The .mcpb bundle and the server.json that names it, held against the published tools where npm is there.
bundle: $(VENV)/.installed
	rm -f build/*.mcpb
	$(BIN)/python packaging/bundle.py --out build
	$(BIN)/python packaging/check.py build/zunda-mcp-*.mcpb --node build/node

# The bundle unpacked, started and asked as a desktop client does it; uv fetches packages the first time.
bundle-proof: bundle build/uv/.installed
	$(BIN)/python packaging/proof.py build/zunda-mcp-*.mcpb --uv build/uv/$(notdir $(BIN))

# All of a release but the upload: built, looked into, installed where nothing else is, asked.
release-check: $(VENV)/.installed-dev build/uv/.installed
	$(BIN)/python packaging/release_check.py --out build/release --tools build/uv/$(notdir $(BIN))

build/uv/.installed:
	$(PYTHON) -m venv build/uv
	build/uv/$(notdir $(BIN))/python -m pip install --quiet uv pipx
	touch $@

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# In one go: to install the package first and the rest after it takes half as long again.
$(VENV)/.installed-dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $(VENV)/.installed $@

$(VENV)/.installed-bench: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[bench]"
	touch $@

clean:
	rm -rf $(VENV) build/node build/uv build/server.json build/*.mcpb index/g* index/CURRENT index/writer.lock
