"""Writes the files of a package: bytes, figures of card.md, manifest.json and its hash in ../index.ts. It measures nothing itself."""

import hashlib
import json
import os
import re
import subprocess

import node
import numpy as np


class PackageFiles:
    """Of one model's folder, whose name is the model's id."""

    def __init__(self, folder):
        self.folder = folder
        self.id = os.path.basename(folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)

    def entry(self, name, **more):
        """What the manifest says of a file."""
        with open(self.path(name), "rb") as f:
            data = f.read()
        return {"path": name, **more, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    def write_figures(self, lines):
        """Replaces what stands between the figure marks of card.md."""
        with open(self.path("card.md")) as f:
            text = f.read()
        new, count = re.subn(r"(<!-- figures -->\n).*?(<!-- /figures -->)", lambda m: m[1] + "\n".join(lines) + "\n" + m[2], text, flags=re.S)
        if count != 1:
            raise ValueError("card.md lacks its figure marks")
        self.write("card.md", new.encode())

    def write_manifest(self, manifest):
        """Last of all, since it holds the hashes of the other files."""
        self.write("manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())
        with open(self.path("manifest.json"), "rb") as f:
            data = f.read()
        registry = os.path.join(self.folder, "..", "index.ts")
        with open(registry) as f:
            text = f.read()
        line = rf'("{re.escape(self.id)}": .*?manifestSha256: ")[0-9a-f]{{64}}'
        new, count = re.subn(line, lambda m: m[1] + hashlib.sha256(data).hexdigest(), text, count=1, flags=re.S)
        if count != 1:
            raise ValueError(f"models/index.ts has no line for {self.id}")
        with open(registry, "w") as f:
            f.write(new)
        tidy(registry)


def tidy(path):
    """Lays a file out as the repository's checks want it."""
    biome = os.path.join(node.ROOT, "test", "node_modules", ".bin", "biome")
    if not os.path.exists(biome):
        raise FileNotFoundError("The formatter is missing: npm ci --prefix test --ignore-scripts")
    subprocess.run([biome, "format", "--write", path], check=True, capture_output=True, cwd=node.ROOT)


def number_list(values, digits):
    """For JSON, which knows no NaN."""
    return [None if not np.isfinite(v) else round(float(v), digits) for v in values]
