# The commands of the README. `make help` lists them.

CARGO ?= cargo
# Stored decisions of the last demo, for `hooke why`.
DEMO_STORE = target/demo.db

.PHONY: help demo demo-rabbitmq test lint doc bench toolchain compiler prepare

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: toolchain compiler ## a simulated site: some hours in half a minute
	$(CARGO) build -p hooke
	@target/debug/hooke demo --store $(DEMO_STORE)

demo-rabbitmq: toolchain prepare ## the same job on a real broker, with real workers
	$(CARGO) build -p hooke -p hooke-tests
	@target/debug/demo-rabbitmq

test: toolchain prepare ## everything, against a real RabbitMQ of its own
	$(CARGO) test --workspace --features hooke/crash-points --no-fail-fast

lint: toolchain ## formatting, clippy, documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features hooke/crash-points -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items

bench: toolchain prepare ## the measures, as ratios within one run
	$(CARGO) bench -p hooke-history --bench fleet
	$(CARGO) bench -p hooke-runtime --bench evaluate
	$(CARGO) bench -p hooke-runtime --bench neighbour
	$(CARGO) bench -p hooke-runtime --bench resident
	$(CARGO) bench -p hooke-tests --bench tick
	$(CARGO) bench -p hooke-tests --bench cloudwatch
	$(CARGO) bench -p hooke-tests --bench languages
	$(CARGO) bench -p hooke-tests --bench rabbitmq_source

# The toolchain of rust-toolchain.toml with the wasm target, fetched if missing.
toolchain:
	@command -v rustup >/dev/null || { echo "rustup is missing: see https://rustup.rs"; exit 1; }
	@rustup target list --installed 2>/dev/null | grep -qx wasm32-unknown-unknown \
	  || { echo "fetching the Rust toolchain of rust-toolchain.toml"; rustup toolchain install; }

# SQLite and TLS are compiled from C.
compiler:
	@command -v cc >/dev/null || { echo "a C compiler is missing: apt-get install gcc libc6-dev"; exit 1; }

# What the suite needs beside Rust; through apt as root, else names what is missing.
prepare:
	@sh tests/prepare.sh
