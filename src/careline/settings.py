"""What an installation may set, read once from the environment. Every wrong value is one line that says the mend."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from careline.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class OperatorReached:
    """How the operator of this installation is paged when Careline itself fails its tests."""

    phone: str
    email: str
    pin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """`data` holds the embedded database, recordings and (unless `key_file` says otherwise) the installation's key.

    `database_url` is the address an administrator gave; None means the embedded database. `public_url` is what links in
    mails begin with. `trunks` are `sip://user:password@host[:port]`, tried in order for calls out; `public_host` is what SIP
    peers and browsers are told when it differs from `bind`. `ice_servers` help browsers through routers
    (`stun:host:port`, `turn:user:password@host:port`); `voice_urls` are where browsers reach the voice processes when a proxy
    stands before them (`wss://phone.example`). What a provider of letters needs, its own folder reads (`careline.notify`).
    `metrics_token` is what a Prometheus elsewhere shows to read `/metrics`; without it only this machine may.
    """

    data: Path
    database_url: str | None
    bind: str
    web_port: int
    sip_port: int
    voice_port: int
    demo: bool
    key_file: Path
    public_url: str
    node: str
    trunks: tuple[str, ...] = ()
    public_host: str = ""
    rtp_ports: tuple[int, int] = (20_000, 29_998)
    ice_servers: tuple[str, ...] = ()
    voice_urls: tuple[str, ...] = ()
    operator: OperatorReached | None = None
    metrics_token: str = ""


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Raises `Refused` with one line naming the variable and the mend."""
    env = os.environ if environment is None else environment
    data = Path(env.get("CARELINE_DATA") or "var").absolute()
    web_port = _port(env, "CARELINE_WEB_PORT", 8000)
    return Settings(
        data=data,
        database_url=_database_url(env),
        bind=env.get("CARELINE_BIND") or "127.0.0.1",
        web_port=web_port,
        sip_port=_port(env, "CARELINE_SIP_PORT", 5060),
        voice_port=_port(env, "CARELINE_VOICE_PORT", 8081),
        demo=_flag(env, "CARELINE_DEMO"),
        key_file=Path(env.get("CARELINE_KEY_FILE") or data / "keys" / "installation.key").absolute(),
        public_url=(env.get("CARELINE_PUBLIC_URL") or f"http://localhost:{web_port}").rstrip("/"),
        node=env.get("CARELINE_NODE") or socket.gethostname(),
        trunks=tuple(env.get("CARELINE_TRUNKS", "").split()),
        public_host=env.get("CARELINE_PUBLIC_HOST", ""),
        ice_servers=tuple(env.get("CARELINE_ICE_SERVERS", "").split()),
        voice_urls=tuple(url.rstrip("/") for url in env.get("CARELINE_VOICE_URL", "").split()),
        rtp_ports=(_port(env, "CARELINE_RTP_FIRST", 20_000), _port(env, "CARELINE_RTP_LAST", 29_998)),
        operator=_operator(env),
        metrics_token=env.get("CARELINE_METRICS_TOKEN", ""),
    )


def ensure_key_file(path: Path) -> bytes:
    """The installation's key, made on first use and readable by its owner only. Whoever loses it loses the records, so it
    is backed up apart from the database; whoever steals the database without it has ciphertext."""
    if path.exists():
        return read_key_file(path)
    key = os.urandom(KEY_BYTES)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # whole or not at all, and never over a key that somebody else has just made
    except FileExistsError:
        return read_key_file(path)
    except OSError as error:
        raise Refused(f"cannot write the key file {path} ({error.strerror}): set CARELINE_KEY_FILE") from error
    finally:
        draft.unlink(missing_ok=True)
    return key


def read_key_file(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except OSError as error:
        raise Refused(f"cannot read the key file {path} ({error.strerror}): set CARELINE_KEY_FILE") from error
    except ValueError as error:
        raise Refused(f"the key file {path} does not hold a key: restore it from its backup") from error
    if len(key) != KEY_BYTES:
        raise Refused(f"the key file {path} does not hold a key: restore it from its backup")
    return key


def derive(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, so that a signature made for one is worthless for another."""
    return hmac.new(key, b"careline:" + purpose.encode(), hashlib.sha256).digest()


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise Refused(f"{name} must be a port number from 0 to 65535")
    return int(text)


def _operator(env: Mapping[str, str]) -> OperatorReached | None:
    phone, email, pin = (env.get(f"CARELINE_OPERATOR_{name}", "") for name in ("PHONE", "EMAIL", "PIN"))
    if not (phone or email or pin):
        return None
    if not (re.fullmatch(r"\+\d{8,15}", phone) and re.fullmatch(r"[^@\s\"]+@[^@\s\"]+", email)):
        raise Refused("CARELINE_OPERATOR_PHONE must be a full number with + and CARELINE_OPERATOR_EMAIL an address")
    if not re.fullmatch(r"\d{4,8}", pin):
        raise Refused("CARELINE_OPERATOR_PIN must be 4 to 8 digits: it is asked before a page can be accepted")
    return OperatorReached(phone, email, pin)


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = (env.get(name) or "0").lower()
    if text not in ("0", "1", "false", "true", "no", "yes"):
        raise Refused(f"{name} must be 1 or 0")
    return text in ("1", "true", "yes")


def _database_url(env: Mapping[str, str]) -> str | None:
    url = env.get("CARELINE_DATABASE_URL") or None
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise Refused("CARELINE_DATABASE_URL must begin with postgresql:// (Careline runs on PostgreSQL 15 or newer)")
    return url
