"""Runs the sketch named on the command line as the chip would: python3 host_main.py SKETCH"""
import sys
import time

import machine

HALF = 1 << 29
time.ticks_us = lambda: machine.chip_us % (2 * HALF)
time.ticks_add = lambda a, b: (a + b) % (2 * HALF)
time.ticks_diff = lambda a, b: (a - b + HALF) % (2 * HALF) - HALF
time.sleep_ms = lambda ms: time.sleep(ms / 1000)
with open(sys.argv[1]) as sketch:
    exec(compile(sketch.read(), sys.argv[1], "exec"), {"__name__": "__main__"})
