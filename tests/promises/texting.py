"""A night on which people are paged by text: the demo practice with numbers for texts, and a carrier that really serves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from night import Night

from careline.actions.hear_provider import hear_reply, record_receipt
from careline.bootstrap import notify
from careline.ports import Means, Receipt, Receiver, TextReply
from careline.storage.models import Membership, Page, PageNotice
from careline.testing.carrier import Carrier, SignedRequest, Text
from database import ROOT, load_text

HOOK = "http://localhost:8000/hooks/twilio/"
TEXTS = {"+12125550111": "+12125550121", "+12125550112": "+12125550122", "+12125550113": "+12125550123"}
RIVERA_TEXT, OKAFOR_TEXT, LINDGREN_TEXT = TEXTS.values()


def with_texts(channels: str = '["sms"]', seconds: int = 120) -> str:
    """The demo practice's file, with numbers for texts and steps by these channels."""
    source = (ROOT / "practices" / "demo" / "practice.toml").read_text()
    for phone, number in TEXTS.items():
        source = source.replace(f'phone = "{phone}"', f'phone = "{phone}"\nsms = "{number}"')
    source = source.replace("seconds = 120", f"seconds = {seconds}")
    return source.replace('channels = ["phone", "email"]', f"channels = {channels}")


@dataclass(slots=True)
class Texting:
    """The carrier's webhook requests go the whole way: signature, then action."""

    night: Night
    carrier: Carrier

    @property
    def receiver(self) -> Receiver:
        return notify.receivers(self.means)["twilio"]

    @property
    def means(self) -> Means:
        return Means(self.carrier.environment, "http://localhost:8000", lambda _: b"a" * 32)

    def load(self, source: str) -> None:
        load_text(source, self.night.clock)

    def take(self, request: SignedRequest) -> str | bool:
        """What became of it: the words texted back, or whether a receipt was news. Raises `Refused` when it is not signed."""
        headers = {"x-twilio-signature": request.signature}
        news = self.receiver.receive(request.url, headers, request.body)
        now = self.night.clock.now()
        if isinstance(news, Receipt):
            return record_receipt("twilio", news, now)
        return hear_reply("twilio", news, now) if isinstance(news, TextReply) else ""

    def text_back(self, number: str, words: str, **more: str) -> str:
        said = self.take(self.carrier.reply(HOOK, number, words, **more))
        assert isinstance(said, str)
        return said

    def texts(self, number: str) -> list[Text]:
        return [text for text in self.carrier.texts if text.to == number]

    def code(self, number: str) -> str:
        """In the newest text to this number."""
        found = re.search(r"Reply (\d{7}) to accept", self.carrier.to(number)[-1])
        assert found
        return found.group(1)

    def page(self) -> Page:
        with self.night.look():
            return Page.objects.get()

    def outcomes(self) -> list[tuple[str, str]]:
        with self.night.look():
            return list(PageNotice.objects.order_by("id").values_list("channel", "outcome"))

    def person(self, staff: str) -> UUID:
        with self.night.look():
            found: UUID = Membership.objects.get(staff_id=staff).person_id
            return found
