"""A `KeyStore` whose master key comes from the installation's key file, which never lies in the database's folder."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from careline.core.errors import CarelineError

_NONCE = 12
_BOUND_TO = b"careline:data-key"


class WrongMasterKey(CarelineError):
    """These records were written under another installation's key: its key file must be restored from backup."""


class FileKeyStore:
    """Wraps data keys with AES-256-GCM under a 32-byte master key."""

    def __init__(self, master: bytes) -> None:
        self._cipher = AESGCM(master)

    def wrap(self, data_key: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data_key, _BOUND_TO)

    def unwrap(self, wrapped: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _BOUND_TO)
        except InvalidTag as error:
            raise WrongMasterKey("the key file is not the one these records were written under: restore it") from error
