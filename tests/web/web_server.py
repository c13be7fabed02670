"""The web process as the product runs it, on a free port of the loopback: prints the port, serves until its input closes.

Started by tests as `python web_server.py`; the environment names database and data folder.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

from one_protocol import LIBRARY

from careline.bootstrap.data import public_holidays
from careline.settings import ensure_key_file, from_environment
from careline.storage.start import start
from careline.vault.folder import FolderVault
from careline.vault.keyfile import FileKeyStore


def main() -> None:
    settings = from_environment()
    start(os.environ["CARELINE_APP_DATABASE"], FileKeyStore(ensure_key_file(settings.key_file)))
    from careline.web import outside
    from careline.web.serving import server

    outside.use(FolderVault(settings.data / "recordings"), LIBRARY, public_holidays())
    listening = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    running = server("127.0.0.1", 0)
    print(listening.getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), setattr(running, "should_exit", True)), daemon=True).start()
    running.run(sockets=[listening])


if __name__ == "__main__":
    main()
