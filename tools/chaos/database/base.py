"""PostgreSQL as ever; every commit, and every statement that commits by itself, is a point (`tools.chaos.points`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql import base
from tools.chaos.points import here

if TYPE_CHECKING:
    from collections.abc import Callable


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.execute_wrappers.append(_alone)

    def _commit(self) -> None:
        here.reach("commit, before")
        super()._commit()
        here.reach("commit, after")


def _alone(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """A statement outside a transaction is one by itself, if it may write."""
    if context["connection"].in_atomic_block or "finish_promises" not in str(sql):
        return execute(sql, params, many, context)
    here.reach("statement, before")
    result = execute(sql, params, many, context)
    here.reach("statement, after")
    return result
