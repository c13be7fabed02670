from collections.abc import Callable, Mapping

from sippy.CCEvents import CCEventGeneric
from sippy.MsgBody import MsgBody
from sippy.SipContact import SipContact
from sippy.SipFrom import SipFrom
from sippy.SipRequest import SipRequest
from sippy.SipHeader import SipHeader
from sippy.SipResponse import SipResponse
from sippy.SipURL import SipURL
from sippy.SipTransactionManager import SipTransactionManager

class UA:
    global_config: Mapping[str, SipTransactionManager]
    event_cb: Callable[[CCEventGeneric, UA], None] | None
    equeue: list[CCEventGeneric]
    uasResp: SipResponse | None
    origin: str | None
    rTarget: SipURL
    rAddr: tuple[tuple[str, int], str]
    routes: list[object]
    UaStateConnected: type
    UasStateUpdating: type
    def sendUasResponse(
        self,
        scode: int,
        reason: str,
        body: MsgBody | None = ...,
        contacts: tuple[SipContact | None, ...] | None = ...,
        extra_headers: tuple[SipHeader, ...] | None = ...,
        ack_wait: bool = ...,
    ) -> None: ...
    local_ua: str | None
    lContact: SipContact | None
    lUri: SipFrom
    rSDP: MsgBody | None
    lSDP: MsgBody | None
    state: object
    godead_timeout: float
    def __init__(
        self,
        global_config: Mapping[str, object],
        event_cb: Callable[[CCEventGeneric, UA], None] | None = ...,
        username: str | None = ...,
        password: str | None = ...,
        nh_address: tuple[str, int] | None = ...,
        dead_cbs: tuple[Callable[[UA], None], ...] | None = ...,
    ) -> None: ...
    def recvRequest(self, req: SipRequest, sip_t: object) -> object: ...
    def recvResponse(self, resp: SipResponse, tr: object) -> None: ...
    def recvEvent(self, event: CCEventGeneric) -> None: ...
    def disconnect(self) -> None: ...
    def isDead(self) -> bool: ...
    def genRequest(self, method: str, body: MsgBody | None = ...) -> SipRequest: ...
    def newTransaction(self, req: SipRequest, resp_cb: Callable[[SipResponse], None] | None = ...) -> object: ...
