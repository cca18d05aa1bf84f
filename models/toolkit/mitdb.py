"""The MIT-BIH Arrhythmia Database as de Chazal divided it among patients (2004), paced records left out."""

import os

DS1 = "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230".split()
DS2 = "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234".split()
PACED = "102 104 107 217".split()


def path_of(data_dir, record):
    return os.path.join(data_dir, "ecg", "mitdb", record)


def present(data_dir, records):
    return [r for r in records if os.path.exists(path_of(data_dir, r) + ".hea")]
