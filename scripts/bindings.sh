#!/usr/bin/env bash
# Writes down anew what crosses between the window and the page: ui/bindings.json as the window's commands and events
# have it, and the page's types from that. To be run after a change of what a command takes or answers; ./test fails until then.
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

need_tools
# shellcheck disable=SC2086
need_apt $apt_build
need_page
IAMBILLY_WRITE_SNAPSHOTS=1 cargo test --release --locked --workspace --bin iambilly-window -- bindings ||
  fail "The window's commands could not be described." "See above." 1
(cd ui && node scripts/bindings.mjs --write) || fail "The page's types could not be made." "See above." 1
git diff --stat -- ui/bindings.json ui/src/lib/backend/bindings.ts
