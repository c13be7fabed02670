"""Telephone calls through Twilio, or any carrier that speaks its protocol: webhooks, ConversationRelay, Media Streams."""

from careline.telephony.twilio.config import Mode, Timing, TwilioConfig, from_environment
from careline.telephony.twilio.door import TwilioDoor
from careline.telephony.twilio.telephone import TwilioTelephone

__all__ = ["Mode", "Timing", "TwilioConfig", "TwilioDoor", "TwilioTelephone", "from_environment"]
