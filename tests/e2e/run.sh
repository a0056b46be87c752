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
# No keyring: a passphrase opens the data folder. Sound goes to a sink nobody hears.
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/run.mjs --app "$bin/iambilly-window" --data "$own/data" --shots "$shots" \
  --wav tests/fixtures/dictations/tlif_l34.wav --driver "$tools/bin/tauri-driver" --sound "$@"
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/record.mjs --app "$bin/iambilly-window" --data "$own/record" --shots "$shots" \
  --wav tests/fixtures/dictations/tlif_l34.wav --driver "$tools/bin/tauri-driver"
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/learned.mjs --app "$bin/iambilly-window" --cli "$bin/iambilly" --data "$own/learned" --shots "$shots" \
  --driver "$tools/bin/tauri-driver"
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/rules.mjs --app "$bin/iambilly-window" --cli "$bin/iambilly" --data "$own/rules" --shots "$shots" \
  --driver "$tools/bin/tauri-driver"
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/approve.mjs --app "$bin/iambilly-window" --data "$own/approve" --shots "$shots" --driver "$tools/bin/tauri-driver"
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/exchange.mjs --app "$bin/iambilly-window" --cli "$bin/iambilly" --data "$own/exchange" --shots "$shots" \
  --driver "$tools/bin/tauri-driver"
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/library.mjs --app "$bin/iambilly-window" --cli "$bin/iambilly" --data "$own/library" --shots "$shots" \
  --driver "$tools/bin/tauri-driver"
need_fhir_server
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/emr.mjs --app "$bin/iambilly-window" --cli "$bin/iambilly" --data "$own/emr" --shots "$shots" \
  --driver "$tools/bin/tauri-driver"
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/canary.mjs --app "$bin/iambilly-window" --cli "$bin/iambilly" --data "$own/canary" --shots "$shots" \
  --driver "$tools/bin/tauri-driver"
scripts/with-services.sh --no-keyring xvfb-run -a -s "-screen 0 1440x900x24" \
  node tests/e2e/physician.mjs --app "$bin/iambilly-window" --cli "$bin/iambilly" --data "$own/physician" --shots "$shots" \
  --driver "$tools/bin/tauri-driver"
say "Screenshots: $shots"
