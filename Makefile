# What people and CI run. `make demo` and `make test` install what they need.
CARGO ?= cargo
EMULATOR := localstack/emulator
# Tests and demo share one build.
export CARGO_TERM_COLOR ?= auto

.PHONY: demo test bench link-order fmt lint build clean

build:
	$(CARGO) build --locked

demo: build
	$(EMULATOR) run -- tests/demo.sh

test: lint
	$(EMULATOR) test
	$(EMULATOR) run -- tests/run.sh
	$(CARGO) build --locked
	$(EMULATOR) run -- tests/demo.sh

bench:
	$(CARGO) build --locked --release
	$(EMULATOR) run -- benches/report.py

# After a change of the compiler or of Cargo.lock; needs valgrind.
link-order:
	$(EMULATOR) run -- benches/link_order.py

fmt:
	$(CARGO) fmt

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --offline check bans licenses sources; \
	else echo "lint: cargo-deny is not installed; licences and sources are not checked (cargo install cargo-deny)"; fi

clean:
	$(EMULATOR) stop
	$(CARGO) clean
