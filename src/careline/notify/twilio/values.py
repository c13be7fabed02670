"""An account at the carrier."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """`sender` is one of our numbers (+1…) or a messaging service (MG…). The first token signs on; callbacks may be signed
    with any, while one replaces another. `hook` is where the carrier reports to."""

    base: str
    sid: str
    tokens: tuple[str, ...] = field(repr=False)
    sender: str
    hook: str

    @property
    def messages(self) -> str:
        return f"{self.base}/2010-04-01/Accounts/{self.sid}/Messages.json"
