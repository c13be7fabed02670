from __future__ import annotations

from calls_house import house, service

__all__ = ["house", "service"]
