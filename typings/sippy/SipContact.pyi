from sippy.SipAddress import SipAddress

class SipContact:
    address: SipAddress
    def __init__(self, body: str | None = ..., address: SipAddress | None = ...) -> None: ...
