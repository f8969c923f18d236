"""What is cancelled is undone first, however often it is cancelled, and in a limited time."""

import asyncio

import pytest

from radio.living import lives
from vitalband.bluetooth.unbroken import done_anyway, undone_if_cancelled

LIMIT_S = 5.0


async def begun(undone, undoing_s):
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(undoing_s)
        undone.append(asyncio.get_running_loop().time())


async def cancelled_often(work):
    task = asyncio.ensure_future(work)
    for _ in range(4):
        await asyncio.sleep(0.5)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@lives
async def test_what_was_begun_is_undone_though_it_is_cancelled_again():
    undone, before = [], asyncio.all_tasks()
    await cancelled_often(undone_if_cancelled(begun(undone, 3.0), LIMIT_S))
    assert undone == [3.5]
    assert asyncio.all_tasks() == before


@lives
async def test_what_does_not_end_is_left_when_its_time_is_over():
    undone = []
    loop = asyncio.get_running_loop()
    await cancelled_often(undone_if_cancelled(begun(undone, 60.0), LIMIT_S))
    assert (undone, loop.time()) == ([], 0.5 + LIMIT_S)
    await asyncio.sleep(0)


@lives
async def test_what_is_to_be_done_anyway_is_done_when_cancelled():
    done = []

    async def work():
        await asyncio.sleep(3)
        done.append(True)

    await cancelled_often(done_anyway(work(), LIMIT_S))
    assert done == [True]
    assert await done_anyway(asyncio.sleep(1, "result"), LIMIT_S) == "result"


@lives
async def test_an_error_of_what_is_cancelled_is_not_in_place_of_the_cancellation():
    async def fail():
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("cannot undo")

    await cancelled_often(undone_if_cancelled(fail(), LIMIT_S))
    with pytest.raises(OSError, match="of itself"):
        await undone_if_cancelled(failing(), LIMIT_S)


async def failing():
    raise OSError("of itself")
