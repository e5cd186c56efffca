"""Colored photographs as files: their names, bytes and archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

import cv2
import numpy as np
from fastapi.responses import Response
from numpy.typing import NDArray

from huegram.colorized import Colorized
from huegram.errors import HuegramError
from huegram.photo import default_format, extension_of
from huegram.studio.problems import ProblemError

__all__ = ["ColoredFile", "archive", "attachment", "colored_file", "jpeg", "png"]

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "BMP": "image/bmp",
}
VIEW_QUALITY = 90


@dataclass(frozen=True)
class ColoredFile:
    """A file to send.

    Args:
        name: with its ending.
        content: whole.
        media_type: of the content.
    """

    name: str
    content: bytes
    media_type: str


def colored_file(colorized: Colorized, *, format: str | None, quality: int | None) -> ColoredFile:  # noqa: A002 - Pillow's name for it
    """Encode a colored photograph, in its own format if no other is asked for.

    Raises:
        PhotoWriteError, InvalidOptionError, MissingExtraError: it cannot be encoded so.
    """
    photo = colorized.photo
    format_name = format or default_format(photo)
    file = io.BytesIO()
    colorized.save(file, format=format_name, quality=quality)
    name = f"{PurePath(photo.name).stem}.color{extension_of(format_name)}"
    return ColoredFile(name, file.getvalue(), MEDIA_TYPES[format_name])


def attachment(file: ColoredFile, *, is_shown: bool = False) -> Response:
    """Return a file as a response that a browser saves under its name."""
    kind = "inline" if is_shown else "attachment"
    plain = file.name.encode("ascii", "replace").decode().replace("\\", "_").replace('"', "_")
    disposition = f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return Response(
        file.content, media_type=file.media_type, headers={"Content-Disposition": disposition}
    )


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """Encode sRGB (h, w, 3) or gray (h, w) to look at: color as sharp as light."""
    options = [cv2.IMWRITE_JPEG_QUALITY, VIEW_QUALITY]
    if pixels.ndim == 3:
        pixels = pixels[..., ::-1]
        options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    return bytes(cv2.imencode(".jpg", np.ascontiguousarray(pixels), options)[1])


def png(gray: NDArray[np.uint8]) -> bytes:
    """Encode gray (h, w)."""
    return bytes(cv2.imencode(".png", gray)[1])


class _Chunks(io.RawIOBase):
    """What a ZIP file is written to, and taken from while it is written."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.parts.append(bytes(data))  # type: ignore[call-overload]
        return len(self.parts[-1])

    def taken(self) -> bytes:
        whole = b"".join(self.parts)
        self.parts.clear()
        return whole


async def archive(
    jobs: Sequence[tuple[str, Callable[[], Awaitable[ColoredFile]]]],
) -> AsyncIterator[bytes]:
    """Yield a ZIP file, photograph by photograph; of one that fails it holds the reason.

    Args:
        jobs: name of each photograph, and what makes its file.
    """
    chunks, names = _Chunks(), set[str]()
    with zipfile.ZipFile(chunks, "w", zipfile.ZIP_STORED) as packed:
        for source, make in jobs:
            try:
                file = await make()
            except (HuegramError, ProblemError) as error:
                file = ColoredFile(f"{source}.error.txt", f"{error}\n".encode(), "text/plain")
            packed.writestr(_unused(file.name, names), file.content)
            yield chunks.taken()
    yield chunks.taken()


def _unused(name: str, names: set[str]) -> str:
    """Return a name that is not among those given, and add it: "a.jpg", then "a (2).jpg"."""
    path, number = PurePath(name), 1
    while name.lower() in names:
        number += 1
        name = f"{path.stem} ({number}){path.suffix}"
    names.add(name.lower())
    return name
