"""What is measured of the studio, and its routes."""

from __future__ import annotations

from huegram.studio.app import create_app
from tables.results import result_named


def studio_table() -> str:
    """Lay out what `benchmarks/studio.py` measured."""
    found = result_named("studio")
    machine, times = found["machine"], found["milliseconds"]
    resident = found["resident_mb"]
    number = found["clients"] * found["photographs_each"]
    refused = sum(found["refusals"].values())
    lines = [
        f"{found['clients']} clients at once, {found['photographs_each']} photographs of "
        f"{found['megapixels']:g} megapixels each, on {machine['cores']} cores "
        f"({machine['processor']}), by `{found['command']}`; each photograph is predicted, looked "
        "at, corrected by a dot and looked at again, and taken as a file.",
        "",
        "| request | half are answered within | 95 of 100 within |",
        "|---|---|---|",
    ]
    for name, what in (
        ("predict", "`/api/predict`"),
        ("look", "`/api/render`, a view"),
        ("correct", "`/api/render`, a view after a dot"),
        ("take", "`/api/render`, the file"),
    ):
        lines.append(f"| {what} | {times[name]['p50']} ms | {times[name]['p95']} ms |")
    lines += [
        "",
        f"All {number} photographs came through, {found['photographs_per_second']:.1f} a second, "
        f"{found['throughput_over_library']:.1f} x what the library does in one process one after "
        f"the other; {refused} requests were told to come back later, {found['errors']} failed. "
        f"With {found['memory_for_predictions_mb']} MB for predictions the process held "
        f"{resident['median_of_second_quarter']} MB in the second quarter of the run, "
        f"{resident['median_of_last_quarter']} MB in the last, {resident['peak']} MB at most.",
        "",
        "In a browser on the same machine, from choosing a color for a place until it is seen: "
        + ", ".join(f"{ms} ms at {size}" for size, ms in found["page_milliseconds"].items())
        + ".",
    ]
    return "\n".join(lines)


def routes_table() -> str:
    """List the studio's routes from the interface's own description."""
    lines = ["| route | |", "|---|---|"]
    for path, operations in create_app().openapi()["paths"].items():
        for method, operation in operations.items():
            about = " ".join(operation["description"].split())
            lines.append(f"| `{method.upper()} {path}` | {about} |")
    return "\n".join(lines)
