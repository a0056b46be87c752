#!/usr/bin/env bash
# How fast a remittance is read, by us and in the same run by pyx12 and node-x12 (pinned: tests/x12). Prints Markdown.
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

need_tools
need_x12_validators
want=$(sha256sum tests/x12/node/package-lock.json | cut -d' ' -f1)
if [ "$(cat tests/x12/node/node_modules/.iambilly-lock 2>/dev/null)" != "$want" ]; then
  (cd tests/x12/node && npm ci --no-audit --no-fund --loglevel=error)
  echo "$want" > tests/x12/node/node_modules/.iambilly-lock
fi
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
printf '```\n'
cargo run --release --locked --quiet -p iambilly-edi --example exchange_speed -- "$own"
printf '```\n\nThe same 835 of 5 MB:\n\n| reader | segments | ms |\n|---|---|---|\n'
row() { printf '| %s | %s | %s |\n' "$1" "${2% *}" "${2#* }"; }
row 'iambilly-edi: read, checked and taken apart into claims' "$(cat "$own/ours")"
row 'pyx12 4.0.0: split into segments' "$("$cache/x12/pyx12/bin/python" tests/x12/speed.py "$own/small.835")"
row 'node-x12 1.7.1: parsed, strict' "$(node tests/x12/node/speed.mjs "$own/small.835")"
