from collections.abc import Callable

from sippy.Time.MonoTime import MonoTime

dump_exception: Callable[..., None]

class EventListener:
    etime: MonoTime | None
    cb_func: Callable[..., object] | None
    def cancel(self) -> None: ...
    def __lt__(self, other: EventListener) -> bool: ...

class EventDispatcher2:
    tlisteners: list[EventListener]
    last_ts: MonoTime
    twasted: int
    my_ident: int
    def dispatchTimers(self) -> None: ...

ED2: EventDispatcher2
