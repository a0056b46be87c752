#!/usr/bin/env python3
"""Derives the compact ICD-10-CM edition that `crates/icd10cm` embeds: a transcription, no rule of ours in it.

Usage: icd10cm.py TABULAR.xml CODE_LIST.txt OUT.tsv.gz EDITION FROM TO
  TABULAR.xml    the NCHS tabular list (public domain)
  CODE_LIST.txt  all codes of the same release, one a line, without the dot; leaves are billable
  EDITION        e.g. "FY2026, April 1 2026"; FROM and TO the dates of service it governs

Lines, cells separated by tabs (the grammar is documented at `iambilly_icd10cm::Edition::parse`):
  #ICD-10-CM  edition  from  to
  7  A=meaning|D=meaning               a set of 7th characters; sets are numbered from 1
  @  M00-M99  title                    a chapter
  =  M50-M54  title                    a section of the chapter above it; blocks are numbered from 1, chapters too
  M50  title  block  seventh           a node, sorted by code without its dot; block on categories only;
                                       seventh "<set>:ADS" where a 7th character is required: those valid here
   k  text                             a note of the node or block above it, k: n includes, i inclusion term,
                                       1 Excludes1, 2 Excludes2, f code first, u use additional, a code also, o other
"""
import gzip
import io
import re
import sys
import xml.etree.ElementTree as ET

NOTES = [("includes", "n"), ("inclusionTerm", "i"), ("excludes1", "1"), ("excludes2", "2"), ("codeFirst", "f"),
         ("useAdditionalCode", "u"), ("codeAlso", "a"), ("notes", "o")]


def plain(element):
    return " ".join("".join(element.itertext()).split())


def notes(node):
    found = [(k, plain(n)) for tag, k in NOTES for e in node.findall(tag) for n in e.findall("note")]
    return "".join(f" {k}\t{text}\n" for k, text in dict.fromkeys(found) if text)


def main():
    tabular, code_list, out, edition, start, end = sys.argv[1:7]
    rows, sevens, needs, blocks = {}, {}, {}, []

    def walk(node, seven, block):
        code = plain(node.find("name")).replace(".", "")
        definition = node.find("sevenChrDef")
        if definition is not None:
            text = "|".join(f"{e.get('char')}={plain(e)}" for e in definition.findall("extension"))
            seven = sevens.setdefault(text, len(sevens) + 1)
        rows[code] = [plain(node.find("desc")), block, "", notes(node)]
        needs[code] = seven
        for child in node.findall("diag"):
            walk(child, seven, "")

    for chapter in ET.parse(tabular).getroot().findall("chapter"):
        title = plain(chapter.find("desc"))
        name, span = re.match(r"(.*\S)\s*\(([^()]*)\)$", title).groups()
        blocks.append(f"@\t{span}\t{name}\n{notes(chapter)}")
        for section in chapter.findall("section"):
            name = re.sub(r"\s*\([^()]*\)$", "", plain(section.find("desc")))
            blocks.append(f"=\t{section.get('id')}\t{name}\n{notes(section)}")
            for category in section.findall("diag"):
                walk(category, None, str(len(blocks)))

    listed = (c.strip() for c in open(code_list, encoding="utf-8"))
    codes = list(dict.fromkeys(c for c in listed if re.match(r"^[A-Z][0-9A-Z]{2,6}$", c)))
    for code in codes:
        if code in rows:
            continue
        base = code[:-1]
        while base and base not in rows:
            if not base.endswith("X"):
                sys.exit(f"{code} has no node in the tabular list")
            base = base[:-1]
        rows[base][2] = rows[base][2] or f"{needs[base]}:"
        rows[base][2] += code[-1]
    missing = set(rows) - set(codes)
    if missing:
        sys.exit(f"{len(missing)} nodes are not in the code list, e.g. {sorted(missing)[:5]}")
    ordered, leaves = sorted(rows), 0
    text = [f"#ICD-10-CM\t{edition}\t{start}\t{end}\n", *(f"7\t{m}\n" for m in sevens), *blocks]
    for i, code in enumerate(ordered):
        title, block, seventh, below = rows[code]
        parent = i + 1 < len(ordered) and ordered[i + 1].startswith(code)
        leaves += len(seventh.split(":")[1]) if seventh else not parent
        text.append("\t".join([code, title, block, seventh]).rstrip("\t") + "\n" + below)
    whole = "".join(text)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as packed:
        packed.write(whole.encode())
    open(out, "wb").write(buffer.getvalue())
    print(f"{len(rows)} nodes, {leaves} billable codes, {len(sevens)} sets of 7th characters, {len(blocks)} blocks, "
          f"{len(whole)} bytes, {len(buffer.getvalue())} packed")


main()
