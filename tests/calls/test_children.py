"""What the rest of the house relies on when work is given to a child process."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from careline.children import Child, Pool, without_secrets
from careline.core.errors import CarelineError, Refused, TryAgain

pytestmark = pytest.mark.timeout(30)

MODULE = "labourer"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}


def labourer(name: str = "labourer") -> Child:
    return Child(MODULE, name=name, environment=ENVIRONMENT, hang_s=0.3)


@pytest.fixture
def child() -> Child:
    return labourer()


def run(work) -> None:
    asyncio.run(work)


def test_a_request_brings_its_result_and_streams_arrive_piece_by_piece(child):
    async def work():
        await child.start()
        assert await child.call(("double", 21), 5) == 42
        assert [piece async for piece in child.stream(("count", 3), 5)] == [0, 1, 2]
        await child.stop()
        assert child.pid is not None
        assert not child.alive

    run(work())


def test_requests_at_once_each_get_their_own_answer(child):
    async def work():
        await child.start()
        answers = await asyncio.gather(*(child.call(("double", n), 5) for n in range(50)))
        assert answers == [2 * n for n in range(50)]
        await child.stop()

    run(work())


def test_a_child_that_dies_tells_whoever_waits_and_is_started_anew(child):
    async def work():
        await child.start()
        first = child.pid
        with pytest.raises(TryAgain):
            await child.call(("die",), 5)
        assert await child.call(("double", 1), 5) == 2
        assert child.pid != first
        assert child.restarts == 1
        await child.stop()

    run(work())


def test_a_deadline_holds_and_a_hung_child_is_replaced(child):
    async def work():
        await child.start()
        with pytest.raises(TryAgain):
            await child.call(("hang",), 0.4)
        assert await child.call(("double", 2), 5) == 4
        assert child.restarts == 1
        await child.stop()

    run(work())


def test_a_pool_gives_the_work_of_a_dead_child_to_another(tmp_path):
    async def work():
        pool = Pool([labourer(f"labourer {n}") for n in range(2)])
        await pool.start()
        pids = {child.pid for child in pool.children}
        assert await pool.call(("die once", str(tmp_path / "died")), 5) in pids
        await pool.stop()

    run(work())


def test_errors_keep_who_must_act_but_not_what_a_patient_said(child, caplog):
    caplog.set_level(logging.INFO)

    async def work():
        await child.start()
        with pytest.raises(Refused, match="ask differently"):
            await child.call(("refuse",), 5)
        with pytest.raises(CarelineError) as broken:
            await child.call(("break", "my chest hurts"), 5)
        assert "ValueError at labourer.py" in str(broken.value)
        assert "chest" not in str(broken.value)
        await child.call(("print", "my chest hurts"), 5)
        await child.stop()

    run(work())
    assert "ValueError at labourer.py" in caplog.text
    assert "chest" not in caplog.text


def test_a_request_too_large_is_refused_and_the_child_goes_on(child):
    async def work():
        await child.start()
        with pytest.raises(Refused):
            await child.call(("double", b"x" * 17_000_000), 5)
        with pytest.raises(Refused):
            await child.call(("swell", 17_000_000), 5)
        assert await child.call(("double", 3), 5) == 6
        await child.stop()

    run(work())


def test_a_module_that_cannot_run_is_one_clear_error():
    async def work():
        with pytest.raises(TryAgain, match="nobody process did not start"):
            await Child("careline.no_such_module", name="nobody").start(1.0)

    run(work())


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system cannot watch a process that is not its child")
def test_a_child_ends_with_its_parent():
    program = (
        "import asyncio, os\nfrom careline.children import Child\n"
        f"async def main():\n    child = Child({MODULE!r}, name='orphan')\n    await child.start()\n"
        "    print(child.pid, flush=True)\n    input()\n    os._exit(1)\nasyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], env=ENVIRONMENT, stdin=-1, stdout=-1, text=True) as parent:
        watched = os.pidfd_open(int(parent.stdout.readline()))
        parent.communicate("end\n", timeout=20)
    gone, _, _ = select.select([watched], [], [], 10)
    os.close(watched)
    assert gone, "the child outlived its parent"


def test_secrets_stay_with_the_parent():
    assert without_secrets({"PATH": "/bin", "CARELINE_DATABASE_URL": "postgresql://"}) == {"PATH": "/bin"}


def test_a_child_that_only_waits_for_news_ends_at_once_and_is_not_waited_for():
    async def work():
        child = Child(MODULE, ["4"], name="waiting", environment=ENVIRONMENT)
        await child.start()
        waiting = asyncio.create_task(child.call(("hang",), 60))
        assert await child.call(("double", 21), 5) == 42
        async with asyncio.timeout(15):
            await child.stop(grace_s=25)
        with pytest.raises(TryAgain):
            await waiting

    run(work())
