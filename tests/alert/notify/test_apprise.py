import sys
import types

import pytest

from gadfly.alert.notify.apprise import send
from gadfly.alert.notify.destination import Destination
from gadfly.errors import NotifyError


def to(url: str, timeout: float = 5.0) -> Destination:
    return Destination(kind="apprise", name="ops", url=url, timeout=timeout)


async def test_without_the_package_it_says_who_must_do_what(notification, context, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(NotifyError, match=r"pip install 'gadfly\[notify\]'") as caught:
        await send(notification, to("json://127.0.0.1/"), context)
    assert caught.value.permanent


@pytest.mark.filterwarnings("ignore")
async def test_the_real_package_does_not_know_every_address(notification, context) -> None:
    pytest.importorskip("apprise")
    with pytest.raises(NotifyError, match="does not know") as caught:
        await send(notification, to("nonsense"), context)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("taken", "error"), [(True, None), (False, "did not take"), (None, "did not finish")]
)
async def test_taken_or_not(notification, context, monkeypatch, taken, error) -> None:
    import asyncio

    said = []

    class Service:
        def add(self, url: str) -> bool:
            return True

        async def async_notify(self, **what: str) -> bool:
            said.append(what)
            if taken is None:
                await asyncio.sleep(30)
            return bool(taken)

    package = types.SimpleNamespace(
        Apprise=Service, NotifyType=types.SimpleNamespace(SUCCESS="s", FAILURE="f")
    )
    monkeypatch.setitem(sys.modules, "apprise", package)
    if error is None:
        await send(notification, to("x://"), context)
    else:
        with pytest.raises(NotifyError, match=error):
            await send(notification, to("x://", timeout=0.05), context)
    assert said == [{"body": notification.text, "title": notification.subject, "notify_type": "f"}]
