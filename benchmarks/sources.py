"""Count what a network learned from, for docs/sources.md.

    python benchmarks/sources.py MANIFEST... --out models/NAME.sources.json

A manifest is a CSV file with a row for each photograph and at least the columns dataset, licence
and source (the public repository that it was taken from). No
photograph is kept.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from pathlib import Path


def main() -> None:
    """Count the rows of manifests by collection."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifests", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    counted: Counter[tuple[str, str, str]] = Counter()
    for manifest in options.manifests:
        with manifest.open(encoding="utf-8", newline="") as file:
            counted.update(
                (row["dataset"], row["licence"], row["source"]) for row in csv.DictReader(file)
            )
    sources = [
        {"dataset": dataset, "licence": licence, "source": source, "photographs": count}
        for (dataset, licence, source), count in counted.most_common()
    ]
    about = {"photographs": counted.total(), "sources": sources}
    options.out.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    print(f"{counted.total():,} photographs of {len(sources)} collections")


if __name__ == "__main__":
    main()
