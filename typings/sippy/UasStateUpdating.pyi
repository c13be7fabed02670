from collections.abc import Callable
from typing import Any

from sippy.CCEvents import CCEventGeneric
from sippy.SipHeader import SipHeader
from sippy.UA import UA

class UasStateUpdating:
    ua: UA
    recv_event_handlers: dict[type[CCEventGeneric], Callable[[Any, Any, tuple[SipHeader, ...] | None], object]]
