"""Runs the web application until told to stop, and stops at once: open live streams end themselves first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

from careline.web.live import hub

if TYPE_CHECKING:
    import socket


class Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        hub.close()
        await super().shutdown(sockets)


def server(host: str, port: int) -> Server:
    """Not started yet: `.run()` blocks, `.serve()` is awaited. The access log is off: URLs say who looked at what."""
    return Server(
        uvicorn.Config(
            "careline.web.asgi:application",
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
