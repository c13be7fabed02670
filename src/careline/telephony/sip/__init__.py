"""Telephone calls over SIP and RTP. README.md beside this file: what it speaks, its limits, sippy's fences."""

from careline.telephony.sip.config import SipConfig, Trunk, User
from careline.telephony.sip.telephone import SipTelephone

__all__ = ["SipConfig", "SipTelephone", "Trunk", "User"]
