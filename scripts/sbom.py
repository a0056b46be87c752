#!/usr/bin/env python3
"""Prints the software bill of materials of the product as CycloneDX 1.5: every crate that is linked in or builds it
(cargo metadata, for this system, without crates that only tests use) and every package of the page (npm sbom).

    scripts/sbom.py > iambilly.cdx.json
"""
import hashlib
import json
import pathlib
import subprocess
import sys
import tomllib

root = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ["iambilly", "iambilly-window", "iambilly-whisper", "iambilly-llama", "iambilly-reader"]


def run(*command, cwd=root):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"✗ {' '.join(command[:3])} failed.\n  {done.stderr.strip().splitlines()[-1] if done.stderr else ''}")
    return done.stdout


host = next(l.split()[1] for l in run("rustc", "-vV").splitlines() if l.startswith("host:"))
metadata = json.loads(run("cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", host))
packages = {p["id"]: p for p in metadata["packages"]}
nodes = {n["id"]: n for n in metadata["resolve"]["nodes"]}
# What is linked in or builds the programs; what only tests use stays out.
seen, todo = set(), [i for i, p in packages.items() if p["name"] in PROGRAMS and not p["source"]]
while todo:
    each = todo.pop()
    if each in seen:
        continue
    seen.add(each)
    todo += [d["pkg"] for d in nodes[each]["deps"] if any(k["kind"] != "dev" for k in d["dep_kinds"])]
locked = tomllib.loads((root / "Cargo.lock").read_text())["package"]
sums = {(p["name"], p["version"]): p.get("checksum") for p in locked}


def crate(p):
    purl = f"pkg:cargo/{p['name']}@{p['version']}"
    part = {"type": "library", "bom-ref": purl, "name": p["name"], "version": p["version"], "purl": purl}
    if p["license"]:
        part["licenses"] = [{"expression": p["license"].replace("/", " OR ")}]
    if sums.get((p["name"], p["version"])):
        part["hashes"] = [{"alg": "SHA-256", "content": sums[(p["name"], p["version"])]}]
    return part


ours = [packages[i] for i in seen if not packages[i]["source"]]
crates = sorted((crate(packages[i]) for i in seen if packages[i]["source"]), key=lambda c: c["bom-ref"])
page = json.loads(run("npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only", cwd=root / "ui"))["components"]
parts = crates + sorted(page, key=lambda c: c["bom-ref"])
version = next(p["version"] for p in ours if p["name"] == "iambilly")
# The same parts give the same number: a bill made twice can be compared.
digest = hashlib.sha256("\n".join(c["bom-ref"] for c in parts).encode()).hexdigest()
serial = f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
json.dump(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "iambilly", "name": "IamBilly", "version": version}},
        "components": parts,
    },
    sys.stdout,
    indent=1,
)
print()
