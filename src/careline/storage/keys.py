"""Each practice's own keys: data keys, wrapped by the `KeyStore`, in rows only that practice's transactions see.

New values are sealed under the newest key; older keys still open what they sealed. Blind indexes and the journal use the
key made first, which never changes, because a look-up must find what was written years ago.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.errors import CarelineError
from careline.storage import sealing

if TYPE_CHECKING:
    from uuid import UUID

    from careline.ports import KeyStore


class NoKeys(CarelineError):
    """No key store was named, or a practice has no key: the installation was not set up. Operators must act."""


@dataclass(frozen=True, slots=True)
class PracticeKeys:
    """Unwrapped keys by number, from 1."""

    by_number: dict[int, bytes]

    def seal(self, content: bytes, bound_to: bytes) -> bytes:
        newest = max(self.by_number)
        return sealing.seal(self.by_number[newest], newest, content, bound_to)

    def unseal(self, sealed: bytes, bound_to: bytes) -> bytes:
        number = sealing.key_number(sealed)
        if number not in self.by_number:
            raise sealing.SealBroken("a sealed value names a key its practice does not have")
        return sealing.unseal(self.by_number[number], sealed, bound_to)

    def fingerprint(self, purpose: str, text: str) -> str:
        return sealing.keyed_hash(self.by_number[1], purpose, text)


_store: list[KeyStore] = []
_opened: dict[UUID, PracticeKeys] = {}


def use(store: KeyStore) -> None:
    """Name the key store of this process. Keys unwrapped by an earlier one are forgotten."""
    _store[:] = [store]
    _opened.clear()


def of(practice: UUID) -> PracticeKeys:
    """The keys of a practice, inside a transaction that may read it. Kept in memory once unwrapped."""
    found = _opened.get(practice)
    if found is None:
        found = _opened[practice] = _load(practice)
    return found


def make(practice: UUID) -> None:
    """A (further) data key for a practice, inside its transaction; from now on new values are sealed under it."""
    from careline.storage.models import DataKey

    number = DataKey.objects.filter(practice_id=practice).count() + 1
    DataKey.objects.create(practice_id=practice, number=number, wrapped=_current().wrap(os.urandom(sealing.KEY_BYTES)))
    _opened.pop(practice, None)


def _current() -> KeyStore:
    if not _store:
        raise NoKeys("no key store was named in this process")
    return _store[0]


def _load(practice: UUID) -> PracticeKeys:
    from careline.storage.models import DataKey

    rows = DataKey.objects.filter(practice_id=practice).values_list("number", "wrapped")
    keys = {number: _current().unwrap(bytes(wrapped)) for number, wrapped in rows}
    if not keys:
        raise NoKeys("this practice has no data key yet")
    return PracticeKeys(keys)
