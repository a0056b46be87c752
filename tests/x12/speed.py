"""How long pyx12 takes to read a file into segments, which is less than our reader does: `python speed.py FILE`.
Prints segments and milliseconds."""
import logging, sys, time

import pyx12.x12file

logging.disable(logging.CRITICAL)
started = time.perf_counter()
with pyx12.x12file.X12Reader(sys.argv[1]) as reader:
    segments = sum(1 for _ in reader)
print(segments, round((time.perf_counter() - started) * 1000))
