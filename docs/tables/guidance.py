"""What is measured of the user's hand: points, distributions, references."""

from __future__ import annotations

from tables.results import result_named

GUIDANCE_ROWS = {
    "alike": "huegram, reach alike",
    "local": "huegram, reach local",
    "levin": "Levin alone",
}
DISTRIBUTION_ROWS = {
    "safest": "nothing given, vividness 0",
    "unguided": "nothing given, expectation",
    "quantile": "given, by quantile",
    "energy": "given, by energy",
}


def guidance_tables() -> str:
    """Lay out what `huegram benchmark guidance` measured."""
    result = result_named("guidance")
    scores = {(row["method"], row["points"]): row for row in result["points"]}
    counts = sorted({row["points"] for row in result["points"]})
    side = result["side_px"]
    lines = [
        f"{result['model']} on {result['photographs']} photographs never trained on, by "
        f"`{result['command']}`: squares of {side} x {side} pixels at random places tell the mean "
        "color of the truth.",
        "",
        f"| PSNR in dB (RMSE in alpha-beta) with so many points | {' | '.join(map(str, counts))} |",
        f"|---{'|---' * len(counts)}|",
    ]
    for method, label in GUIDANCE_ROWS.items():
        cells = [scores[method, count] for count in counts]
        shown = " | ".join(f"{cell['psnr']:.2f} ({cell['rmse_ab']:.3f})" for cell in cells)
        lines.append(f"| {label} | {shown} |")
    lines += [
        "",
        f"{scores['alike', 0]['num_colorless']} of the photographs are gray or toned "
        "themselves. Levin alone, told so once, leaves them as they are, far nearer to the truth "
        "than any other photograph comes, and they weigh on the means. Without them:",
        "",
        f"| PSNR above gray's in dB with so many points | {' | '.join(map(str, counts))} |",
        f"|---{'|---' * len(counts)}|",
    ]
    for method, label in GUIDANCE_ROWS.items():
        gains = [scores[method, count]["psnr_gain_colored"] for count in counts]
        lines.append(f"| {label} | {' | '.join(f'{gain:+.2f}' for gain in gains)} |")
    rows = {row["method"]: row for row in result["distribution"]}
    base = rows["unguided"]["rmse_ab"]
    lines += [
        "",
        "| the truth's distribution of colors | RMSE in alpha-beta | against expectation | PSNR |",
        "|---|---|---|---|",
    ]
    for method, label in DISTRIBUTION_ROWS.items():
        row = rows[method]
        lines.append(
            f"| {label} | {row['rmse_ab']:.3f} | {row['rmse_ab'] / base:.2f} x "
            f"| {row['psnr']:.2f} dB |"
        )
    edit = result_named("edits")
    lines += [
        "",
        f"One more mark on a photograph of {edit['megapixels']:g} megapixels and its rendering, "
        f"warm, on {edit['machine']['cores']} cores ({edit['machine']['processor']}), by "
        f"`{edit['command']}`: {edit['milliseconds']['local']:.0f} ms with reach local, "
        f"{edit['milliseconds']['alike']:.0f} ms with reach alike, the first of all "
        f"{edit['milliseconds']['first']:.0f} ms. The network alone takes "
        f"{edit['milliseconds']['predict']:.0f} ms to predict it. Edits add {edit['added_mb']:.0f} "
        "MB to what the process held before.",
    ]
    return "\n".join(lines)


COUPLES = {
    "halves": "one half of a photograph, the other its reference",
    "classes": "a dish, another of its kind its reference",
}


def references_table() -> str:
    """Lay out what `huegram benchmark references` measured."""
    result = result_named("references")
    lines = [
        f"{result['model']} at vividness 0, on photographs never trained on, by "
        f"`{result['command']}`:",
        "",
        "| | couples | nothing given | huegram with `--reference` | Welsh alone |",
        "|---|---|---|---|---|",
    ]
    for kind, label in COUPLES.items():
        rows = {row["method"]: row for row in result[kind]}
        shown = [
            f"{rows[method]['psnr']:.2f} dB ({rows[method]['rmse_ab']:.3f})"
            for method in ("unguided", "huegram", "welsh")
        ]
        count = rows["unguided"]["num_photographs"]
        lines.append(f"| {label} | {count} | {' | '.join(shown)} |")
    return "\n".join(lines)
