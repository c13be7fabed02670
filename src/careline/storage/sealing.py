"""Seals bytes with AES-256-GCM, bound to the place they belong to. No Django here: the voice process seals recordings too.

A sealed value is `version (1 byte) | key number (4 bytes) | nonce (12) | ciphertext and tag`. What it is bound to (row id,
table and column; recording and chunk) is authenticated but not stored: moved elsewhere, it no longer opens.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from careline.core.errors import CarelineError

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE = 12
_HEAD = 5


class SealBroken(CarelineError):
    """A sealed value does not open: it was changed, moved, or sealed under another key. Operators must look at once."""


def seal(key: bytes, number: int, content: bytes, bound_to: bytes) -> bytes:
    """`number` says which of a practice's keys was used, so that keys can be changed without a stop."""
    head = _VERSION + number.to_bytes(4, "big")
    nonce = os.urandom(_NONCE)
    return head + nonce + AESGCM(key).encrypt(nonce, content, head + bound_to)


def key_number(sealed: bytes) -> int:
    if len(sealed) < _HEAD + _NONCE or sealed[:1] != _VERSION:
        raise SealBroken("a sealed value has a form nobody wrote")
    return int.from_bytes(sealed[1:_HEAD], "big")


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    nonce, ciphertext = sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, sealed[:_HEAD] + bound_to)
    except InvalidTag as error:
        raise SealBroken("a sealed value does not open with its practice's key") from error


def seal_chunk(key: bytes, recording: str, number: int, pcm: bytes) -> bytes:
    """One second of one recording; `number` counts from 0 and is bound in, so that chunks cannot be swapped or repeated."""
    return seal(key, 0, pcm, _chunk(recording, number))


def unseal_chunk(key: bytes, recording: str, number: int, sealed: bytes) -> bytes:
    return unseal(key, sealed, _chunk(recording, number))


def chunk_name(recording: str, number: int) -> str:
    """The chunk's name in the `Vault`."""
    return f"{recording}/{number:06d}"


def keyed_hash(key: bytes, purpose: str, text: str) -> str:
    """An HMAC-SHA-256 in hex: equal for equal texts under one key and purpose, and worthless to whoever lacks the key."""
    return hmac.new(key, purpose.encode() + b"\x00" + text.encode(), hashlib.sha256).hexdigest()


def _chunk(recording: str, number: int) -> bytes:
    return f"recording:{recording}:{number}".encode()
