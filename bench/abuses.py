"""Abuse of what stands around a cell: its supervisor, the broker, the log, limits and what calls share.

Each takes a maker of cells and tells whether what must hold did: every other call is answered, and nothing of
it is left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gadfly.functions.sandbox.supervisor import Answer, Cell, Limits, SandboxError

CONTEXT = {
    "function_name": "f",
    "function_version": "1",
    "invoked_function_arn": "arn",
    "memory_limit_in_mb": 128,
    "aws_request_id": "r",
    "log_group_name": "",
    "log_stream_name": "",
}
AMPLE = Limits(seconds=20, memory=128 << 20)
SHORT = Limits(seconds=0.5, memory=128 << 20)
"""For what does not end by itself."""
GOOD = "def handler(event, context):\n    return event\n"
LONG = {
    "loading_without_end_is_refused",
    "nobody_says_hello",
    "processor_time_is_bounded",
    "log_without_end_is_ended",
}
"""Those that wait for a limit of seconds."""
Maker = Callable[..., Awaitable[Cell]]
"""`await make(source, limits)`."""
asks: list[Any] = []


async def denying(ask: Any) -> dict[str, Any]:
    """A broker that grants nothing."""
    asks.append(ask)
    return {"denied": "nothing is granted"}


async def tried(make: Maker, body: str, limits: Limits = AMPLE, event: Any = None, top: str = "") -> Answer:
    """The answer of a handler with this body, from a cell of its own that is closed."""
    lines = "\n".join("    " + line for line in body.splitlines())
    cell = await make(f"{top}\ndef handler(event, context):\n{lines}\n", limits)
    try:
        return await cell.call(event, CONTEXT, denying)
    finally:
        cell.close()


async def answer_is_cut_at_its_limit(make: Maker) -> bool:
    found = await tried(make, "return 'x' * 2_000_000", Limits(seconds=5, answer=1_000_000))
    return "taken" in found.ended and found.value is None


async def answer_of_four_gigabytes_is_only_said(make: Maker) -> bool:
    found = await tried(make, "import os\nos.write(3, b'\\xff\\xff\\xff\\xff')\nreturn 1")
    return "taken" in found.ended


async def answer_that_is_no_json(make: Maker) -> bool:
    found = await tried(make, "import os\nos.write(3, b'\\0\\0\\0\\4{{{{')\nreturn 1")
    return "could not be read" in found.ended


async def answer_of_deep_nesting(make: Maker) -> bool:
    body = "import os\nb = b'[' * 500_000\nos.write(3, len(b).to_bytes(4, 'big') + b)\nreturn 1"
    return "could not be read" in (await tried(make, body, Limits(seconds=5))).ended


async def answer_with_half_a_character(make: Maker) -> bool:
    return "could not be read" in (await tried(make, "return chr(0xD800)")).ended


async def answer_that_is_no_number(make: Maker) -> bool:
    found = await tried(make, "return float('nan')")
    return found.error is not None and found.error["errorType"] == "Runtime.MarshalError"


async def answer_that_is_a_list(make: Maker) -> bool:
    return (await tried(make, "import os\nos.write(3, b'\\0\\0\\0\\2[]')\nreturn 1")).ended != ""


async def answer_with_an_error_that_is_none(make: Maker) -> bool:
    found = await tried(make, "import os\nos.write(3, b'\\0\\0\\0\\x0b{\"error\":1}')\nreturn 1")
    return found.ended != "" and found.error is None


async def answer_that_stops_in_the_middle(make: Maker) -> bool:
    found = await tried(make, "import os\nos.write(3, b'\\0\\0')\nos._exit(0)")
    return "without an answer" in found.ended


async def answer_that_trickles(make: Maker) -> bool:
    body = "import os, time\nos.write(3, b'\\0\\0\\1\\0')\nwhile True:\n    os.write(3, b' ')\n    time.sleep(0.01)"
    return "not done after" in (await tried(make, body, SHORT)).ended


async def answer_given_twice(make: Maker) -> bool:
    found = await tried(make, "import os\nos.write(3, b'\\0\\0\\0\\x0b{\"value\":1}' * 2)\nreturn 2")
    return found.value == 1


async def ask_that_is_no_object(make: Maker) -> bool:
    body = "import os\nos.write(3, b'\\0\\0\\0\\x09{\"ask\":1}')\nreturn os.read(3, 4096).decode('latin1')"
    found = await tried(make, body)
    return "denied" in str(found.value) + found.ended and 1 in asks


async def asks_without_end(make: Maker) -> bool:
    body = "import gadfly_fn\nwhile True:\n    try:\n        gadfly_fn.metric('x')\n    except gadfly_fn.Denied:\n        pass"
    return "asked more than" in (await tried(make, body)).ended


async def asks_that_cannot_be_answered_without_end(make: Maker) -> bool:
    body = "import os\nwhile True:\n    os.write(3, b'\\0\\0\\0\\x0a{\"ask\":[]}')\n    os.read(3, 4096)"
    return "asked more than" in (await tried(make, body)).ended


async def ask_as_large_as_an_answer(make: Maker) -> bool:
    body = "import gadfly_fn\ngadfly_fn.metric('x' * 2_000_000)"
    return "at once" in (await tried(make, body)).ended


async def ask_of_many_lists(make: Maker) -> bool:
    body = "import gadfly_fn\ngadfly_fn._ask('metric:read', 'x', {'a': [[]] * 30_000})"
    return "brackets" in (await tried(make, body)).ended


async def answer_of_many_lists(make: Maker) -> bool:
    return "brackets" in (await tried(make, "return [[]] * 300_000")).ended


async def asks_of_many_threads_are_not_mixed_up(make: Maker) -> bool:
    body = (
        "import gadfly_fn\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "def one(n):\n    try:\n        gadfly_fn.metric(str(n))\n    except gadfly_fn.Denied as e:\n        return str(e)\n"
        "with ThreadPoolExecutor(8) as pool:\n    return sorted(set(pool.map(one, range(64))))"
    )
    return (await tried(make, body, Limits(seconds=5))).value == ["nothing is granted"]


async def broker_is_not_reached_while_loading(make: Maker) -> bool:
    top = "import gadfly_fn\ntry:\n    got = gadfly_fn.metric('loading')\nexcept Exception as e:\n    got = type(e).__name__"
    found = await tried(make, "return got", top=top)
    return found.value == "Failed" and not any("loading" in str(one) for one in asks)


async def log_beyond_its_limit_is_counted(make: Maker) -> bool:
    found = await tried(make, "print('x' * 1_000_000)", Limits(seconds=5))
    return len(found.log) == 256 << 10 and len(found.log) + found.unsaid == 1_000_001


async def log_without_end_is_ended(make: Maker) -> bool:
    found = await tried(make, "import os\nwhile True: os.write(1, bytes(65536))", Limits(seconds=20))
    return "MiB of output" in found.ended and len(found.log) == 256 << 10


async def log_of_an_ended_call_is_kept(make: Maker) -> bool:
    limits = Limits(seconds=2.0, memory=128 << 20)
    return (await tried(make, "print('here')\nwhile True: pass", limits)).log == b"here\n"


async def closes_everything(make: Maker) -> bool:
    found = await tried(make, "import os\nos.closerange(0, 100)\nwhile True: pass", SHORT)
    return found.ended != ""


async def shuts_its_socket_down(make: Maker) -> bool:
    body = "import ctypes\nctypes.CDLL(None).shutdown(3, 2)\nwhile True: pass"
    return (await tried(make, body)).ended != ""


async def ends_itself(make: Maker) -> bool:
    return "without an answer" in (await tried(make, "import os\nos._exit(0)")).ended


async def ends_by_a_fault(make: Maker) -> bool:
    return "without an answer" in (await tried(make, "import ctypes\nctypes.string_at(1)")).ended


async def ends_by_recursion(make: Maker) -> bool:
    found = await tried(make, "def f(): return f()\nreturn f()", Limits(seconds=5))
    return found.error is not None and found.error["errorType"] == "RecursionError"


async def raises_what_is_no_error(make: Maker) -> bool:
    return (await tried(make, "raise SystemExit(3)")).error is not None


async def raises_with_words_without_end(make: Maker) -> bool:
    found = await tried(make, "raise ValueError('x' * 5_000_000)", Limits(seconds=5))
    return found.error is not None and len(found.error["errorMessage"]) <= 4096


async def memory_is_an_error_of_its_own(make: Maker) -> bool:
    found = await tried(make, "return len(bytearray(1 << 30))")
    return found.error is not None and found.error["errorType"] == "MemoryError"


async def processor_time_is_bounded(make: Maker) -> bool:
    begun = time.monotonic()
    found = await tried(make, "while True: pass", Limits(seconds=20, cpu=1))
    return "processor time" in found.ended and time.monotonic() - begun < 15


async def nothing_of_a_call_is_left(make: Maker) -> bool:
    source = "seen = []\ndef handler(event, context):\n    seen.append(1)\n    import json\n    json.left = getattr(json, 'left', 0) + 1\n    return [len(seen), json.left]\n"
    cell = await make(source, AMPLE)
    try:
        return all([(await cell.call(None, CONTEXT, denying)).value == [1, 1] for _ in range(3)])
    finally:
        cell.close()


async def a_call_that_is_ended_harms_no_other(make: Maker) -> bool:
    source = "def handler(event, context):\n    while event: pass\n    return 'well'\n"
    cell = await make(source, Limits(seconds=2.0, memory=128 << 20))
    try:
        found = await asyncio.gather(
            *(cell.call(one, CONTEXT, denying) for one in (True, False, True, False))
        )
        return [one.value for one in found] == [None, "well", None, "well"]
    finally:
        cell.close()


async def loading_without_end_is_refused(make: Maker) -> bool:
    return await _refused(make, "import time\ntime.sleep(1000)\n")


async def loading_that_ends_itself_is_refused(make: Maker) -> bool:
    return await _refused(make, "import os\nos._exit(0)\n")


async def a_process_started_while_loading(make: Maker) -> bool:
    """It would outlive every call."""
    return await _refused(make, "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\n")


async def a_thread_started_while_loading(make: Maker) -> bool:
    """It ends with its call."""
    return await _ended_soon(
        make, "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\n"
    )


async def a_process_started_with_a_call(make: Maker) -> bool:
    """Code that would be loaded into the first process takes orders in its place, and forks one more."""
    top = (
        "import os, time\nreal = os.fork\n"
        "def fork():\n    if real() == 0:\n        time.sleep(1000)\n    return real()\nos.fork = fork\n"
    )
    return await _ended_soon(make, top)


async def the_cell_is_taken_over_while_loading(make: Maker) -> bool:
    """Code that never returns from being loaded says that it is ready, takes orders and answers the calls."""
    top = (
        "import _socket, array, json, os, struct\n"
        "os.write(3, json.dumps({'evidence': {}}).encode())\n"
        "control, kept = _socket.socket(1, 5, 0, fileno=3), []\n"
        "while True:\n"
        "    said, added, _, _ = control.recvmsg(16, 4096)\n"
        "    if not said: os._exit(0)\n"
        "    answer = array.array('i', added[0][2])[0]\n"
        "    if os.fork() == 0:\n"
        "        os.write(answer, bytes(1))\n"
        "        kept.append(os.read(answer, 4096))\n"
        "        body = json.dumps({'value': 'x'}).encode()\n"
        "        os.write(answer, struct.pack('!I', len(body)) + body)\n"
        "        os.read(answer, 1)\n"
    )
    return await _refused(make, top)


async def memory_is_kept_from_call_to_call(make: Maker) -> bool:
    return await _forgotten(make, "import mmap\nkept = mmap.mmap(-1, 8)", "kept[0]", "kept[0] = 1")


async def a_counter_is_kept_from_call_to_call(make: Maker) -> bool:
    top = "import os\nos.dup2(os.eventfd(0, os.EFD_NONBLOCK), 0)"
    return await _forgotten(make, top, "os.eventfd_read(0)", "os.eventfd_write(0, 1)")


async def flags_of_a_file_are_kept_from_call_to_call(make: Maker) -> bool:
    sets = "[fcntl.fcntl(n, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND) for n in (0, 1, 2)]"
    reads = "sum(fcntl.fcntl(n, fcntl.F_GETFL) & os.O_APPEND for n in (0, 1, 2))"
    return await _forgotten(make, "import fcntl, os", reads, sets)


async def _forgotten(make: Maker, top: str, reads: str, sets: str) -> bool:
    """Whether what a call sets is there in no other one, where it is let set anything."""
    body = f"    try:\n        left = {reads}\n    except OSError:\n        left = 0\n    {sets}\n    return left\n"
    cell = await make(f"{top}\ndef handler(event, context):\n{body}", AMPLE)
    try:
        return not any([(await cell.call(None, CONTEXT, denying)).value for _ in range(3)])
    finally:
        cell.close()


async def nobody_says_hello(make: Maker) -> bool:
    """The first process takes the order, and forks one that says nothing: the cell is ended."""
    top = "import os, time\nreal = os.fork\ndef fork():\n    pid = real()\n    if pid == 0:\n        time.sleep(1000)\n    return pid\nos.fork = fork\n"
    return await _ended_soon(make, top)


async def another_says_hello(make: Maker) -> bool:
    """A grandchild answers for the call: the kernel names its parent, and that is not the cell."""
    top = "import os, time\nreal = os.fork\ndef fork():\n    pid = real()\n    if pid == 0 and real() != 0:\n        time.sleep(1000)\n    return pid\nos.fork = fork\n"
    return await _ended_soon(make, top)


def _children(cell: Cell) -> str:
    try:
        return Path(f"/proc/{cell.pid}/task/{cell.pid}/children").read_text().strip()
    except OSError:
        return ""


async def _ended_soon(make: Maker, top: str) -> bool:
    """Whether the cell is ended, or the fork was refused."""
    try:
        cell = await make(top + GOOD, SHORT)
    except SandboxError:
        return True
    try:
        await cell.call("x", CONTEXT, denying)
        until = time.monotonic() + 5
        while not cell.closed and _children(cell) and time.monotonic() < until:  # noqa: ASYNC110  the kernel tells nobody
            await asyncio.sleep(0.01)
        return cell.closed or not _children(cell)
    finally:
        cell.close()


async def _refused(make: Maker, top: str) -> bool:
    """Whether no cell comes up, or no call succeeds."""
    try:
        cell = await make(top + GOOD, SHORT)
    except SandboxError:
        return True
    try:
        found = await cell.call("x", CONTEXT, denying)
        return found.value != "x"
    finally:
        cell.close()


ALL = {
    name: one
    for name, one in list(vars().items())
    if asyncio.iscoroutinefunction(one) and not name.startswith("_") and name not in ("denying", "tried")
}
