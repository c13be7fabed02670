"""Telephone calls with browsers over WebRTC. README.md beside this file: how it works, and what of aiortc is used."""

from careline.telephony.webrtc.config import IceServer, WebRtcConfig, ice_server
from careline.telephony.webrtc.telephone import BrowserTelephone, Doorman

__all__ = ["BrowserTelephone", "Doorman", "IceServer", "WebRtcConfig", "ice_server"]
