"""What the pages need from outside the database, given once by whoever starts the process (`bootstrap` alone knows adapters)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.errors import Refused

if TYPE_CHECKING:
    from careline.ports import Vault

_vault: list[Vault] = []


def use(vault: Vault) -> None:
    """Name the vault that keeps recordings. Without one, pages show records and say that recordings cannot be played."""
    _vault[:] = [vault]


def vault() -> Vault:
    if not _vault:
        raise Refused("no vault was named in this process: recordings cannot be played here")
    return _vault[0]


def has_vault() -> bool:
    return bool(_vault)
