"""How much of something a stranger may ask for: so many at once, then so many a second. Time is an argument."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Allowance:
    """A bucket of `burst` that fills by `rate` a second."""

    rate: float
    burst: float
    _left: float = field(init=False)
    _at: float | None = None

    def __post_init__(self) -> None:
        self._left = self.burst

    def take(self, now: float) -> bool:
        """Whether one more is allowed."""
        if self._at is not None:
            self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def full(self, now: float) -> bool:
        """Whether nothing is remembered any more."""
        return self._at is None or self._left + (now - self._at) * self.rate >= self.burst


@dataclass(slots=True)
class Allowances:
    """One bucket for each name (an address); at most `most` names, and nobody new beyond that."""

    rate: float
    burst: float
    most: int = 10_000
    _each: dict[str, Allowance] = field(default_factory=dict[str, Allowance])

    def take(self, name: str, now: float) -> bool:
        known = self._each.get(name)
        if known is None:
            if len(self._each) >= self.most:
                self._each = {name: one for name, one in self._each.items() if not one.full(now)}
            if len(self._each) >= self.most:
                return False
            known = self._each[name] = Allowance(self.rate, self.burst)
        return known.take(now)
