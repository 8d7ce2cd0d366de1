# The human's door. `make` alone tells what there is; CMakePresets.json says what the builds are made of.
.DEFAULT_GOAL := help
SHELL   := /bin/bash
JOBS    ?= $(shell nproc)
PREFIX  ?= /usr/local
DEPS    := util/cmake/install-deps.sh
# A GoogleTest program or a script that asks for more is broken: nothing runs for ever.
CTEST   := ctest --output-on-failure --no-tests=error -j $(JOBS)
# Warnings are errors where we decide about the compiler, not on a stranger's machine.
CMAKE   := cmake --log-level=WARNING -DCMAKE_COMPILE_WARNING_AS_ERROR=$(if $(filter true,$(CI)),ON,OFF)
CLANGXX ?= clang++
# The sanitizers run what is ours alone: no foreign peers, no compiling of consumers, no benchmarks.
OURS    := -LE 'interop|consumer|bench|slow'

# Linux kernels with much address randomisation break ThreadSanitizer of GCC 12 and Clang 14 at start-up.
NOASLR  := $(shell setarch $$(uname -m) -R true 2>/dev/null && echo "setarch $$(uname -m) -R")
export ASAN_OPTIONS  ?= detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS ?= print_stacktrace=1
export TSAN_OPTIONS  ?= second_deadlock_stack=1
# What one checkout has compiled, another need not.
export CCACHE_BASEDIR  := $(CURDIR)
export CCACHE_NOHASHDIR := 1
ifeq ($(CI),true)
export AUTOBAHN_REQUIRE_PEERS = 1
endif

.PHONY: help deps deps-% build demo test conformance interop-deps lint format bench bench-build fuzz mutate docs install clean debug clang asan tsan coverage valgrind foreign

help:  ## this list
	@echo "autobahn: WebSocket for C++20. Targets:"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16 | sed 's/^/  make /'

deps:  ## install the Debian packages of everything below (as root, or with sudo)
	@$(DEPS)
deps-%:
	@$(DEPS) $(subst +, ,$*)

build: deps-build  ## library and programs, optimised, in build/release (programs: build/release/bin)
	@$(CMAKE) --preset release >/dev/null
	@cmake --build build/release -j $(JOBS) --target autobahn_programs

demo: build  ## echo over ws and wss, with and without compression, and WAMP's four roles; KEEP=1 leaves the server running
	@KEEP=$(KEEP) examples/demo/run.sh build/release/bin

test: deps-build+test interop-deps  ## every test: unit, conformance, interop, examples, consumers (TESTS=regex: some)
	@$(CMAKE) --preset release >/dev/null
	@cmake --build build/release -j $(JOBS)
	@cd build/release && $(CTEST) $(if $(TESTS),-R '$(TESTS)')

conformance: build  ## every case of wstest in full against our own server and client, over ws and wss (about 10 minutes)
	@for scheme in ws wss; do for role in server client; do \
	  testsuite/conformance/run.py --wstest build/release/bin/wstest --role $$role --scheme $$scheme \
	    --profile full --jobs 2 --at-least 650 || exit 1; done; done

interop-deps:  ## install the npm peers of the interop tests, as pinned in testsuite/interop
	@util/cmake/install-peers.sh testsuite/interop

lint: deps-build+lint  ## format, layers, static analysis of what changed; ALL=1: of everything
	@testsuite/lint/format.sh --check
	@testsuite/lint/layers.py
	@ALL=$(ALL) JOBS=$(JOBS) testsuite/lint/tidy.sh

format: deps-lint  ## reformat the sources in place
	@testsuite/lint/format.sh

bench: bench-build  ## the benchmarks, with their peers, in one run (about half an hour; ARGS=--smoke: a minute)
	@bench/run.sh build/bench/bin $(ARGS)

bench-build: deps-build+bench interop-deps
	@util/cmake/install-peers.sh bench/router/peer
	@$(CMAKE) --preset bench >/dev/null
	@cmake --build build/bench -j $(JOBS)

