# `make run` and `make test` need nothing but Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What `make run` loads, and where it keeps it.
DATA ?=
LOADED := $(if $(DATA),$(DATA),examples)
FOLDER ?= data/$(if $(DATA),given,examples)
WORKERS ?= auto

.PHONY: run install test check lint format types tests bench bench-oai oai-rounds bench-sparql verdicts shapes schemathesis hostile kills doi-faults facets searches relevance harvests editor pages snippets clean

run: install
	$(BIN)/parhelion --data $(FOLDER) ingest $(LOADED)
	$(BIN)/parhelion --data $(FOLDER) serve

install: $(VENV)/installed

test: tests

check: lint types tests

$(BIN)/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Parhelion needs Python 3.11 or later: make PYTHON=python3.12 …"'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/installed

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/installed-dev
	$(BIN)/mypy

tests: $(VENV)/installed-dev
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.pipeline
	$(BIN)/python -m benchmarks.sparql

bench-sparql: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.sparql

verdicts: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.verdicts

shapes: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.shapes

# Requests made from the API's description, many for each parameter.
schemathesis: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.described $(CASES)

hostile: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.hostile

facets: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.facet_counts $(FOLDER)

searches: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.search

# Whether the search finds what it should: judged queries, on all shared records.
relevance: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.relevance

bench-oai: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.oai

oai-rounds: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.oai rounds 5000

kills: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.kills

# 1,000 lives of DOIs, each with a kill or a fault of DataCite's.
doi-faults: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.doi_faults 1000

# 200 kills of a harvest from a faulty peer, and what harvests cost.
harvests: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.harvests kills 200
	$(BIN)/python -m benchmarks.harvests cost

# Landing pages through HTTP, 16 clients, all shared SPASE records.
pages: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.pages

# The code that pages show for loading data, run by the clients themselves, which are in an
# environment of their own: they are large, and nothing of the product needs them.
CLIENTS := $(VENV)/clients

snippets: $(VENV)/installed-dev
	$(BIN)/python -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet hapiclient cdasws pyvo speasy sscws pyspedas 'sunpy[net]'
	$(BIN)/python -m benchmarks.snippets $(CLIENTS)/bin/python

# The SPARQL editor of /sparql (MIT), from npm: the page does without it, so `make run` does not
# need it. A wheel that is built afterwards has it.
EDITOR := registry/web/static/yasqe
YASQE := 4.6.2

editor: $(EDITOR)/yasqe.min.js

$(EDITOR)/yasqe.min.js: Makefile
	rm -rf $(EDITOR) && mkdir -p $(EDITOR)
	cd $(EDITOR) && npm pack --silent @zazuko/yasqe@$(YASQE)
	cd $(EDITOR) && tar xzf zazuko-yasqe-$(YASQE).tgz --strip-components=2 \
		package/build/yasqe.min.js package/build/yasqe.min.css
	rm $(EDITOR)/*.tgz && touch $@

clean:
	rm -rf data build dist
