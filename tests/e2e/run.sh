#!/usr/bin/env bash
# Drives the real window under Xvfb on real audio and real weights; called by ./test after the build.
# Screenshots go to $IAMBILLY_SHOTS (default: the build cache's e2e folder).
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/setup.sh"

tools=$cache/tools
if [ ! -x "$tools/bin/tauri-driver" ]; then
  say "Installing tauri-driver"
  # A target of its own: its profile would disturb ours.
  CARGO_TARGET_DIR=$cache/tools/target cargo install tauri-driver --version 2.0.6 --locked --quiet --root "$tools" ||
    fail "tauri-driver could not be installed." "cargo install tauri-driver --locked shows why."
fi
want=$(sha256sum tests/e2e/package-lock.json | cut -d' ' -f1)
if [ "$(cat tests/e2e/node_modules/.iambilly-lock 2>/dev/null)" != "$want" ]; then
  (cd tests/e2e && npm ci --no-audit --no-fund --loglevel=error)
  echo "$want" > tests/e2e/node_modules/.iambilly-lock
fi
shots=${IAMBILLY_SHOTS:-$cache/e2e}
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
mkdir -m 700 "$own/run" "$own/home"
# A home and a runtime folder of its own: no keyring of this user is touched, so a passphrase opens the data folder.
HOME=$own/home XDG_RUNTIME_DIR=$own/run XDG_DATA_HOME=$own/home XDG_CONFIG_HOME=$own/home XDG_CACHE_HOME=$own/home \
  CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} \
  NO_AT_BRIDGE=1 xvfb-run -a -s "-screen 0 1440x900x24" dbus-run-session --config-file="$root/tests/e2e/bus.conf" -- \
  node tests/e2e/run.mjs --app "$bin/iambilly-window" --data "$own/data" --shots "$shots" \
  --wav tests/fixtures/dictations/tlif_l34.wav --driver "$tools/bin/tauri-driver" "$@"
say "Screenshots: $shots"
