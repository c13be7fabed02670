"""The web process: console, clinician's page, chat page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.bootstrap import data, notify, speech
from careline.bootstrap.installation import connect
from careline.vault.folder import FolderVault

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.settings import Settings


def run(settings: Settings, ready: Callable[[], None]) -> None:
    """Serve until told to stop. `ready` is called once requests are taken."""
    connect(settings)
    from careline.web import outside
    from careline.web.serving import server

    outside.use(FolderVault(settings.data / "recordings"), data.library(), data.public_holidays())
    given = notify.means(settings)
    outside.hear(notify.receivers(given), notify.subscriptions(given))
    outside.listens(speech.hearing())
    running = server(settings.bind, settings.web_port)
    listening = running.startup

    async def startup_and_say(sockets: object = None) -> None:
        await listening(sockets)  # pyright: ignore[reportArgumentType]
        ready()

    running.startup = startup_and_say
    running.run()
