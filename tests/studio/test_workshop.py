import asyncio
import threading
import time

import pytest

from huegram.studio.problems import ProblemError
from huegram.studio.settings import Settings
from huegram.studio.workshop import Workshop


def workshop(**settings):
    opened = Workshop(Settings(**settings))
    opened.open()
    return opened


def test_the_result_comes_back_from_another_thread():
    shop = workshop()
    assert asyncio.run(shop.do("a", threading.get_ident)) != threading.get_ident()
    assert shop.num_pending == 0


def test_an_error_comes_back_and_leaves_no_trace():
    shop = workshop()

    def fail():
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        asyncio.run(shop.do("a", fail))
    assert shop.num_pending == 0


def crowd(shop, visitors, hold):
    """Send work for each visitor at once, that lasts until the last one was answered or queued."""

    async def all_of_them():
        tasks = [asyncio.create_task(shop.do(visitor, hold.wait)) for visitor in visitors]
        await asyncio.sleep(0.05)
        hold.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(all_of_them())


def test_a_full_line_is_refused_and_says_when_to_come_back():
    shop = workshop(workers=1, max_waiting=2)
    answers = crowd(shop, "abcde", threading.Event())
    assert answers[:3] == [True, True, True]
    for refusal in answers[3:]:
        assert isinstance(refusal, ProblemError)
        assert refusal.status == 503
        assert refusal.retry_after >= 1
    assert shop.num_refused[503] == 2
    assert shop.num_pending == 0


def test_one_visitor_does_not_take_every_place():
    shop = workshop(workers=1, max_waiting=10, max_waiting_per_user=2)
    answers = crowd(shop, "aaab", threading.Event())
    assert [getattr(answer, "status", answer) for answer in answers] == [True, True, 429, True]


def test_what_waits_too_long_is_refused_and_never_done():
    shop = workshop(workers=1, max_seconds=0.05)
    hold, done = threading.Event(), []

    async def two():
        first = asyncio.create_task(shop.do("a", hold.wait))
        await asyncio.sleep(0.01)
        with pytest.raises(ProblemError) as refusal:
            await shop.do("b", lambda: done.append("b"))
        with pytest.raises(ProblemError):
            await first
        await asyncio.sleep(0.01)
        # What runs cannot be stopped, and is counted until it ends.
        assert shop.num_pending == 1
        hold.set()
        while shop.num_pending:
            await asyncio.sleep(0.01)
        return refusal.value

    assert asyncio.run(two()).status == 503
    assert done == []


def test_closing_finishes_the_work_in_hand():
    shop = workshop(workers=1)
    done = []

    async def one():
        task = asyncio.create_task(shop.do("a", lambda: (time.sleep(0.1), done.append(1))))
        await asyncio.sleep(0.02)
        await asyncio.get_running_loop().run_in_executor(None, shop.close)
        await task

    asyncio.run(one())
    assert done == [1]


def test_a_closed_one_takes_none():
    shop = workshop()
    shop.close()
    with pytest.raises(ProblemError) as refusal:
        asyncio.run(shop.do("a", list))
    assert refusal.value.status == 503
    shop.open()
    assert asyncio.run(shop.do("a", list)) == []
