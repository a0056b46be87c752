#!/usr/bin/env bash
# What comes from others: licences, known weaknesses, duplicates, unused dependencies, and the bill of materials.
#   scripts/supply-chain.sh [SBOM.json]      writes the bill there; default: the build cache's sbom.cdx.json
#
# The databases of advisories are on the network. Where they cannot be reached that is said, the rest is still checked, and the exit
# code is 5 instead of 0; anything found is exit 1.
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

need_tools
tools=$cache/tools
found=0 unreached=0
# Their own target: another profile would disturb ours. The first time takes some minutes.
tool() {
  [ -x "$tools/bin/$1" ] && return 0
  say "Installing $1 $2"
  CARGO_TARGET_DIR=$tools/target cargo install "$1" --version "$2" --locked --quiet --root "$tools" && return 0
  say "✗ $1 could not be installed: what it checks is not checked (cargo install $1 --version $2 --locked shows why)"
  unreached=1
  return 1
}

if tool cargo-deny 0.20.2; then
  say "Licences, sources and duplicates"
  "$tools/bin/cargo-deny" --locked check --hide-inclusion-graph licenses bans sources || found=1
  say "Advisories (RustSec), by cargo-deny"
  if "$tools/bin/cargo-deny" fetch db >/dev/null 2>&1; then
    "$tools/bin/cargo-deny" --locked check --hide-inclusion-graph advisories || found=1
  else
    say "✗ the advisory database cannot be reached from here: advisories of crates are not checked"
    unreached=1
  fi
fi
# cargo-deny reads the same database; cargo-audit is for whoever has it, and for CI systems that know its report (.cargo/audit.toml).
if command -v cargo-audit >/dev/null 2>&1; then
  say "Advisories, by cargo-audit"
  cargo audit || found=1
fi
if tool cargo-machete 0.9.2; then
  say "Dependencies that nothing uses"
  "$tools/bin/cargo-machete" || found=1
fi
say "Licences (npm)"
scripts/npm-licences.py || found=1
for folder in ui tests/e2e; do
  say "Advisories (npm), $folder"
  report=$(cd "$folder" && npm audit --json 2>/dev/null) || true
  if ! python3 /dev/fd/4 "$folder" 3<<< "$report" 4<<'P'
import json, os, sys
try:
    report = json.load(os.fdopen(3))
    counts = report["metadata"]["vulnerabilities"]
except Exception:
    sys.exit(5)
print(f"  {sys.argv[1]}: {counts['total']} known in {report['metadata']['dependencies']['total']} packages", file=sys.stderr)
for name, v in report.get("vulnerabilities", {}).items():
    print(f"  {v['severity']}: {name} {v['range']}", file=sys.stderr)
# What only builds or tests counts from "high" on; nothing of npm runs on the clinic's machine but the page itself.
sys.exit(1 if counts["high"] + counts["critical"] else 0)
P
  then
    if [ -z "$report" ] || ! grep -q '"vulnerabilities"' <<< "$report"; then
      say "✗ npm's advisories cannot be reached from here: $folder is not checked"
      unreached=1
    else
      found=1
    fi
  fi
done
bill=${1:-$cache/sbom.cdx.json}
scripts/sbom.py > "$bill"
say "Bill of materials: $bill ($(python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))["components"]))' "$bill") parts)"
[ $found -eq 0 ] || fail "Something was found." "It is named above." 1
[ $unreached -eq 0 ] || fail "Nothing was found, and not everything could be checked." "Run this again where the network is: see ✗ above." 5
say "Nothing was found."
