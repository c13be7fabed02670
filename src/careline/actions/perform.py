"""Carries out commands. Each action says which command it performs; nothing lists them."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import InterfaceError, InternalError, OperationalError, connection
from psycopg.errors import IdleInTransactionSessionTimeout

from careline import actions
from careline.core.errors import Refused, TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C")
P = ParamSpec("P")
R = TypeVar("R")
TRIES = 4

_performers: dict[type, Callable[[Any], Any]] = {}


def performs(command: type[C]) -> Callable[[Callable[[C], R]], Callable[[C], R]]:
    """Marks a function as the one that carries out a command."""

    def mark(function: Callable[[C], R]) -> Callable[[C], R]:
        _performers[command] = function
        return function

    return mark


def perform(command: object) -> Any:
    """The command's result. What still fails after some tries raises `TryAgain`: the same command may be sent again."""
    performer = _known().get(type(command))
    if performer is None:
        raise Refused(f"nothing here performs {type(command).__name__}")
    return retried(performer)(command)


def retried(action: Callable[P, R]) -> Callable[P, R]:
    """Deadlocks, lost connections and transactions that stood still too long (a frozen process) are tried again: an action is one
    transaction and harmless to repeat."""

    @wraps(action)
    def carefully(*args: P.args, **kwargs: P.kwargs) -> R:
        tries = 0
        while True:
            try:
                return action(*args, **kwargs)
            except (OperationalError, InterfaceError, InternalError) as error:
                if isinstance(error, InternalError) and not isinstance(
                    error.__cause__, IdleInTransactionSessionTimeout
                ):
                    raise
                connection.close()
                tries += 1
                if tries == TRIES:
                    raise TryAgain("the database did not answer") from error

    return carefully


@cache
def _known() -> dict[type, Callable[[Any], Any]]:
    for module in pkgutil.walk_packages(actions.__path__, "careline.actions."):
        importlib.import_module(module.name)
    return _performers