foreign: deps-build+foreign interop-deps  ## other people's WebSockets tested by wstest; rewrites the tables of docs/conformance.md
	@$(CMAKE) --preset foreign >/dev/null
	@cmake --build build/foreign -j $(JOBS) --target wstest foreign_peers
	@/usr/bin/python3 -B testsuite/foreign/run.py build/foreign/bin build/foreign/reports docs/conformance.md $(PEERS)

fuzz: deps-build+fuzz  ## what reads what peers and operators send, fed with any bytes, TIME seconds per target (300); TARGETS="http engine": some
	@$(CMAKE) --preset fuzz >/dev/null
	@cmake --build build/fuzz -j $(JOBS)
	@testsuite/fuzz/run.sh build/fuzz/bin $(or $(TIME),300) $(TARGETS)

mutate: deps-build+test  ## takes one defence after the other away in a copy of the tree: do its tests notice? (about an hour; ONLY=regex: some)
	@/usr/bin/python3 -B testsuite/attacks/mutate.py --jobs $(JOBS) $(if $(ONLY),--only '$(ONLY)')

docs: deps-build+docs  ## the documentation in build/docs/html; any warning is an error
	@mkdir -p build/docs
	@PROJECT_NUMBER=$$(sed -nE 's/^project\(autobahn VERSION ([0-9.]+).*/\1/p' CMakeLists.txt) doxygen docs/Doxyfile
	@echo "docs: build/docs/html/index.html"

install: build  ## install library, headers and programs under PREFIX (/usr/local)
	@cmake --install build/release --prefix $(PREFIX)

debug: deps-build+test  ## unoptimised build with assertions, and its unit tests
	@$(CMAKE) --preset debug >/dev/null
	@cmake --build build/debug -j $(JOBS)
	@cd build/debug && $(CTEST) $(OURS)

clang: deps-build+test+lint  ## our unit tests, built with Clang (CLANGXX=clang++-16: with that one; ALL=1: everything)
	@$(CMAKE) --preset clang -B build/$(CLANGXX) -DCMAKE_CXX_COMPILER=$(CLANGXX) >/dev/null
	@cmake --build build/$(CLANGXX) -j $(JOBS) $(if $(ALL),,--target autobahn_tests)
	@cd build/$(CLANGXX) && $(CTEST) $(if $(ALL),$(OURS),-L unit)

asan: deps-build+test  ## our test programs under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(CMAKE) --preset asan >/dev/null
	@cmake --build build/asan -j $(JOBS) --target autobahn_tests
	@cd build/asan && $(CTEST) -L unit

tsan: deps-build+test  ## our test programs that have threads, under ThreadSanitizer (ALL=1: those of wamp, too)
	@$(CMAKE) --preset tsan -DAUTOBAHN_TSAN_WAMP=$(if $(ALL),ON,OFF) >/dev/null
	@cmake --build build/tsan -j $(JOBS) --target autobahn_threaded_tests
	@cd build/tsan && $(NOASLR) $(CTEST) -L unit -L threads

coverage: deps-build+test+coverage  ## lines of the libraries that the unit tests run, at least 95 % of each (FILES=1: names the others)
	@$(CMAKE) --preset coverage >/dev/null
	@cmake --build build/coverage -j $(JOBS) --target autobahn_tests
	@find build/coverage -name '*.gcda' -delete
	@cd build/coverage && $(CTEST) -L unit
	@testsuite/coverage/coverage.py build/coverage --at-least 95 $(if $(FILES),--files)

valgrind: deps-build+test  ## the unit tests under valgrind (about an hour; TESTS=regex: some)
	@$(CMAKE) --preset release >/dev/null
	@cmake --build build/release -j $(JOBS) --target autobahn_tests
	@testsuite/lint/valgrind.sh build/release $(JOBS) $(TESTS)

clean:  ## remove everything built (not: the compiler cache, node_modules)
	rm -rf build
