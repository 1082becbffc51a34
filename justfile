# The same steps as continuous integration runs.
ci: fmt lint doc test

# Everything is formatted.
fmt:
    cargo fmt --all --check

# No warning, tests and benches included.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# The docs build without a warning.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# The hermetic tests: no network, no clock, no order.
test:
    cargo test --workspace

# Licences and advisories (cargo install cargo-deny).
deny:
    cargo deny check

# Live runs against the real index; needs the network, and uv for the comparison of versions.
live:
    scripts/live.sh

# The pre-commit hooks, run by pre-commit; needs the network, and compiles for some minutes.
precommit:
    scripts/precommit.sh

# The page of `size --html` in a real browser; needs uv and Chromium.
size-page:
    scripts/size-page.sh

# Micro-benchmarks.
bench:
    cargo bench -p benches

# Side by side with uv, pip and auditwheel on this machine.
compare:
    benches/compare.sh
