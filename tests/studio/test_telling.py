import re
from pathlib import Path

import pytest

from huegram.model.catalog import DEFAULT_MODEL
from huegram.studio.telling import page_folder
from tests.studio.conftest import assert_problem, pixels_of


def test_the_models_and_their_rules(client):
    told = client.get("/api/models").json()
    (model,) = [model for model in told["models"] if model["is_default"]]
    assert model["name"] == DEFAULT_MODEL
    assert "median" in model["rules"]
    assert told["limits"] == {"max_bytes": 3_000_000, "max_pixels": 4_000_000}
    assert "JPEG" in told["formats"]


def test_examples_are_gray_photographs(client):
    names = [example["name"] for example in client.get("/api/examples").json()["examples"]]
    assert "cat" in names
    for name in names:
        answer = client.get(f"/api/examples/{name}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert pixels_of(answer.content).ndim == 2
    assert_problem(client.get("/api/examples/dog"), 404, "dog")


def test_figures_count_by_route_not_by_address(client, predicted):
    client.get(f"/api/predictions/{predicted['id']}/gray")
    client.get("/api/predictions/whatever/gray")
    client.get("/nowhere/x1")
    text = client.get("/metrics").text
    found = re.findall(
        r'huegram_requests_total\{method="GET",route="(.*?)",status="(\d+)"\} (\S+)', text
    )
    counted = {(route, status): float(number) for route, status, number in found}
    gray = "/api/predictions/{thing}/gray"
    assert counted[gray, "200"] >= 1
    assert counted[gray, "404"] >= 1
    assert not any("x1" in route or "whatever" in route for route, _ in counted)
    kept = re.search(r"^huegram_predictions (\S+)", text, re.M)
    assert kept is not None
    assert float(kept[1]) >= 1


@pytest.mark.parametrize("path", ["/nowhere", "/page/nowhere.js", "/page/../app.py", "/docs"])
def test_what_is_not_there_is_a_problem(client, path):
    assert_problem(client.get(path), 404)


def test_another_method_is_a_problem(client):
    assert_problem(client.get("/api/colorize"), 405)


def test_every_route_is_described(client):
    document = client.get("/api/openapi.json").json()
    assert {
        "/api/colorize",
        "/api/predict",
        "/api/render",
        "/api/models",
        "/healthz",
        "/metrics",
    } <= {*document["paths"]}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert "503" in operation["responses"], path


def test_the_page_loads_nothing_from_elsewhere():
    files = [path for path in page_folder().rglob("*") if path.is_file()]
    assert {"index.html", "studio.css", "main.js"} <= {path.name for path in files}
    for path in files:
        text = path.read_text(encoding="utf-8")
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text))
        assert addresses <= {"http://www.w3.org"}, path.name
        assert "<style" not in text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path.name


def test_the_page_and_its_files_are_served(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    for name in re.findall(r'(?:src|href)="(/page/[^"]+)"', page.text):
        assert client.get(name).status_code == 200, name
    script = (page_folder() / "main.js").read_text(encoding="utf-8")
    for name in re.findall(r'from "\./([^"]+)"', script):
        assert Path(page_folder(), name).exists(), name
