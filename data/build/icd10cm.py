#!/usr/bin/env python3
"""Derives the compact ICD-10-CM table that `crates/scrub` embeds.

Usage: icd10cm.py TABULAR.xml CODE_LIST.txt OUT.tsv.gz EDITION FROM TO
  TABULAR.xml    the NCHS tabular list (public domain)
  CODE_LIST.txt  all codes of the same release, one a line, without the dot; leaves are billable
  EDITION        e.g. "FY2026, April 1 2026"; FROM and TO the dates of service it governs

Rows (tab-separated, sorted by code without its dot):
  #edition, from, to
  7<n>  A=meaning|D=meaning          a set of 7th characters
  code  title  seventh  flags  site  excludes1
    seventh   "<n>:ADGKPS" when 7th characters are required: set number and the characters that are valid here
    flags     m = manifestation (never first), L/R/B = side named in the title
    site      "lo-hi": places from the top of the spine (occiput 0, C1 1, T1 8, L1 20, S1 25)
    excludes1 space-separated prefixes or ranges lo~hi; ^ marks a note of the block or chapter
"""
import gzip
import io
import re
import sys
import xml.etree.ElementTree as ET

CODE = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{0,4})?"
PART = re.compile(rf"^({CODE})\.?-?(?:-\s?({CODE})\.?-?)?$")


def patterns(note):
    """Code prefixes and ranges in the last parentheses of an Excludes1 note."""
    found = []
    for group in re.findall(r"\(([^()]*)\)", note):
        parts = [p.strip() for p in group.split(",")]
        hits = [PART.match(p) for p in parts]
        if not all(hits):
            continue
        for hit in hits:
            low, high = hit.group(1).replace(".", ""), hit.group(2)
            found.append(low if high is None else f"{low}~{high.replace('.', '')}")
    return found


def excludes1(node):
    return [p for e in node.findall("excludes1") for n in e.findall("note") for p in patterns(n.text or "")]


def vertebra(region, number):
    return {"C": 0, "T": 7, "L": 19, "S": 24}[region] + int(number)


REGIONS = [  # widest reading of each region name, so that a mismatch is a real one
    ("occipito-atlanto-axial", 0, 3), ("high cervical", 0, 4), ("mid-cervical", 3, 7),
    ("cervicothoracic region", 6, 10), ("thoracolumbar region", 17, 22), ("lumbosacral region", 23, 26),
    ("sacral and sacrococcygeal", 24, 29), ("cervical region", 0, 8), ("thoracic region", 7, 20),
    ("lumbar region", 19, 25), ("cervical vertebra", 0, 8), ("thoracic vertebra", 8, 19),
    ("lumbar vertebra", 20, 24), ("cervicalgia", 0, 8), ("pain in thoracic spine", 8, 20), ("low back pain", 19, 29),
]
ORDINALS = {w: i + 1 for i, w in enumerate("first second third fourth fifth sixth seventh".split())}


def site(title, code):
    low = title.lower()
    if "lumbosacral region" in low and not code.startswith("M54"):
        return "24-26"  # a disc or joint is L5-S1; a root (M54) may leave higher
    hit = re.search(r"\b([ctls])(\d{1,2})-([ctls])(\d{1,2})\b", low)
    if hit and ("level" in low or "vertebra" in low):
        a, b = vertebra(hit[1].upper(), hit[2]), vertebra(hit[3].upper(), hit[4])
        return f"{min(a, b)}-{max(a, b)}"
    hit = re.search(r"\b(first|second|third|fourth|fifth|sixth|seventh) (cervical|thoracic|lumbar) vertebra", low)
    if hit:
        v = vertebra(hit[2][0].upper(), ORDINALS[hit[1]])
        return f"{v}-{v}"
    if "multiple sites" in low or "unspecified" in low and "region" not in low:
        return ""
    for name, a, b in REGIONS:
        if name in low:
            return f"{a}-{b}"
    return ""


def side(title):
    low = title.lower()
    right, left = re.search(r"\bright\b", low), re.search(r"\bleft\b", low)
    if "bilateral" in low:
        return "B"
    return "R" if right and not left else "L" if left and not right else ""


def main():
    tabular, code_list, out, edition, start, end = sys.argv[1:7]
    rows, sevens, needs = {}, {}, {}

    def walk(node, above, manifest, seven):
        code = node.find("name").text.replace(".", "")
        title = node.find("desc").text.strip()
        definition = node.find("sevenChrDef")
        if definition is not None:
            text = "|".join(f"{e.get('char')}={e.text.strip()}" for e in definition.findall("extension"))
            seven = sevens.setdefault(text, len(sevens) + 1)
        here = "classified elsewhere" in title.lower() and re.match(r"^[A-Z]", title) and not re.search(
            r"not elsewhere|not classified|unspecified diseases", title.lower())
        manifest = manifest or (bool(here) and (node.find("codeFirst") is not None or above.get("first", False)))
        notes = excludes1(node) + ["^" + p for p in above.get("block", [])]
        rows[code] = [title, "", ("m" if manifest or (here and code[0] not in "VWXYZ") else "") + side(title),
                      site(title, code), " ".join(dict.fromkeys(notes))]
        needs[code] = seven
        first = above.get("first", False) or node.find("codeFirst") is not None
        for child in node.findall("diag"):
            walk(child, {"first": first}, manifest, seven)

    for chapter in ET.parse(tabular).getroot().findall("chapter"):
        for section in chapter.findall("section"):
            block = excludes1(chapter) + excludes1(section)
            for category in section.findall("diag"):
                walk(category, {"block": block}, False, None)

    codes = list(dict.fromkeys(c.strip() for c in open(code_list, encoding="utf-8") if re.match(r"^[A-Z][0-9A-Z]{2,6}$", c.strip())))
    for code in codes:
        if code in rows:
            continue
        base = code[:-1]
        while base and base not in rows:
            if not base.endswith("X"):
                sys.exit(f"{code} has no node in the tabular list")
            base = base[:-1]
        rows[base][1] = rows[base][1] or f"{needs[base]}:"
        rows[base][1] += code[-1]
    missing = set(rows) - set(codes)
    if missing:
        sys.exit(f"{len(missing)} nodes are not in the code list, e.g. {sorted(missing)[:5]}")
    leaves = 0
    ordered = sorted(rows)
    text = [f"#{edition}\t{start}\t{end}"]
    text += [f"7{n}\t{meaning}" for meaning, n in sevens.items()]
    for i, code in enumerate(ordered):
        parent = i + 1 < len(ordered) and ordered[i + 1].startswith(code)
        leaves += len(rows[code][1].split(":")[1]) if rows[code][1] else not parent
        text.append("\t".join([code, *rows[code]]).rstrip("\t"))
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as packed:
        packed.write(("\n".join(text) + "\n").encode())
    open(out, "wb").write(buffer.getvalue())
    print(f"{len(rows)} nodes, {leaves} billable codes, {len(sevens)} sets of 7th characters, "
          f"{len(buffer.getvalue())} bytes packed")


main()
