"""Telephone calls with browsers over WebRTC. README.md beside this file: how it works, and what of aiortc is used."""

from careline.telephony.webrtc.config import WebRtcConfig
from careline.telephony.webrtc.telephone import BrowserTelephone, Doorman

__all__ = ["BrowserTelephone", "Doorman", "WebRtcConfig"]
