# make serve   set up, build the index from seeds/, serve the page (PORT=8080: at another port)
# make test    set up and run every test
# make coverage   the same, and measure coverage
# make quick   run the tests that need no browser and no cluster, in a few minutes
# make check   lint, types, layers, known vulnerabilities of the requirements
# make check-install   install the wheel with each extra on every Python found, and use it
# make bench   compare engines on a small made-up corpus
# make torture attack index, builders and service, with the cases in TORTURE_DATA=folder, if set; two hours
# make opensearch   run three nodes of OpenSearch until Ctrl-C (needs Maven, and Java 21 or later)
# make messages   bring the message files of the pages up to date with the templates and scripts
# make lock    lock the requirements again, and test the locks
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
MESSAGES := $(abspath $(BIN))/pybabel -q
# One version of each package for every supported Python; those already locked are kept if they still fit.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help serve test coverage quick check check-install bench torture opensearch messages lock clean

help:
	@sed -n 's/^# make/make/p' Makefile

# An existing environment is kept; a changed lock brings it up to date.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("searchsvc needs Python 3.11 or later; set PYTHON=" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# Nothing is resolved here: the locks are complete, which tests/test_requirements.py proves.
define install
$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements-build.txt -r $(1)
$(BIN)/pip install --quiet --no-build-isolation --no-deps -e .
$(BIN)/pip check
endef

# The development requirements include those of the service; an environment that has them keeps them.
$(VENV)/.run: requirements.txt requirements-build.txt pyproject.toml | $(BIN)/python
	$(call install,$(if $(wildcard $(VENV)/.dev),requirements-dev.txt,requirements.txt))
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-build.txt pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.txt)
	@touch $(VENV)/.run $@

serve: $(VENV)/.run
	$(BIN)/searchsvc rebuild || test $$? -eq 3 # some files need attention; the others can be searched
	$(BIN)/searchsvc serve $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadgroup

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadgroup --cov

quick: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not (browser or cluster or slow or torture)"

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/audit.py

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.engine.run --documents 5000 --queries 20 --engines searchsvc,fts5,whoosh
	@echo "The other benchmarks, and larger runs: see benchmarks/README.md"

torture: $(VENV)/.dev
	$(MAKE) --no-print-directory -f benchmarks/torture/Makefile PYTHON=$(BIN)/python DATA=$(TORTURE_DATA)

opensearch: $(VENV)/.dev
	$(BIN)/python tests/cluster.py

messages: $(VENV)/.dev
	@mkdir -p build
	cd searchsvc/web && for domain in page script; do \
		$(MESSAGES) extract -F locale/$$domain.cfg -k N_ --no-location --sort-output -o $(CURDIR)/build/$$domain.pot . && \
		$(MESSAGES) update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -N -w 116 -D $$domain -d locale -i $(CURDIR)/build/$$domain.pot || exit 1; \
	done

lock: $(VENV)/.dev
	$(COMPILE) --group pyproject.toml:build --output-file requirements-build.txt
	$(COMPILE) --constraint requirements-build.txt --output-file requirements.txt pyproject.toml
	$(COMPILE) --constraint requirements-build.txt --constraint requirements.txt --all-extras --group dev --output-file requirements-dev.txt pyproject.toml
	$(COMPILE) --constraint requirements-dev.txt --all-extras --output-file requirements-extras.txt pyproject.toml
	$(call install,requirements-dev.txt)
	$(BIN)/python -m pytest tests/test_requirements.py

check-install: $(VENV)/.dev
	$(BIN)/python .ci/check_install.py $(LIMIT)

clean:
	rm -rf $(VENV) index/* index/.building-* build dist *.egg-info
