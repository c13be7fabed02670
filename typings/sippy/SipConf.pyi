from collections.abc import Callable

dir: Callable[[object], tuple[str, ...]]

class SipConf:
    my_uaname: str
    autoconvert_tel_url: bool
