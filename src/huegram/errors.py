"""Every error that huegram raises on purpose.

    HuegramError
    ├── PhotoReadError       (OSError)            a photograph cannot be opened or decoded
    ├── PhotoWriteError      (OSError)            an output cannot be written
    ├── FileWriteError       (OSError)            a model or a checkpoint cannot be written
    ├── OutputExistsError    (FileExistsError)    an output is there already
    ├── PhotoTooLargeError   (ValueError)         more pixels than the limit
    ├── InvalidImageError    (ValueError)         an image of the wrong shape, type or range
    ├── InvalidOptionError   (ValueError)         an option outside its range
    ├── ColorRangeError      (ValueError)         a colour array of the wrong shape or range
    ├── ModelNotFoundError   (LookupError)        no model of that name or file
    ├── ModelFileError       (ValueError)         a file that is not a huegram model
    ├── DeviceError          (RuntimeError)       an inference device that is missing
    ├── ConfigError          (ValueError)         a preset or run with unknown or wrong keys
    ├── DataError            (ValueError)         a folder or shard without usable photographs
    ├── WeightsError         (ValueError)         weights that do not fit the network
    ├── TrainingError        (RuntimeError)       a training run that cannot go on
    └── MissingExtraError    (ImportError)        an optional dependency that is not installed

Each leaf is also the builtin in brackets, so `except OSError` works as callers expect. Messages are
one line: what was expected, what was found, what to do.
"""

__all__ = [
    "ColorRangeError",
    "ConfigError",
    "DataError",
    "DeviceError",
    "FileWriteError",
    "HuegramError",
    "InvalidImageError",
    "InvalidOptionError",
    "MissingExtraError",
    "ModelFileError",
    "ModelNotFoundError",
    "OutputExistsError",
    "PhotoReadError",
    "PhotoTooLargeError",
    "PhotoWriteError",
    "TrainingError",
    "WeightsError",
]


class HuegramError(Exception):
    """The root: catch this to catch everything that huegram raises on purpose."""


class PhotoReadError(HuegramError, OSError):
    """A photograph cannot be opened or decoded."""


class PhotoWriteError(HuegramError, OSError):
    """An output cannot be written."""


class FileWriteError(HuegramError, OSError):
    """A model or a checkpoint cannot be written."""


class OutputExistsError(HuegramError, FileExistsError):
    """An output is there already and overwriting was not asked for."""


class PhotoTooLargeError(HuegramError, ValueError):
    """A photograph has more pixels than the limit."""


class InvalidImageError(HuegramError, ValueError):
    """An array or image has the wrong shape, type or range."""


class InvalidOptionError(HuegramError, ValueError):
    """An option lies outside its range."""


class ColorRangeError(HuegramError, ValueError):
    """A colour array has the wrong shape or range."""


class ModelNotFoundError(HuegramError, LookupError):
    """No model of that name or file."""


class ModelFileError(HuegramError, ValueError):
    """A file is not a huegram model, or not a whole one."""


class DeviceError(HuegramError, RuntimeError):
    """An inference device is missing."""


class ConfigError(HuegramError, ValueError):
    """A preset or run holds unknown or wrong keys."""


class DataError(HuegramError, ValueError):
    """A folder or shard holds no usable photographs."""


class WeightsError(HuegramError, ValueError):
    """Weights do not fit the network."""


class TrainingError(HuegramError, RuntimeError):
    """A training run cannot go on."""


class MissingExtraError(HuegramError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; it comes with: pip install 'huegram[{extra}]'"
        )
        self.package = package
        self.extra = extra
