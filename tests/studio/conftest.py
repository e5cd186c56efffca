"""A studio in this process, and visitors to it."""

import io

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from huegram.colorizer import Colorizer
from huegram.studio.app import create_app
from huegram.studio.settings import Settings


def scene(height=120, width=160, seed=0):
    """Smooth shapes with a sky above: (H, W) in [0, 1]."""
    generator = np.random.default_rng(seed)
    gray = cv2.resize(generator.random((5, 7)).astype(np.float32), (width, height)) * 0.5 + 0.1
    gray[: height // 3] = 0.8
    return gray


def file_of(gray, format_name="PNG", **options):
    """A gray photograph's file."""
    file = io.BytesIO()
    levels = np.rint(255 * np.asarray(gray)).astype(np.uint8)
    Image.fromarray(levels).save(file, format=format_name, **options)
    return file.getvalue()


def pixels_of(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


@pytest.fixture(scope="session")
def app():
    return create_app(Settings(max_pixels=4_000_000, max_bytes=3_000_000))


@pytest.fixture(scope="session")
def running(app):
    """Start the studio once; its visitors come and go."""
    with TestClient(app, base_url="http://localhost"):
        yield app


@pytest.fixture
def client(running):
    return TestClient(running, base_url="http://localhost")


@pytest.fixture
def other(running):
    return TestClient(running, base_url="http://localhost")


@pytest.fixture(scope="session")
def colorizer():
    return Colorizer.load()


@pytest.fixture(scope="session")
def content():
    return file_of(scene())


@pytest.fixture
def predicted(client, content):
    answer = client.post("/api/predict", files={"file": ("old.png", content)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def assert_problem(answer, status, *words):
    """An error is a problem document whose one sentence has these words."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert "\n" not in document["detail"]
    for word in words:
        assert word in document["detail"]
    return document
