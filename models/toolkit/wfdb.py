"""Reads WFDB records (formats 212 and 16, behind a prefix too, as MATLAB files have it) and MIT annotation files for training. It agrees sample for sample with gateway/recordings and never writes."""

import os
import re

import numpy as np

MNEMONICS = {
    1: "N", 2: "L", 3: "R", 4: "a", 5: "V", 6: "F", 7: "J", 8: "A", 9: "S", 10: "E", 11: "j", 12: "/", 13: "Q", 14: "~", 16: "|", 18: "s", 19: "T",
    20: "*", 21: "D", 22: '"', 23: "=", 24: "p", 25: "B", 26: "^", 27: "t", 28: "+", 29: "u", 30: "?", 31: "!", 32: "[", 33: "]", 34: "e", 35: "n",
    36: "@", 37: "x", 38: "f", 39: "(", 40: ")", 41: "r",
}  # fmt: skip


class Record:
    """rate_hz, names (list) and mv: float32 [channels, samples] in mV, NaN where there is no value."""

    def __init__(self, rate_hz, names, mv):
        self.rate_hz = rate_hz
        self.names = names
        self.mv = mv


def read_record(path):
    """Reads PATH.hea and its one signal file. Raises ValueError for what it does not know and for a wrong checksum."""
    with open(path + ".hea", encoding="latin1") as f:
        lines = [line for line in re.split(r"\r\n|\n|\r", f.read()) if line.strip() and not line.startswith("#")]
    head = lines[0].split()
    count, rate_hz, frames = int(head[1]), float(head[2]), int(head[3])
    specs = [parse_signal(line) for line in lines[1 : 1 + count]]
    files = {spec["file"] for spec in specs}
    formats = {spec["format"] for spec in specs}
    if len(files) != 1 or len(formats) != 1:
        raise ValueError(f"{path}: signals in several files or formats are not read")
    with open(os.path.join(os.path.dirname(path), files.pop()), "rb") as f:
        data = np.frombuffer(f.read(), dtype=np.uint8)[specs[0]["offset"] :]
    fmt = formats.pop()
    flat = decode_212(data, frames * count) if fmt == 212 else decode_16(data, frames * count, path, fmt)
    raw = flat.reshape(frames, count).T
    no_value = -2048 if fmt == 212 else -32768
    mv = np.empty(raw.shape, dtype=np.float32)
    for i, spec in enumerate(specs):
        if spec["checksum"] and (int(raw[i].astype(np.int64).sum()) - spec["checksum"]) & 0xFFFF:
            raise ValueError(f"{path}: samples of {spec['name']} do not add up to the header's checksum")
        mv[i] = ((raw[i].astype(np.float64) - spec["baseline"]) / spec["gain"]).astype(np.float32)
        mv[i][raw[i] == no_value] = np.nan
    return Record(rate_hz, [spec["name"] for spec in specs], mv)


def parse_signal(line):
    parts = line.split(None, 8)
    fmt = re.fullmatch(r"(\d+)(?:\+(\d+))?", parts[1])
    if fmt is None:
        raise ValueError(f"format {parts[1]} is not read")
    gain = re.fullmatch(r"([^(/]*)(?:\(([^)]*)\))?(?:/(.*))?", parts[2] if len(parts) > 2 else "0")
    zero = int(parts[4]) if len(parts) > 4 else 0
    value = float(gain[1] or 0)
    return {
        "file": parts[0],
        "format": int(fmt[1]),
        "offset": int(fmt[2] or 0),
        "gain": value if value else 200.0,
        "baseline": int(gain[2]) if gain[2] else zero,
        "checksum": int(parts[6]) if len(parts) > 6 else 0,
        "name": parts[8].strip() if len(parts) > 8 else "",
    }


def decode_212(data, count):
    triples = data[: (count * 3 + 1) // 2 // 3 * 3].reshape(-1, 3).astype(np.int32)
    out = np.empty(2 * len(triples), dtype=np.int32)
    out[0::2] = triples[:, 0] | ((triples[:, 1] & 0x0F) << 8)
    out[1::2] = triples[:, 2] | ((triples[:, 1] & 0xF0) << 4)
    out = np.where(out > 2047, out - 4096, out)
    if len(out) < count:
        raise ValueError("the signal file is shorter than announced")
    return out[:count]


def decode_16(data, count, path, fmt):
    if fmt != 16:
        raise ValueError(f"{path}: format {fmt} is not read")
    out = data[: 2 * count].view("<i2").astype(np.int32)
    if len(out) < count:
        raise ValueError(f"{path}: the signal file is shorter than announced")
    return out


def read_annotations(path, extension="atr"):
    """Returns a list of (sample, mnemonic, subtype, aux) in file order."""
    with open(f"{path}.{extension}", "rb") as f:
        data = f.read()
    out = []
    at, sample = 0, 0
    while True:
        word = data[at] | data[at + 1] << 8
        at += 2
        if word == 0:
            break
        code, low = word >> 10, word & 0x3FF
        if code == 59:
            # The high word comes first, each word little-endian.
            step = data[at + 1] << 24 | data[at] << 16 | data[at + 3] << 8 | data[at + 2]
            sample += step - (1 << 32) if step >= 1 << 31 else step
            at += 4
        elif code == 63:
            out[-1] = (*out[-1][:3], data[at : at + low].decode("utf8", "replace").rstrip("\0"))
            at += low + (low & 1)
        elif code == 61:
            out[-1] = (out[-1][0], out[-1][1], (low & 0xFF) - 256 if low & 0x80 else low & 0xFF, out[-1][3])
        elif code in (60, 62):
            pass
        else:
            sample += low
            if code:
                out.append((sample, MNEMONICS.get(code, f"[{code}]"), 0, ""))
    return out
