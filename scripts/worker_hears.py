#!/usr/bin/env python3
"""Speaks to a speech worker as the program does, with all the patience that an emulated processor needs, and prints the words.

    worker_hears.py MODEL.bin FILE.wav COMMAND…       FILE: 16 kHz, mono, 16 bits

Exit 1 when nothing was heard, 2 when the worker ended.
"""
import array
import json
import struct
import subprocess
import sys
import wave

JSON, SAMPLES = 1, 2
model, file, command = sys.argv[1], sys.argv[2], sys.argv[3:]
with wave.open(file) as wav:
    assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (16000, 1, 2), "16 kHz, mono, 16 bits"
    samples = array.array("f", (s / 32768 for s in array.array("h", wav.readframes(wav.getnframes()))))
worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def say(kind, payload):
    worker.stdin.write(struct.pack("<IB", len(payload), kind) + payload)
    worker.stdin.flush()


def heard(what):
    while True:
        head = worker.stdout.read(5)
        if len(head) < 5:
            print(f"the worker ended: {worker.wait()}", file=sys.stderr)
            sys.exit(2)
        message = json.loads(worker.stdout.read(struct.unpack("<IB", head)[0]))
        if message["reply"] == "error":
            sys.exit(f"the worker refused: {message}")
        if message["reply"] == what:
            return message


heard("hello")
say(JSON, json.dumps({"request": "load", "id": 1, "path": model, "gpu": False, "threads": 2}).encode())
heard("loaded")
ask = {"request": "transcribe", "id": 2, "samples": len(samples), "language": "en", "initial_prompt": None, "rough": True, "threads": 2}
say(JSON, json.dumps(ask).encode())
say(SAMPLES, samples.tobytes())
text = " ".join(segment["text"].strip() for segment in heard("recognised")["recognised"]["segments"])
say(JSON, json.dumps({"request": "shutdown"}).encode())
print(text)
sys.exit(0 if text else 1)
