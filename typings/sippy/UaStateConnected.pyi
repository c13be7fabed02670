from collections.abc import Callable
from typing import Any

from sippy.SipRequest import SipRequest
from sippy.UA import UA

class UaStateConnected:
    ua: UA
    recv_request_handlers: dict[str, Callable[[Any, SipRequest], object]]
    def _recvRequestInvite(self, req: SipRequest) -> tuple[type, ...] | None: ...
