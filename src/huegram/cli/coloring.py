"""One photograph, from what was read to what is written of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huegram.cli.guidance import MethodName, Said, classic, guided
from huegram.cli.jobs import STREAM, Job
from huegram.cli.results import inserted, numbered, write_map, write_sheet
from huegram.files import check_new, make_folder

if TYPE_CHECKING:
    from huegram.colorized import Colorized
    from huegram.colorizer import Colorizer
    from huegram.guidance.reference import Reference
    from huegram.histogram.rules import Rule
    from huegram.photo import Photo
    from huegram.prediction import Prediction
    from huegram.views import Effort

__all__ = ["Options", "colored"]


@dataclass(frozen=True)
class Options:
    """What every photograph of a call has in common.

    Args:
        rule: how histograms become colors; None goes by vividness.
        vividness: 0 to 1; None is the model's default.
        method: of coloring.
        said: what the user said of colors.
        references: photographs that lend colors, looked at.
        alternatives: how many colorings; 0 writes the one result alone.
        seed: of what is drawn.
        confidence_map: where to write how sure the model is; None does not.
        save_prediction: where to keep the prediction; None does not.
        size: short side of the working image in pixels; None is the model's.
        effort: how often the network looks.
        format_name: of the results; None goes by the name of the file.
        quality: 1 to 100; None is the format's default.
        overwrite: whether an existing result is replaced.
    """

    rule: Rule | None
    vividness: float | None
    method: MethodName
    said: Said
    references: Sequence[Reference]
    alternatives: int
    seed: int
    confidence_map: Path | None
    save_prediction: Path | None
    size: int | None
    effort: Effort
    format_name: str | None
    quality: int | None
    overwrite: bool


def colored(
    colorizer: Colorizer | None,
    job: Job,
    source: Photo | Prediction,
    options: Options,
    *,
    seconds: float,
) -> dict[str, Any]:
    """Color one photograph, which took so many seconds to read, and return its record."""
    from huegram.photo import Photo

    began = time.perf_counter()
    for path in (options.confidence_map, options.save_prediction):
        if path is not None:
            check_new(path, overwrite=options.overwrite)
    photo = source if isinstance(source, Photo) else source.photo
    record: dict[str, Any] = {"input": str(job.source), "output": str(job.target)}
    about: dict[str, Any] = {"size": [photo.width, photo.height], "tone": photo.tone}
    notes = _notes_of_pages(photo)
    if options.method != "huegram":
        result = classic(options.method, photo, options.said, seed=options.seed)
        _write(result, job.target, options)
    else:
        prediction, notes_of_guidance = guided(
            _predicted(colorizer, source, options), options.said, options.references
        )
        notes += notes_of_guidance
        if options.alternatives:
            made = _write_alternatives(prediction, job.target, options)
            record["output"], about["alternatives"] = str(made[-1]), [str(p) for p in made[:-1]]
            if len(made) <= options.alternatives:
                notes.append(f"its colors are too sure for more than {len(made) - 1} alternatives")
        else:
            result = prediction.render(rule=options.rule, vividness=options.vividness)
            _write(result, job.target, options)
        about["confidence"] = _confidence(prediction)
        _write_besides(prediction, options)
    for note in notes:
        print(f"huegram: {job.name}: {note}", file=sys.stderr)
    if notes:
        about["notes"] = notes
    return {**record, "seconds": round(seconds + time.perf_counter() - began, 3), **about}


def _notes_of_pages(photo: Photo) -> list[str]:
    """Say what of a file is not colored."""
    if photo.num_pages == 1:
        return []
    return [
        f"the first of its {photo.num_pages} pages or frames was colored; "
        "to color the others, save them as files of their own"
    ]


def _predicted(
    colorizer: Colorizer | None, source: Photo | Prediction, options: Options
) -> Prediction:
    """Return a saved prediction as it is, or predict."""
    from huegram.photo import Photo

    if not isinstance(source, Photo):
        return source
    assert colorizer is not None
    return colorizer.predict(source, size=options.size, effort=options.effort)


def _write(result: Colorized, target: Path, options: Options) -> None:
    """Write a result to its file or to standard output."""
    if target == STREAM:
        result.save(sys.stdout.buffer, format=options.format_name, quality=options.quality)
        sys.stdout.buffer.flush()
        return
    make_folder(target.parent)
    result.save(
        target, format=options.format_name, quality=options.quality, overwrite=options.overwrite
    )


def _write_besides(prediction: Prediction, options: Options) -> None:
    """Write what is wanted beside the colored photograph."""
    if options.confidence_map is not None:
        write_map(prediction, options.confidence_map)
    if options.save_prediction is not None:
        from huegram.saving import save_prediction

        make_folder(options.save_prediction.parent)
        save_prediction(prediction, options.save_prediction, overwrite=options.overwrite)


def _write_alternatives(prediction: Prediction, target: Path, options: Options) -> list[Path]:
    """Write different colorings, and last a sheet of them; return the files."""
    colorings = prediction.alternatives(
        options.alternatives, seed=options.seed, vividness=options.vividness
    )
    sheet = inserted(target, "sheet").with_suffix(".jpg")
    files = [*numbered(target, len(colorings)), sheet]
    for file in files:
        check_new(file, overwrite=options.overwrite)
    for coloring, file in zip(colorings, files[:-1], strict=True):
        _write(coloring, file, options)
    write_sheet(colorings, sheet)
    return files


def _confidence(prediction: Prediction) -> float | None:
    """Return the mean confidence; a model without histograms has none."""
    if prediction.card.colors.is_regression:
        return None
    return round(float(prediction.confidence().mean()), 3)
