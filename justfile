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

# Licences, bans and sources, and RustSec's advisories (installs cargo-deny where it is missing).
deny:
    scripts/deny.sh advisories

# Kills, full disks, damaged caches and many runs at once, from outside; needs Linux, strace and root.
faults: release
    scripts/faults.py

# No program is started, and offline no socket opened; needs Linux and strace.
no-exec: release
    scripts/no-exec.sh

# The newest wheels of well-known projects; needs the network.
wheels: release
    scripts/wheels.py

release:
    cargo build --release

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
