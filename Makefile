# Every command of the project. Needs Python 3.13 and make; each environment installs itself, pinned by hash.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
export PYTHONDONTWRITEBYTECODE := 1
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/core

DEV := .venv/dev/bin
DEV_READY := .venv/dev/.ready
STACK_READY := .venv/stack/.ready
SAM_READY := .venv/sam/.ready
BENCH_READY := .venv/bench/.ready
PYTEST := $(DEV)/pytest

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

run: $(DEV_READY) $(STACK_READY) $(SAM_READY) ## Run the whole stack here, with a mailbox to play the recipients (FRESH=1 forgets earlier mail; RULES=it-284-2026: by whose rules)
	@FRESH=$(FRESH) RULES=$(RULES) exec $(DEV)/python -m infra.local.run

demo: $(DEV_READY) ## Against `make run`: send some mails, play their recipients, print what Ocello says
	@$(DEV)/python -m infra.local.sample.demo

test: $(DEV_READY) $(SAM_READY) ## Unit, port, contract, integration, structure and artifact tests
	@$(PYTEST)
	@$(PYTEST) tests/artifact

test-local: $(DEV_READY) $(STACK_READY) $(SAM_READY) ## Test the local run, end to end
	@$(PYTEST) tests/local --ignore tests/local/test_sam_local.py

test-dynamodb: $(DEV_READY) ## Tests of ports, and of what only a real DynamoDB does, on DynamoDB Local (Java, npm)
	@$(DEV)/python -m infra.tools.dynamodb_local -- $(PYTEST) tests/ports tests/dynamodb

test-mail: $(DEV_READY) ## Tests against a real mail server (Dovecot, of Debian's packages)
	@$(PYTEST) tests/mail

test-browser: $(DEV_READY) ## Tests of the pages in a real browser, with axe-core on every page (Chromium, npm)
	@$(PYTEST) tests/browser

screenshots: $(DEV_READY) ## Take a picture of each page, light and dark, into docs/screenshots (Chromium)
	@PYTHONPATH=.:layers/core $(DEV)/python -m tests.browser.screenshots

test-sam-local: $(DEV_READY) $(STACK_READY) $(SAM_READY) ## Test `sam local start-api` in Docker, sharing the local run's tables
	@$(PYTEST) tests/local/test_sam_local.py -rs

bench: $(DEV_READY) $(BENCH_READY) ## Measure ratios, each side by side in one run (Java, npm): docs/measured.md
	@$(DEV)/python -m infra.tools.dynamodb_local -- $(DEV)/python tests/bench/capture.py
	@$(DEV)/python -m infra.tools.dynamodb_local -- $(DEV)/python tests/bench/settle.py
	@$(DEV)/python -m infra.tools.dynamodb_local -- $(DEV)/python tests/bench/inbox.py
	@$(DEV)/python -m infra.tools.dynamodb_local -- $(DEV)/python tests/bench/stats.py
	@env -u PYTHONDONTWRITEBYTECODE $(DEV)/python tests/bench/imports.py
	@$(DEV)/python tests/bench/rewriting.py
	@$(DEV)/python tests/bench/neighbour.py
	@$(DEV)/python tests/bench/garbage.py
	@$(DEV)/python tests/bench/networks.py
	@$(DEV)/python tests/bench/tokens.py
	@PYTHONPATH=.:layers/core $(DEV)/python -m tests.bench.pages.weight
	@$(DEV)/python infra/tools/operate/price.py

bench-verdicts: $(DEV_READY) ## Agents on public lists, simulated people and scanners, each beside its aim; status 1 if one is missed (npm)
	@$(DEV)/python -m tests.bench.verdicts

build: $(DEV_READY) $(SAM_READY) ## Build what is deployed to AWS (ARCHITECTURE=arm64: for Arm processors)
	@$(DEV)/python -m infra.tools.build

