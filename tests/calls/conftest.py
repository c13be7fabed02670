from __future__ import annotations

from calls_house import service

__all__ = ["service"]
