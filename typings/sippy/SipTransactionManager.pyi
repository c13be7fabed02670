from collections.abc import Callable, Mapping

from sippy.Network_server import Remote_address
from sippy.SipRequest import SipRequest
from sippy.SipResponse import SipResponse
from sippy.Time.MonoTime import MonoTime

dump_exception: Callable[..., None]

class SipTransaction:
    state: type
    tid: tuple[object, ...]

local4remote: type

class SipTransactionManager:
    tclient: dict[object, SipTransaction]
    tserver: dict[tuple[object, ...], SipTransaction]
    req_consumers: dict[str, object]
    def __init__(
        self, global_config: Mapping[str, object], req_cb: Callable[[SipRequest, object], object] | None = ...
    ) -> None: ...
    def handleIncoming(self, data_in: str, ra: Remote_address, server: object, rtime: MonoTime) -> None: ...
    def timerD(self, t: SipTransaction) -> None: ...
    def newTransaction(self, msg: SipRequest, resp_cb: Callable[[SipResponse], None] | None = ...) -> object: ...
    def sendResponse(self, resp: SipResponse) -> None: ...
    def shutdown(self) -> None: ...