lint: $(DEV_READY) $(SAM_READY) ## ruff, mypy, vulture, bandit, licences, cfn-lint, sam validate
	@$(DEV)/ruff check .
	@$(DEV)/ruff format --check .
	@$(DEV)/mypy
	@$(DEV)/python -m infra.tools.check.unused
	@$(DEV)/bandit -q -r -c pyproject.toml functions layers/core infra
	@$(DEV)/python -m infra.tools.licences
	@.venv/sam/bin/python -m infra.tools.licences
	@$(DEV)/cfn-lint template.yaml infra/*.yaml
	@PATH="$(CURDIR)/$(DEV):$$PATH" SAM_CLI_TELEMETRY=0 .venv/sam/bin/sam validate --lint

lint-js: $(DEV_READY) ## eslint and TypeScript's types over the pages' scripts (npm)
	@$(DEV)/python -m infra.tools.check.lint_js

docs: $(DEV_READY) ## Write what is generated: docs/api, the catalogues of translations, the crawler list, the public suffixes, the networks
	@$(DEV)/python infra/tools/make_docs.py
	@$(DEV)/python -m infra.tools.translations
	@$(DEV)/python -m infra.tools.data.make_crawlers
	@$(DEV)/python -m infra.tools.data.make_suffixes
	@$(DEV)/python -m infra.tools.data.make_networks
	@$(DEV)/python -m infra.tools.vendor_static

docs-check: $(DEV_READY) ## Check that generated files are up to date
	@$(DEV)/python infra/tools/make_docs.py --check
	@$(DEV)/python -m infra.tools.translations --check
	@$(DEV)/python -m infra.tools.data.make_crawlers --check
	@$(DEV)/python -m infra.tools.data.make_suffixes --check
	@$(DEV)/python -m infra.tools.data.make_networks --check
	@$(DEV)/python -m infra.tools.vendor_static --check

replay-logs: $(DEV_READY) ## Write hits from exported log lines into a stack's hits table: make replay-logs FILE=lines.json (LOADS=1 STACK=… REGION=…)
	@$(DEV)/python -m infra.tools.operate.replay_logs $(if $(LOADS),--loads) $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(FILE)

index-subjects: $(DEV_READY) ## Note the tracked copies of stored mail under their readers, once after an upgrade: make index-subjects (STACK=… REGION=… MOST=… FROM=…)
	@$(DEV)/python -m infra.tools.operate.index_subjects $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(if $(MOST),--most $(MOST)) $(if $(FROM),--from $(FROM))

subject: $(DEV_READY) ## Export or erase what a stack holds of a person: make subject DO=export|erase|again ADDRESS=… (FILE=… REASON=… STACK=… REGION=…)
	@$(DEV)/python -m infra.tools.operate.subject $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(if $(ADDRESS),--address "$(ADDRESS)") $(if $(REASON),--reason "$(REASON)") $(if $(FILE),--file "$(FILE)") $(DO)

evidence: $(DEV_READY) ## Gather a stack's proofs of consent and drafts of its papers: make evidence FOLDER=… (STACK=… REGION=…)
	@$(DEV)/python -m infra.tools.operate.evidence $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(FOLDER)

export-ledger: $(DEV_READY) ## Export a stack's ledger of consent and its signed head: make export-ledger FOLDER=… (STACK=… REGION=…)
	@$(DEV)/python -m infra.tools.operate.export_ledger $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(FOLDER)

verify-ledger: $(DEV_READY) ## Check an exported ledger by its signed head: make verify-ledger FOLDER=… (or FILE=ledger.ndjson HEAD=head.json)
	@$(DEV)/python infra/tools/operate/verify_ledger.py $(or $(FILE),$(FOLDER)/ledger.ndjson) $(or $(HEAD),$(FOLDER)/head.json)

try-mailbox: $(DEV_READY) ## Open a mailbox by IMAP and say what its server can do: make try-mailbox HOST=… NAME=… (PORT=143 SECURITY=starttls TOKEN=1)
	@$(DEV)/python -m infra.tools.operate.try_mailbox $(if $(PORT),--port $(PORT)) $(if $(SECURITY),--security $(SECURITY)) $(if $(TOKEN),--token) "$(HOST)" "$(NAME)"

rename-sign-in: $(DEV_READY) ## Give a stack's sign-in page another address, in two updates: make rename-sign-in PREFIX=… (STACK=… REGION=…)
	@$(DEV)/python -m infra.tools.operate.rename_sign_in $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(PREFIX)

rejudge: $(DEV_READY) ## Judge a stack's whole history anew by these rules, 20 messages a second, from where it stopped (STACK=… REGION=… RATE=… NETWORKS=1 ALL=1)
	@$(DEV)/python -m infra.tools.operate.rejudge $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(if $(RATE),--rate $(RATE)) $(if $(NETWORKS),--networks) $(if $(ALL),--all)

judge: $(DEV_READY) ## Say what the verdicts and alerts of mails' hits are: make judge FILE=hits.jsonl (- for standard input; SHUFFLE=7)
	@$(DEV)/python infra/tools/judge.py $(if $(SHUFFLE),--shuffle $(SHUFFLE)) $(if $(FILE),"$(FILE)")

check: lint lint-js docs-check test test-dynamodb test-mail test-browser ## Everything that must pass: lint, docs-check and all tests
	@$(MAKE) $(STACK_READY)
	@$(PYTEST) tests/local/test_sam_local.py || [ $$? -eq 77 ] # 77: it could not run here, and said so
	@$(MAKE) test-local

lock: $(DEV_READY) ## Resolve the requirements again, with hashes
	@infra/tools/lock

clean: ## Delete environments, caches and the local run
	rm -rf .venv .local .cache .aws-sam

# An environment is ready when its stamp is newer than its lock.
.venv/%/.ready: requirements/%.txt
	@python=$$(infra/tools/find-python) || exit 1; "$$python" infra/tools/install.py $* >&2

.PHONY: help build run demo test test-local test-dynamodb test-mail test-browser screenshots test-sam-local bench bench-verdicts lint lint-js docs docs-check replay-logs index-subjects subject evidence export-ledger verify-ledger try-mailbox rename-sign-in rejudge judge check lock clean
