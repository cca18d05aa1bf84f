"""Writes vectors.json: batches of Hearth Stream 1 encoded from the profile's text, independently of frame.ts. Run: python3 make_vectors.py"""

import base64
import json
import struct
from pathlib import Path


def head(major, value, width=None):
    if width is None:
        width = 0 if value < 24 else 1 if value < 2**8 else 2 if value < 2**16 else 4 if value < 2**32 else 8
    if width == 0:
        return bytes([major << 5 | value])
    code = {1: 24, 2: 25, 4: 26, 8: 27}[width]
    return bytes([major << 5 | code]) + value.to_bytes(width, "big")


class Raw(bytes):
    """Bytes that stand in the map as they are."""


def item(value):
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(item, value))
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(item(k) + item(v) for k, v in value.items())
    raise TypeError(value)


FORMATS = {64: "B", 69: "<H", 70: "<I", 73: ">h", 77: "<h", 78: "<i", 85: "<f", 86: "<d"}


def typed(tag, values):
    data = b"".join(struct.pack(FORMATS[tag], v) for v in values)
    return Raw(head(6, tag) + item(data))


BOOT = bytes.fromhex("00112233445566aa")
META = bytes.fromhex("fedcba9876543210")
SAMPLES = [0, 1, -1, 200, -200, 32767, -32768, 5]


def batch(**changes):
    fields = {"v": 1, "b": BOOT, "q": 7, "n0": 1750, "t": 7_000_000_000, "k": 1, "d": 4_000_000,
              "c": [{"i": "ecg", "x": typed(77, SAMPLES)}], "m": META}
    fields.update(changes)
    return {k: v for k, v in fields.items() if v is not None}


def expected(**changes):
    fields = {"bootId": BOOT.hex(), "sequence": 7, "firstIndex": 1750, "deviceTimeUs": 7_000_000, "clockQuality": 1, "periodNs": 4_000_000,
              "channels": [{"id": "ecg", "samples": SAMPLES}], "metaHash": META.hex()}
    fields.update(changes)
    return fields


def channels(*pairs):
    return [{"i": i, "x": x} for i, x in pairs]


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


