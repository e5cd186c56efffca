import pytest

from huegram.studio import shelf as module
from huegram.studio.problems import ProblemError
from huegram.studio.settings import Settings
from huegram.studio.shelf import Shelf


def shelf(**settings):
    return Shelf("prediction", Settings(**settings))


def is_kept(kept, visitor, thing):
    return (visitor, thing) in kept.kept


def assert_gone(kept, visitor, thing):
    with pytest.raises(ProblemError) as refusal:
        kept.get(visitor, thing)
    assert refusal.value.status == 404
    assert refusal.value.kind == "unknown-prediction"


def test_a_thing_is_its_visitors_alone():
    kept = shelf()
    thing = kept.put("a", "mine", num_bytes=10)
    assert kept.get("a", thing) == "mine"
    assert_gone(kept, "b", thing)
    assert_gone(kept, "a", "another")


def test_the_longest_unused_makes_room():
    kept = shelf(memory_bytes=25)
    first, second = (kept.put("a", value, num_bytes=10) for value in (1, 2))
    kept.get("a", first)
    kept.put("b", 3, num_bytes=10)
    assert is_kept(kept, "a", first)
    assert_gone(kept, "a", second)
    assert kept.num_bytes == 20


def test_one_thing_is_kept_however_large():
    kept = shelf(memory_bytes=5)
    thing = kept.put("a", 1, num_bytes=10)
    assert is_kept(kept, "a", thing)


def test_what_is_removed_is_gone():
    kept = shelf()
    thing = kept.put("a", 1, num_bytes=10)
    with pytest.raises(ProblemError):
        kept.remove("b", thing)
    kept.remove("a", thing)
    assert_gone(kept, "a", thing)
    assert kept.num_bytes == 0
    assert len(kept) == 0


def test_what_nobody_asks_for_is_forgotten(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    kept = shelf(idle_seconds=100)
    old, used = (kept.put("a", value, num_bytes=1) for value in (1, 2))
    now[0] = 90.0
    kept.get("a", used)
    now[0] = 150.0
    assert_gone(kept, "a", old)
    assert is_kept(kept, "a", used)
