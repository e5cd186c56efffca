"""What is measured of the shipped model: scores, quality, precision, cost."""

from __future__ import annotations

from typing import Any

from huegram.model.card import Card
from tables.results import result_named


def scores_table(card: Card) -> str:
    """Lay out the scores of the model's card."""
    metrics = card.metrics
    lines = [
        f"On {metrics['photographs']} photographs never trained on (written by "
        f"`huegram {'ensemble' if card.members else 'export'} --val`, read with `huegram info`):",
        "",
        "| | RMSE in alpha-beta | against gray | PSNR | above gray | colorfulness |",
        "|---|---|---|---|---|---|",
    ]
    safest = metrics["safest"]
    lines.append(
        f"| gray photograph | {safest['rmse_ab_gray']:.3f} | 1 x "
        f"| {safest['psnr_gray']:.2f} dB | 0 | 0 |"
    )
    for name in ("safest", "default", "vivid"):
        row = metrics[name]
        lines.append(
            f"| `--vividness {row['vividness']:g}`{' (default)' if name == 'default' else ''} "
            f"| {row['rmse_ab']:.3f} | {row['ratio']:.3f} x | {row['psnr']:.2f} dB "
            f"| {row['psnr_gain']:+.2f} dB | {row['colorfulness']:.1f} |"
        )
    lines.append(f"| the truth | 0 | 0 | | | {safest['colorfulness_truth']:.1f} |")
    return "\n".join(lines)


def quality_tables() -> str:
    """Lay out what `huegram benchmark quality` measured."""
    result = result_named("quality")
    default = result["default_vividness"]
    about = result["accuracy"]
    lines = [
        f"{result['model']} ({result['megabytes']:g} MB) on {result['photographs']} photographs "
        f"never trained on, by `{result['command']}`.",
        "",
        "**Error against colorfulness**",
        "",
        "| vividness | RMSE in alpha-beta over gray's | PSNR above gray's | of those with color "
        "| colorfulness |",
        "|---|---|---|---|---|",
    ]
    for row in result["curve"]:
        name = f"{row['vividness']:g}" + (" (default)" if row["vividness"] == default else "")
        lines.append(
            f"| {name} | {row['ratio']:.3f} | {row['psnr_gain']:+.2f} dB "
            f"| {row['psnr_gain_colored']:+.2f} dB "
            f"| {row['colorfulness']:.1f} of {row['colorfulness_truth']:.1f} |"
        )
    lines += [
        "",
        f"{result['curve'][0]['num_colorless']} of the photographs are gray or toned themselves: "
        "any color costs them many decibels, which weighs on the mean of all. The column after it "
        "leaves them out.",
        "",
        "**Pixels near the truth** (area under the curve, percent; rebalanced counts rare colors "
        "as much as common ones)",
        "",
        "| | raw | rebalanced |",
        "|---|---|---|",
        f"| gray | {about['safest']['auc_gray']:.1f} "
        f"| {about['safest']['auc_rebalanced_gray']:.1f} |",
    ]
    for name, label in (("safest", "vividness 0"), ("default", "default")):
        row = about[name]
        lines.append(f"| {label} | {row['auc']:.1f} | {row['auc_rebalanced']:.1f} |")
    lines += ["", "**What a classifier recognizes** (EfficientNet-Lite 2, top 1)", ""]
    shares = [f"{100 * share:.1f} %" for share in result["recognition"].values()]
    lines += [
        f"| {' | '.join(result['recognition'])} |",
        f"|{'---|' * len(shares)}",
        f"| {' | '.join(shares)} |",
        "",
        "**Aged photographs and other views.** Aged: the coloring of an aged copy, put on the "
        "clean photograph, RMSE over gray's at vividness 0. Views: mean distance in Lab's a and b "
        "between default renderings of photographs and of the same ones given otherwise.",
        "",
        "| `--effort` | photographs | clean | aged | half size | double size | mirrored | "
        "cropped |",
        "|---|---|---|---|---|---|---|---|",
        _views_row(result),
        *(_views_row(result_named(f"quality_{effort}")) for effort in ("fast", "good", "best")),
        "",
        f"**What damage costs** (each alone at its worst, on {result['steadiness']['photographs']} "
        "of the photographs, RMSE over gray's at vividness 0)",
        "",
        f"| {' | '.join(result['damages'])} |",
        f"|{'---|' * len(result['damages'])}",
        f"| {' | '.join(f'{ratio:.3f}' for ratio in result['damages'].values())} |",
    ]
    return "\n".join(lines)


def _views_row(result: Any) -> str:
    degraded, steadiness = result["degraded"], dict(result["steadiness"])
    count = steadiness.pop("photographs")
    distances = " | ".join(f"{distance:.2f}" for distance in steadiness.values())
    return (
        f"| {result['effort']} | {result['photographs']}, views {count} "
        f"| {degraded['clean_ratio']:.3f} | {degraded['ratio']:.3f} | {distances} |"
    )


PRECISIONS = {
    "bytes": "large kernels stored in 8 bits (shipped)",
    "half": "stored in half precision",
    "single": "stored in single precision",
    "integers": "stored and computed in integers of 8 bits",
}


def precision_table() -> str:
    """Lay out what `benchmarks/precision.py` measured."""
    found = result_named("precision")
    lines = [
        f"{found['photographs']} photographs at vividness 0; a warm pass at {found['px']} x "
        f"{found['px']} on {found['machine']['cores']} cores ({found['machine']['processor']}); by "
        f"`{found['command']}`:",
        "",
        "| | file | pass | RMSE over gray's | PSNR above gray's |",
        "|---|---|---|---|---|",
    ]
    for name, what in PRECISIONS.items():
        row = found["precision"][name]
        lines.append(
            f"| {what} | {row['megabytes']:.1f} MB | {row['milliseconds']:.1f} ms "
            f"| {row['ratio']:.3f} | {row['psnr_gain']:+.2f} dB |"
        )
    return "\n".join(lines)


def cost_table() -> str:
    """Lay out what `benchmarks/cost.py` measured."""
    cost = result_named("cost")
    machine, network = cost["machine"], cost["network"]
    lines = [
        f"Medians of {cost['runs']} cold runs on {machine['cores']} cores "
        f"({machine['processor']}), by `{cost['command']}`:",
        "",
        "| | huegram | baseline in the same run | ratio | peak memory |",
        "|---|---|---|---|---|",
    ]
    for key, what in (
        ("command_rgb_jpeg", "RGB JPEG"),
        ("command_gray_jpeg", "one-channel JPEG"),
    ):
        row = cost[key]
        lines.append(
            f"| whole command, {cost['megapixels']:g}-megapixel {what} | {row['seconds']:.2f} s "
            f"| {row['pillow_seconds']:.2f} s (Pillow decodes and encodes it) | {row['ratio']:.2f} "
            f"| {row['peak_mb']:.0f} MB |"
        )
    lines.append(
        f"| network, one warm pass at {network['px']} x {network['px']} "
        f"| {network['milliseconds']:.0f} ms | {network['vgg16_milliseconds']:.0f} ms "
        f"(convolutions of VGG-16) | {network['ratio']:.3f} | |"
    )
    efforts = cost["effort_milliseconds"]
    for effort, milliseconds in efforts.items():
        lines.append(
            f"| a prediction at `--effort {effort}`, warm | {milliseconds:.0f} ms "
            f"| {efforts['fast']:.0f} ms (`fast`) | {milliseconds / efforts['fast']:.2f} | |"
        )
    return "\n".join(lines)
