#!/usr/bin/env python3
"""Times claim-validator (PyPI, MIT) on a claim of twelve lines, for `./bench`; prints rows of a Markdown table.

It has no NCCI tables: what both check is the form of codes and identifiers, pointers, modifiers and required items.
"""
import statistics
import time

from claim_validator import validate

CODES = ["22633", "22634", "22842", "22848", "22853", "63052", "63053", "20930", "20936", "61783", "63047", "63048"]


def claim(diagnosis):
    lines = [{"procedure_code": code, "charge_amount": 1000.0, "units": 1, "modifiers": [], "diagnosis_pointers": [1],
              "service_date": "2024-08-05"} for code in CODES]
    return {"billing_provider_npi": "1234567893", "rendering_provider_npi": "1234567893", "place_of_service": "21",
            "patient_first_name": "Pat", "patient_last_name": "Example", "patient_dob": "1950-05-05",
            "diagnosis_codes": [{"code": diagnosis}, {"code": "M43.16"}], "lines": lines}


def main():
    for name, diagnosis in [("a right claim", "M48.062"), ("the same with a diagnosis that is none", "M48.999")]:
        given = claim(diagnosis)
        found = validate(given).findings
        times = []
        for _ in range(2000):
            begun = time.perf_counter()
            validate(given)
            times.append(time.perf_counter() - begun)
        times.sort()
        p50, p99 = statistics.median(times) * 1e6, times[int(len(times) * 0.99)] * 1e6
        print(f"| claim-validator, {name} of {len(CODES)} lines, {len(found)} findings: p50, p99 | {p50:.0f} µs, {p99:.0f} µs |")


if __name__ == "__main__":
    main()