good = [
    ("ecg", item(batch()), expected()),
    ("gateway-time-and-late-ticks", item(batch(t=2**62, r=1_764_000_000_123_456_789, k=3)),
     expected(deviceTimeUs=2**62 // 1000, receivedUs=1_764_000_000_123_456, clockQuality=3)),
    ("wide-numbers", item(batch(q=2**40, n0=2**41)), expected(sequence=2**40, firstIndex=2**41)),
    ("numbers-in-longest-form", item(batch(v=Raw(head(0, 1, 8)), q=Raw(head(0, 7, 4)))), expected()),
    ("two-unsigned-channels", item(batch(c=channels(("red", typed(70, [0, 2**32 - 1])), ("ir", typed(69, [65535, 3]))))),
     expected(channels=[{"id": "red", "samples": [0, 2**32 - 1]}, {"id": "ir", "samples": [65535, 3]}])),
    ("signed-32", item(batch(c=channels(("resp", typed(78, [-2**31, 2**31 - 1]))))), expected(channels=[{"id": "resp", "samples": [-2**31, 2**31 - 1]}])),
    ("float", item(batch(c=channels(("temp", typed(85, [36.5, -0.25]))))), expected(channels=[{"id": "temp", "samples": [36.5, -0.25]}])),
    ("quality-bytes", item(batch(f=bytes([0, 1, 2, 4, 8, 16, 0, 3]))), expected(quality=[0, 1, 2, 4, 8, 16, 0, 3])),
    ("quality-runs", item(batch(f=[[1, 3, 1], [3, 2, 256]])), expected(quality=[0, 1, 1, 257, 256, 0, 0, 0])),
    ("unknown-keys", item(batch(z={"a": [1, Raw(head(6, 64) + item(b"xy"))]}, note="n")), expected()),
    ("json", json.dumps({"v": 1, "b": b64(BOOT), "q": 7, "n0": 1750, "t": 7_000_000_000, "k": 1, "d": 4_000_000,
                         "c": [{"i": "ecg", "x": SAMPLES}], "m": b64(META), "f": [[0, 2, 4]]}, separators=(",", ":")).encode(),
     expected(quality=[4, 4, 0, 0, 0, 0, 0, 0])),
]

bad = [
    ("empty", b"", "driver.unknown_encoding"),
    ("text", b"hello", "driver.unknown_encoding"),
    ("version-2", item(batch(v=2)), "driver.wrong_version"),
    ("no-version", item(batch(v=None)), "driver.wrong_version"),
    ("no-boot-id", item(batch(b=None)), "driver.bad_field"),
    ("boot-id-of-4", item(batch(b=BOOT[:4])), "driver.bad_field"),
    ("no-descriptor-hash", item(batch(m=None)), "driver.bad_field"),
    ("negative-sequence", item(batch(q=-1)), "driver.bad_field"),
    ("clock-quality-4", item(batch(k=4)), "driver.bad_field"),
    ("no-period", item(batch(d=0)), "driver.bad_field"),
    ("index-beyond-exact", item(batch(n0=2**53 - 4)), "driver.bad_field"),
    ("ticks-beyond-exact", item(batch(t=2**64 - 1)), "driver.bad_field"),
    ("no-channel", item(batch(c=[])), "driver.bad_field"),
    ("channel-twice", item(batch(c=channels(("ecg", typed(77, [1])), ("ecg", typed(77, [1]))))), "driver.bad_field"),
    ("no-sample", item(batch(c=channels(("ecg", typed(77, []))))), "driver.empty_batch"),
    ("plain-array", item(batch(c=channels(("ecg", [1, 2])))), "driver.bad_samples"),
    ("tag-64-u8", item(batch(c=channels(("ecg", typed(64, [1, 2]))))), "driver.bad_samples"),
    ("tag-73-i16be", item(batch(c=channels(("ecg", typed(73, [1, 2]))))), "driver.bad_samples"),
    ("tag-86-f64", item(batch(c=channels(("ecg", typed(86, [1.0]))))), "driver.bad_samples"),
    ("odd-bytes", item(batch(c=channels(("ecg", Raw(head(6, 77) + item(b"abc")))))), "driver.bad_samples"),
    ("unequal-lengths", item(batch(c=channels(("red", typed(77, [1, 2])), ("ir", typed(77, [1]))))), "driver.unequal_lengths"),
    ("nan", item(batch(c=channels(("temp", typed(85, [1.0, float("nan")]))))), "driver.not_finite"),
    ("infinity", item(batch(c=channels(("temp", typed(85, [float("inf")]))))), "driver.not_finite"),
    ("quality-too-short", item(batch(f=bytes(7))), "driver.bad_quality"),
    ("run-beyond-the-end", item(batch(f=[[6, 3, 1]])), "driver.bad_quality"),
    ("indefinite-map", b"\xbf" + item(batch())[1:] + b"\xff", "driver.bad_cbor"),
    ("trailing-byte", item(batch()) + b"\x00", "driver.bad_cbor"),
    ("truncated", item(batch())[:-3], "driver.bad_cbor"),
    ("key-twice", bytes([item(batch())[0] + 1]) + item(batch())[1:] + item("v") + item(1), "driver.bad_cbor"),
    ("length-of-4-gigabytes", item(batch())[:1] + b"\x61c\x9a\xff\xff\xff\xff", "driver.bad_cbor"),
    ("nested-for-ever", item(batch())[:1] + b"\x61c" + b"\x81" * 5000, "driver.bad_cbor"),
    ("broken-utf8-key", item(batch())[:1] + b"\x61\xff\x01", "driver.bad_cbor"),
    ("json-broken", b'{"v":1', "driver.bad_json"),
    ("json-null-sample", json.dumps({"v": 1, "b": b64(BOOT), "q": 7, "n0": 0, "t": 0, "k": 1, "d": 4_000_000, "c": [{"i": "e", "x": [1, None]}], "m": b64(META)}).encode(),
     "driver.bad_samples"),
]

vectors = [{"name": n, "hex": h.hex(), "batch": e} for n, h, e in good] + [{"name": n, "hex": h.hex(), "reason": r} for n, h, r in bad]
Path(__file__).with_name("vectors.json").write_text("[\n" + ",\n".join(json.dumps(v) for v in vectors) + "\n]\n")
