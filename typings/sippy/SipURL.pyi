from collections.abc import Callable

dir: Callable[[object], tuple[str, ...]]

class SipURL:
    username: str | None
    host: object
    port: object
    transport: object
    def __init__(
        self,
        url: str | None = ...,
        username: str | None = ...,
        host: object = ...,
        port: object = ...,
    ) -> None: ...
    def getCopy(self) -> SipURL: ...
    def getTAddr(self) -> tuple[tuple[str, int], str]: ...
