"""Pins, an ADC that plays 60 beats a minute of 1.1 mV, and a timer that moves the chip's time."""
import math
import threading
import time

chip_us = 0


class Pin:
    IN = 0

    def __init__(self, number, mode=None):
        self.number = number

    def value(self):
        return 0


class ADC:
    def __init__(self, pin):
        pass

    def read_u16(self):
        s = chip_us / 1e6 % 1
        mv = sum(height * math.exp(-(((s - at) / width) ** 2)) for at, width, height in
                 ((.18, .025, .12), (.30, .010, 1.1), (.32, .009, -.25), (.52, .05, .28)))
        return round((mv * 1100 + 1650) / 3300 * 65536)


class Timer:
    def __init__(self, number):
        pass

    def init(self, freq, callback):
        def run():
            global chip_us
            began, ended = time.monotonic(), chip_us
            while True:
                chip_us += 1000000 // freq
                callback(self)
                time.sleep(max(0, began + (chip_us - ended) / 1e6 - time.monotonic()))
        threading.Thread(target=run, daemon=True).start()
