"""Messages: the JSON that the page and other programs exchange with the studio."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from huegram.guidance.marks import Reach
from huegram.histogram.named_rules import RuleName

__all__ = [
    "ArchiveRequest",
    "Bin",
    "Edit",
    "Guidance",
    "Lent",
    "Look",
    "MarkEntry",
    "Opened",
    "Place",
    "Predicted",
    "RenderRequest",
    "Suggestion",
    "View",
]

Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Coordinate = Annotated[float, Field(ge=0.0, lt=1e6, allow_inf_nan=False)]
Corner = tuple[Coordinate, Coordinate]
FormatName = Literal["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP"]

MAX_MARKS, MAX_POINTS, MAX_COLORS, MAX_REFERENCES = 500, 2000, 16, 8
MAX_VIEW_PX = 4096


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Look(_Message):
    """How a prediction is read. Without rule and vividness it is the model's default."""

    vividness: Share | None = None
    rule: RuleName | None = None
    alternative: Annotated[int, Field(ge=0, lt=64)] = 0


class MarkEntry(_Message):
    """A dot or a stroke, in pixels of the photograph, as in a file of marks."""

    points: Annotated[list[Corner], Field(min_length=1, max_length=MAX_POINTS)]
    color: Color
    radius_px: Annotated[float, Field(ge=0.0, le=2000.0, allow_inf_nan=False)] | None = None
    strength: Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)] = 1.0
    reach: Reach = "local"


class Guidance(_Message):
    """What the user knows. A palette and a photograph to match exclude each other."""

    marks: Annotated[list[MarkEntry], Field(max_length=MAX_MARKS)] = []
    palette: Annotated[list[Color], Field(max_length=MAX_COLORS)] = []
    match: Literal["energy", "quantile"] = "energy"
    references: Annotated[list[Id], Field(max_length=MAX_REFERENCES)] = []
    match_photo: Id | None = None


class Edit(_Message):
    """A prediction, what is known beside it, and how it is read."""

    prediction: Id
    look: Look = Look()
    guidance: Guidance = Guidance()


class View(_Message):
    """A part of the photograph as a JPEG, to look at."""

    box: tuple[int, int, int, int] | None = Field(
        None, description="left, top, right, bottom in pixels; without, all of it"
    )
    max_px: Annotated[int, Field(ge=1, le=MAX_VIEW_PX)] = 2048


class RenderRequest(Edit):
    """What to render: a view, or without one the whole photograph as a file."""

    view: View | None = None
    format: FormatName | None = None
    quality: Annotated[int, Field(ge=1, le=100)] | None = None


class ArchiveRequest(_Message):
    """Photographs to render and pack."""

    items: Annotated[list[Edit], Field(min_length=1, max_length=500)]
    format: FormatName | None = None
    quality: Annotated[int, Field(ge=1, le=100)] | None = None


class Predicted(BaseModel):
    """A prediction that is kept for its visitor."""

    id: str
    name: str
    width: int
    height: int
    bits: int
    format: str | None
    tone: Literal["gray", "toned", "color"]
    num_pages: int
    model: str
    default_vividness: float
    has_histograms: bool
    confidence: float | None


class Opened(Predicted):
    """A prediction from a saved file, with what was said to it."""

    look: Look
    marks: list[dict[str, Any]]


class Lent(BaseModel):
    """A color photograph that is kept for its visitor, to lend its colors."""

    id: str
    name: str


class Suggestion(BaseModel):
    """A color that a place may have."""

    color: str
    probability: float


class Bin(Suggestion):
    """One color of a histogram, as hue (in turns) and chroma (0 to 1)."""

    hue: float
    chroma: float


class Place(BaseModel):
    """What the model thinks of a place."""

    x: float
    y: float
    gray: str
    confidence: float
    suggestions: list[Suggestion]
    bins: list[Bin]
