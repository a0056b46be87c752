#!/usr/bin/env python3
"""Derives the table of relative values that `crates/coding` embeds, for the codes of its catalogue only.

Usage: rvu.py PPRRVU.csv CODES.tsv OUT.tsv
  PPRRVU.csv  the relative value file that CMS publishes with the physician fee schedule, one row a code and modifier,
              without descriptors (header row with hcpcs, mod, status_code, work_rvu, non_facility_total, facility_total,
              glob_days, bilat_surg, date_start, source_file)
  CODES.tsv   the catalogue: code and our own words; lines with # are comments
  OUT.tsv     rows without modifier: code, status, global days, bilateral indicator, work, non-facility total, facility total

Numbers only: code numbers and relative values are CMS's public figures, descriptors are the AMA's and are never read.
A code that the file does not have gets no row.
"""
import csv
import sys

source, codes, out = sys.argv[1:4]
wanted = [line.split("\t")[0] for line in open(codes, encoding="utf-8") if line.strip() and not line.startswith("#")]
rows, edition, since = {}, "", ""
with open(source, encoding="utf-8", newline="") as f:
    for row in csv.DictReader(f):
        if row["mod"] or row["hcpcs"] not in wanted:
            continue
        edition, since = row["source_file"].split("_")[0].upper(), row["date_start"]
        rows[row["hcpcs"]] = [row[k] for k in ("status_code", "glob_days", "bilat_surg", "work_rvu", "non_facility_total", "facility_total")]
with open(out, "w", encoding="utf-8") as f:
    f.write(f"#edition\t{edition}\n#from\t{since}\n")
    f.write("# CMS relative value file, numbers only. Columns: code, status, global days (ZZZ = add-on), bilateral indicator,\n")
    f.write("# work, non-facility total and facility total relative value units. Made by data/build/rvu.py.\n")
    for code in sorted(set(wanted)):
        if code in rows:
            f.write("\t".join([code, *rows[code]]) + "\n")
