#!/usr/bin/env python3
"""Holds the licence of every npm package in our lock files to a list, as cargo-deny does for crates (deny.toml). Reads no network.

    scripts/npm-licences.py        prints what is not on the list; exit 1 then
"""
import json
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
# May be in the page or build and test it.
ALLOWED = {"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Zlib", "BlueOak-1.0.0", "Unicode-3.0"}
# One package each, and why.
NAMED = {
    "@fontsource-variable/source-code-pro": ("OFL-1.1", "a typeface; its licence is in the package"),
    "@fontsource-variable/source-sans-3": ("OFL-1.1", "a typeface; its licence is in the package"),
    "axe-core": ("MPL-2.0", "tests only"),
    "lightningcss": ("MPL-2.0", "builds the page, is no part of it"),
    "argparse": ("PSF-2.0", "generates the bindings, is no part of the page"),
    "@apidevtools/json-schema-ref-parser/argparse": ("Python-2.0", "generates the bindings, is no part of the page"),
    # The lock file names none; the package's own file is MIT (Hunter Johnston, 2024).
    "svelte-toolbelt": (None, "MIT by its own file"),
}


def named(path):
    parts = [p.strip("/") for p in path.split("node_modules/") if p]
    return "/".join(parts)


def allowed(expression):
    """SPDX without nesting: one of OR, all of AND."""
    plain = expression.strip("()")
    if " OR " in plain:
        return any(allowed(p) for p in plain.split(" OR "))
    return all(p in ALLOWED for p in re.split(r" AND ", plain))


locks = subprocess.run(["git", "ls-files", "*package-lock.json"], cwd=root, capture_output=True, text=True, check=False).stdout.split()
locks = locks or [str(p.relative_to(root)) for p in root.glob("**/package-lock.json") if "node_modules" not in p.parts]
seen, odd, unused = 0, [], set(NAMED)
for lock in locks:
    for path, package in json.loads((root / lock).read_text())["packages"].items():
        if not path:
            continue
        seen += 1
        name, licence = named(path), package.get("license")
        base = next((n for n in NAMED if name == n or name.startswith(n + "-")), None)
        if base:
            unused.discard(base)
            if licence == NAMED[base][0]:
                continue
        if licence is None or not allowed(licence):
            odd.append(f"{lock}: {name} {package['version']}: {licence or 'no licence named'}")
for line in odd:
    print(line)
for name in sorted(unused):
    print(f"{name} is named in scripts/npm-licences.py and in no lock file")
print(f"{seen} npm packages in {len(locks)} lock files, {len(odd)} with a licence that is not on the list", file=sys.stderr)
sys.exit(1 if odd or unused or not seen else 0)
