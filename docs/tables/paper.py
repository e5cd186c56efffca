"""What is measured about the paper: its ablations, and its hypercolumn."""

from __future__ import annotations

from tables.results import result_named

TABLES = {
    "output": "What is predicted, and how it is read",
    "layers": "Which layers the hypercolumn reads",
    "start": "What the backbone starts from",
    "target": "What is asked for",
    "locations": "Locations an image",
}


def ablation_tables() -> str:
    """Lay out what `huegram benchmark ablation` measured, and which orderings are the paper's."""
    result = result_named("ablation")
    stage = result["base"]["stages"][0]
    lines = [
        f"Every row learned from {result['photographs']:,} photographs, {stage['passes']:,} passes "
        f"of {stage['crop_px']} px crops with {result['base']['network']['backbone']}, and is "
        f"scored on {result['validation']} others at a working size of "
        f"{result['base']['working_size']} px; {result['hours']:.1f} hours of training in all. "
        "The paper's numbers are as reported, on other photographs, after training of another "
        "length.",
    ]
    for table, title in TABLES.items():
        rows = [row for row in result["rows"] if row["table"] == table]
        lines += ["", f"**{title}**", "", "| | RMSE | x gray | PSNR | above gray | colorfulness "]
        lines[-1] += "| reported RMSE | reported PSNR |"
        lines.append("|---|---|---|---|---|---|---|---|")
        for row in rows:
            reported = "| |"
            if row["reported_psnr"] is not None:
                reported = f"{row['reported_rmse_ab']:.3f} | {row['reported_psnr']:.2f} |"
            lines.append(
                f"| {row['label']} | {row['rmse_ab']:.3f} | {row['ratio']:.3f} "
                f"| {row['psnr']:.2f} | {row['psnr_gain']:+.2f} | {row['colorfulness']:.1f} "
                f"| {reported}"
            )
    pairs = result["orderings"]
    for verdict, names in ((True, "Reproduced"), (False, "Not reproduced")):
        found = [pair for pair in pairs if pair["reproduces"] is verdict]
        heading = f"**{names}** ({len(found)} of {len(pairs)} orderings that the paper reports):"
        lines += ["", heading]
        lines += [""] + [
            f"- {'RMSE' if pair['metric'] == 'rmse_ab' else 'PSNR'}: "
            f"{pair['better']} better than {pair['worse']}"
            for pair in found
        ]
    return "\n".join(lines)


def hypercolumn_table() -> str:
    """Lay out what `benchmarks/hypercolumn.py` measured."""
    result = result_named("hypercolumn")
    lines = [
        f"VGG-16 on {result['machine']['cores']} cores ({result['machine']['processor']}), from "
        f"the backbone's features to logits, by `{result['command']}`; each form in a process of "
        "its own, memory as it adds to the features. Equal numbers come out of all forms.",
        "",
        "The last column is the share of the concatenated form's multiplications that multiplying "
        "first leaves: no form that multiplies in single precision can be much faster than that.",
        "",
        "| photograph, a histogram every | form | time | ratio | memory | ratio "
        "| multiplications |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in result["inference"]:
        place = f"{row['px']} px, {row['px'] // row['grid']} px"
        for form in ("concatenated", "projected", "in_strips"):
            if form not in row:
                lines.append(
                    f"| {place} | {form} | not run: {row['not_run'].partition(': ')[2]} | | | | |"
                )
                continue
            cost, ratio = row[form], row.get(f"{form}_ratio", {})
            shown = [f"{ratio[key]:.3f}" if ratio else "" for key in ("time", "memory")]
            lines.append(
                f"| {place} | {form.replace('_', ' ')} | {cost['milliseconds']:.0f} ms "
                f"| {shown[0]} | {cost['added_mb']:.0f} MB | {shown[1]} "
                f"| {1.0 if form == 'concatenated' else row['multiplications_ratio']:.3f} |"
            )
    return "\n".join(lines)
