"""Real servers on this computer give the shards: one of files, one with the interface of s3."""

import functools
import http.server
import threading
from typing import ClassVar

import boto3
import numpy as np
import pytest
from moto.core import set_initial_no_auth_action_count
from moto.server import ThreadedMotoServer
from PIL import Image

from huegram.data.photographs import Shards, open_photographs
from huegram.data.remote import expanded, fetched, is_remote
from huegram.data.sharding import ShardConfig, write_shards
from huegram.errors import DataError


class Quiet(http.server.SimpleHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    rng = np.random.default_rng(0)
    (folder / "in").mkdir()
    for number in range(5):
        pixels = rng.integers(0, 256, (64, 72, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "in" / f"{number}.png")
    config = ShardConfig(64, "png", per_shard=2)
    write_shards(open_photographs(folder / "in"), folder / "out", config)
    return folder / "out"


@pytest.fixture
def server(shards):
    Quiet.asked.clear()
    handler = functools.partial(Quiet, directory=str(shards))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def store():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store, shards, monkeypatch):
    """Shards in a store that is not Amazon's; the environment says where it is."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="photographs")
    for file in shards.glob("*.tar"):
        s3.upload_file(str(file), "photographs", f"some/{file.name}")
    return "s3://photographs"


def test_fetches_once_and_reads_the_same(server, shards, tmp_path):
    address = f"{server}/photographs-{{00000..00002}}.tar"
    told = []
    files = fetched(address, tmp_path / "cache", report=lambda *n: told.append(n))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    here, there = Shards(files), open_photographs(shards)
    assert len(here) == 5
    for index in range(5):
        np.testing.assert_array_equal(here.read(index), there.read(index))
    asked = len(Quiet.asked)
    assert fetched(address, tmp_path / "cache") == files
    assert len(Quiet.asked) == asked


def test_one_that_is_missing_leaves_the_others(server, tmp_path):
    with pytest.raises(
        DataError, match=r"photographs-00003\.tar cannot be fetched \(no such file\)"
    ):
        fetched(f"{server}/photographs-{{00002..00003}}.tar", tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.name.endswith("photographs-00002.tar")


def test_fetches_from_s3(bucket, shards, tmp_path):
    files = fetched(f"{bucket}/some/photographs-{{00000..00002}}.tar", tmp_path)
    assert [file.read_bytes() for file in files] == [
        file.read_bytes() for file in sorted(shards.glob("*.tar"))
    ]


@pytest.mark.parametrize("name", ["photographs/some/other.tar", "elsewhere/some/other.tar"])
def test_missing_from_s3(bucket, tmp_path, name):
    with pytest.raises(DataError, match=rf"s3://{name} cannot be fetched \(no such file\)"):
        fetched(f"s3://{name}", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_refused_by_s3(bucket, tmp_path):
    ask_who_it_is = set_initial_no_auth_action_count(0)
    with pytest.raises(DataError, match=r"photographs-00000\.tar cannot be fetched"):
        ask_who_it_is(fetched)(f"{bucket}/some/photographs-00000.tar", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_server(tmp_path):
    with pytest.raises(DataError, match="check the address"):
        fetched("http://127.0.0.1:9/a.tar", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_protocol_that_nobody_knows(tmp_path):
    with pytest.raises(DataError, match="gopher"):
        fetched("gopher://example.org/a.tar", tmp_path)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("https://a/b.tar", True),
        ("s3://a/b", True),
        ("photos", False),
        ("/a/b", False),
        ("c:/x", False),
    ],
)
def test_addresses(source, answer):
    assert is_remote(source) is answer


def test_several_ranges():
    assert expanded("a{1..2}b{09..10}") == ["a1b09", "a1b10", "a2b09", "a2b10"]
    assert expanded("plain") == ["plain"]
