class Remote_address:
    transport: str
    address: tuple[str, int]
    received: str
    def __init__(self, address: tuple[str, int], transport: str) -> None: ...
