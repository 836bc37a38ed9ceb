# `make help` lists what there is.
#
# Everything that make builds for its own use lies in .bin, which all checkouts'
# tools find by SMARTICKS_BIN_DIR.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export SMARTICKS_BIN_DIR ?= $(CURDIR)/.bin
# Version stamps of git are of no use to a local build, and fail in a checkout
# that belongs to another user. Without paths in it, what one checkout compiled is good
# for all of them.
export GOFLAGS := $(strip $(filter-out -buildvcs=% -trimpath,$(GOFLAGS)) -buildvcs=false -trimpath)

BIN := $(SMARTICKS_BIN_DIR)
UP_FLAGS := $(if $(filter 0,$(DEMO)),--demo=false) $(if $(filter 1,$(ONCE)),--once)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: prerequisites ## serve the product and its demo on this machine (DEMO=0: no demo; ONCE=1: run the demo, then end)
	@go build -o $(BIN)/smarticks ./cmd/smarticks
	@exec $(BIN)/smarticks up $(UP_FLAGS)

.PHONY: check
check: prerequisites tools ## before each commit: format, lint, floors, tests of what was touched
	@scripts/check

.PHONY: test
test: prerequisites tools ## everything: all of check on all packages, race detector, end to end
	@scripts/test

.PHONY: bench
bench: bench-prepare ## bench-load, written into docs/performance.md, and a short bench-rules: some fifteen minutes
	@go run ./bench -write docs/performance.md
	@$(MAKE) bench-rules BENCHTIME=200ms

.PHONY: bench-load
bench-load: bench-prepare ## mails in, replies and webhooks out, beside a bare Temporal workflow (BENCH_FLAGS='-stands embedded -rounds 1')
	@go run ./bench $(BENCH_FLAGS)

.PHONY: bench-prepare
bench-prepare: prerequisites
	@go run ./internal/devstack/prepare

.PHONY: bench-time
bench-time: bench-prepare ## how late timers fire, beside a bare Temporal workflow; what 10,000 open conversations cost
	@go test ./e2e -run '^$$' -bench '^BenchmarkLateness$$' -benchtime 1x -timeout 40m
	@go test ./e2e -run '^$$' -bench '^BenchmarkOpenConversations$$/^10000$$' -benchtime 1x -timeout 40m

.PHONY: bench-files
bench-files: prerequisites ## how long a plan of 500 workflows takes
	@go test ./cmd/smarticks -run '^$$' -bench '^BenchmarkPlan$$' -benchtime 5x

.PHONY: bench-long
bench-long: bench-time bench-files ## bench-time and bench-files, and what 100,000 open conversations cost
	@go test ./e2e -run '^$$' -bench '^BenchmarkOpenConversations$$/^100000$$' -benchtime 1x -timeout 90m

.PHONY: bench-rules
bench-rules: prerequisites ## what a message costs with many workflows, also beside expr-lang/expr (BENCHTIME=1s)
	@go test ./automation -run '^$$' -bench . -benchtime $(or $(BENCHTIME),1s)
	@cd tools/benchexpr && go test . -run '^$$' -bench . -benchtime $(or $(BENCHTIME),1s)

.PHONY: fuzz
fuzz: prerequisites ## each fuzz target for a minute (FUZZTIME=60s)
	@scripts/fuzz

.PHONY: clean-room
clean-room: ## as root: clone HEAD, then make up ONCE=1 and make test twice, as root and as a normal user
	@scripts/clean-room

.PHONY: tools
tools: ## build the pinned linters into .bin
	@scripts/tools

.PHONY: prerequisites
prerequisites:
	@scripts/prerequisites
