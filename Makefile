# SPDX-License-Identifier: Apache-2.0
# Every habit of the project is one word; `make help` lists them from the comments behind them.

.DEFAULT_GOAL := help
.PHONY: help setup build run test checks unit format lint fuzz fuzz-long replay bench arm64 interop peers hostile device library docs clean

release := tools/release
TARGET ?= stun
SECONDS ?= 60
MINUTES ?= 20

help: ## list these words
	@awk -F ': *[^#]*## ' '/^[a-z0-9-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install by apt what building needs and is missing; build libsrtp2 once
	@tools/setup build

build: setup ## build the release binary .build/release/porthole (static Swift, stripped)
	$(release) --product porthole
	$(release) --product porthole-checks

run: build ## build, then serve the first camera found, else the test pattern; ARGUMENTS="--listen …" adds options
	@exec .build/release/porthole $(ARGUMENTS)

test: ## install what tests need, build, and pass every test: unit, repository, browser, device, library, arm64
	@tools/test

checks: build ## only the vectors, mutation runs and simulations, as released
	@.build/release/porthole-checks

unit: build ## only the tests of `swift test`: units, simulations, house rules; FILTER=NAME selects
	@tools/units $(if $(FILTER),--filter $(FILTER))

interop: build ## only the tests with Chromium against the release binary
	@tools/setup test
	@tools/interop

peers: build ## data channels with aiortc, GStreamer and Firefox; not part of the tests
	@tools/setup bench
	@tools/interop peers

hostile: build ## only the attacks on the release binary, as long as the requirements say: about ten minutes
	@tools/setup test
	@tools/interop --long hostile

device: build ## only the tests with a camera driver, inside a guest kernel
	@tools/setup test
	@Tests/Device/run

arm64: setup ## cross-build for 64-bit ARM and run the checks and the program under qemu
	@tools/setup test
	@tools/arm64

library: setup ## only the package that imports the library: build it, run it, and write the library's pages
	@tools/library

docs: setup ## write the library's pages into .build/docs by DocC; a warning is a failure
	@tools/docs

format: ## format every Swift source in place
	swift format -i -r Package.swift Sources Tests Examples

lint: ## check the format of every Swift source
	swift format lint --strict -r Package.swift Sources Tests Examples

fuzz: setup ## fuzz one parser: TARGET=stun SECONDS=60
	@tools/fuzz "$(TARGET)" "$(SECONDS)"

fuzz-long: setup ## the long proof, hours: every parser for MINUTES=20 of processor time, four of them with 100 million inputs
	@tools/fuzz-long "$(MINUTES)" $(TARGETS)

replay: build ## feed each file of a folder to one parser: TARGET=stun CORPUS=DIR
	@tools/replay "$(TARGET)" "$(CORPUS)"

bench: build ## measure against x264 alone and GStreamer on the same frames, with 1 to 100 viewers; PARTS=loss selects
	$(release) --product porthole-load
	@tools/setup bench
	@.build/python/bin/python Tests/Interop/measure.py $(PARTS)

clean: ## remove everything built or fetched
	rm -rf .build
