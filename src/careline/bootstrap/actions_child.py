"""The voice process's hand in the database: a child that carries out commands (`careline.actions.commands`)."""

from __future__ import annotations

from careline.bootstrap.installation import connect
from careline.children import serve
from careline.settings import from_environment


def main() -> None:
    connect(from_environment())
    from careline.actions.child import THREADS, answer, idle

    serve(answer, THREADS, idle)


if __name__ == "__main__":
    main()
