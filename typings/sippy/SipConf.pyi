class SipConf:
    my_uaname: str
    autoconvert_tel_url: bool
