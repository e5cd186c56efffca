"""Photos: files, bytes, images and arrays to gray, and coloured pixels back to files.

read_photo -> Photo (gray, tone, alpha, metadata) -> ... -> write_photo
"""

from huegram.photo.formats import READABLE_EXTENSIONS, extension_of, format_of, is_photo_file
from huegram.photo.metadata import Metadata
from huegram.photo.photo import Photo
from huegram.photo.reading import DEFAULT_MAX_PIXELS, PhotoSource, read_photo
from huegram.photo.writing import default_format, photo_image, write_photo

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "READABLE_EXTENSIONS",
    "Metadata",
    "Photo",
    "PhotoSource",
    "default_format",
    "extension_of",
    "format_of",
    "is_photo_file",
    "photo_image",
    "read_photo",
    "write_photo",
]
