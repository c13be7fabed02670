"""Pages by text: sent once, answered by the one who was meant, with the code of this page, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from night import RIVERA, Night
from texting import OKAFOR_TEXT, RIVERA_TEXT, Texting, with_texts

from careline.actions.accept_page import accept_page
from careline.bootstrap import notify
from careline.ports import Outcome
from careline.storage.models import Alarm, Membership, PromiseAttempt, ProviderEvent
from careline.testing.callers import CHEST_PAIN
from careline.testing.carrier import Carrier, Mood


@pytest.fixture
def texting(night: Night) -> Iterator[Texting]:
    with Carrier(now=night.clock.now) as carrier:
        night.clock.move(days=2)  # Monday: Rivera is on call, Okafor the back-up
        it = Texting(night, carrier)
        it.load(with_texts())
        night.mail = notify.post(it.means)  # type: ignore[assignment]
        yield it


def alarms(texting: Texting) -> set[str]:
    with texting.night.look():
        return set(Alarm.objects.filter(cleared_at=None).values_list("kind", flat=True))


def test_the_text_names_no_patient_and_says_how_to_accept(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    (body,) = texting.carrier.to(RIVERA_TEXT)
    page = texting.page()
    assert body.startswith(f"URGENT page {page.reference}, Cedar Hill Family Practice. Reply ")
    assert body.endswith(f"http://localhost:8000/pages/{page.id}")
    for secret in (CHEST_PAIN, "Pat", "Example,", "5550123", "1961"):
        assert secret not in body


def test_texting_the_code_back_accepts_the_page_once(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    code = texting.code(RIVERA_TEXT)
    answer = texting.text_back(RIVERA_TEXT, f"ok {code[:3]} {code[3:]}")
    page = texting.page()
    assert (page.state, page.accepted_via, page.accepted_by_id) == ("accepted", "sms", texting.person("rivera"))
    assert page.reference in answer
    texting.night.pass_time(minutes=20)
    assert len(texting.carrier.texts) == 1


def test_receipts_and_read_receipts_are_kept_and_are_no_acceptance(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    (text,) = texting.texts(RIVERA_TEXT)
    for word in ("sent", "delivered", "read"):
        assert texting.take(texting.carrier.became(text, word)) is True
    assert texting.page().state == "open"
    with texting.night.look():
        assert list(ProviderEvent.objects.order_by("id").values_list("said", flat=True)) == [
            "sent",
            "delivered",
            "read",
        ]
    texting.night.pass_time(minutes=3)
    assert texting.page().step >= 1


def test_receipts_twice_late_and_out_of_order_have_one_effect_each(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    (text,) = texting.texts(RIVERA_TEXT)
    delivered, sent = texting.carrier.became(text, "delivered"), texting.carrier.became(text, "sent")
    assert [texting.take(one) for one in (delivered, delivered, sent, delivered, sent)] == [
        True,
        False,
        True,
        False,
        False,
    ]
    accept_page(texting.night.practice, texting.page().id, texting.person("rivera"), "web", texting.night.clock.now())
    assert texting.take(texting.carrier.became(text, "undelivered", 30003)) is True
    assert texting.page().state == "accepted", "a late failure takes nothing back"


def test_a_text_the_network_gives_up_is_not_waited_for(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    (text,) = texting.texts(RIVERA_TEXT)
    texting.take(texting.carrier.became(text, "undelivered", 30003))
    texting.night.pass_time(seconds=1)
    assert texting.carrier.to(OKAFOR_TEXT), "the back-up is next, at once"


def test_a_receipt_that_overtakes_its_answer_counts(texting: Texting) -> None:
    """The carrier takes the text, its answer is lost, and before we ask again it has failed."""
    texting.carrier.mood = Mood.FORGETFUL
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    (text,) = texting.texts(RIVERA_TEXT)
    texting.carrier.mood = Mood.WELL
    assert texting.take(texting.carrier.became(text, "failed", 30005)) is True
    texting.night.pass_time(seconds=16)
    assert texting.carrier.to(RIVERA_TEXT).count(text.body) == 1
    assert texting.carrier.to(OKAFOR_TEXT)


def test_an_answer_that_was_lost_makes_no_second_text(texting: Texting) -> None:
    texting.carrier.mood = Mood.FORGETFUL
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    texting.carrier.mood = Mood.WELL
    texting.night.pass_time(seconds=20)
    assert len(texting.texts(RIVERA_TEXT)) == 1
    with texting.night.look():
        tries = PromiseAttempt.objects.filter(promise__kind="page.sms").order_by("n").values_list("outcome", flat=True)
        assert list(tries) == [Outcome.RETRY, Outcome.DELIVERED]


def test_wrong_codes_lock_that_way_sound_the_alarm_and_the_step_goes_on(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    code = texting.code(RIVERA_TEXT)
    wrong = f"{(int(code) + 1) % 10**7:07d}"
    answers = [texting.text_back(RIVERA_TEXT, wrong) for _ in range(5)]
    assert all("not right" in answer for answer in answers[:4])
    assert answers[4] == ""
    assert "code_locked" in alarms(texting)
    assert texting.text_back(RIVERA_TEXT, code) == "", "the right code comes too late"
    assert texting.page().state == "open"
    texting.night.pass_time(seconds=1)
    assert texting.carrier.to(OKAFOR_TEXT), "the next step began at once"
    texting.night.pass_time(minutes=12)
    assert len(texting.texts(RIVERA_TEXT)) == 1, "and no text goes to a locked way"
    assert {"phone"} <= {channel for channel, _ in texting.outcomes()}, "Rivera is rung instead"


def test_a_right_code_forgets_the_wrong_ones(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    for _ in range(4):
        texting.text_back(RIVERA_TEXT, "0000000" if texting.code(RIVERA_TEXT) != "0000000" else "0000001")
    texting.text_back(RIVERA_TEXT, texting.code(RIVERA_TEXT))
    with texting.night.look():
        assert Membership.objects.get(staff_id="rivera").wrong_codes == 0
    assert texting.page().state == "accepted"


def test_talk_is_no_wrong_code(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    for words in ("on my way", "ok", "yes", "in 5 min", "👍"):
        answer = texting.text_back(RIVERA_TEXT, words)
        assert "Nothing was accepted" in answer or words == "yes"
    assert texting.page().state == "open"
    assert "code_locked" not in alarms(texting)


def test_a_code_is_good_for_its_person_its_page_and_a_quarter_of_an_hour(texting: Texting) -> None:
    texting.load(with_texts(seconds=3000))
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    code = texting.code(RIVERA_TEXT)
    assert texting.text_back(OKAFOR_TEXT, code) == "", "Okafor was not texted"
    assert texting.text_back("+12125550166", code) == "", "a stranger"
    texting.night.pass_time(minutes=14)
    texting.night.clock.move(minutes=2)
    assert texting.text_back(RIVERA_TEXT, code) == "", "too late"
    assert texting.page().state == "open"


def test_a_code_used_once_is_used_up_when_the_page_is_raised_again(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    request = texting.carrier.reply("http://localhost:8000/hooks/twilio/", RIVERA_TEXT, texting.code(RIVERA_TEXT))
    texting.take(request)
    texting.night.pass_time(minutes=31)
    assert (texting.page().state, texting.page().raised_again) == ("open", 1)
    texting.take(request)  # replayed
    texting.text_back(RIVERA_TEXT, dict(request.pairs)["Body"])  # texted again
    assert texting.page().state == "open"


def test_a_colleague_who_answers_later_is_told_who_has_it(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    code = texting.code(RIVERA_TEXT)
    accept_page(texting.night.practice, texting.page().id, texting.person("okafor"), "web", texting.night.clock.now())
    assert "Dr. Ben Okafor" in texting.text_back(RIVERA_TEXT, code)
    texting.night.pass_time(seconds=1)
    assert "is taken by Dr. Ben Okafor" in texting.carrier.to(RIVERA_TEXT)[-1], "told by text, as paged"


def test_stop_from_a_clinician_is_an_alarm_and_not_the_end_of_paging(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    texting.text_back(RIVERA_TEXT, "Please stop")
    assert "texts_stopped" in alarms(texting)
    texting.night.pass_time(seconds=1)
    assert texting.carrier.to(OKAFOR_TEXT), "the next step began at once"
    texting.night.pass_time(minutes=12)
    assert len(texting.texts(RIVERA_TEXT)) == 1
    assert "phone" in {channel for channel, _ in texting.outcomes()}
    texting.text_back(RIVERA_TEXT, "START")
    texting.night.pass_time(minutes=12)
    assert len(texting.texts(RIVERA_TEXT)) > 1


def test_who_opted_out_at_the_carrier_is_found_out_by_the_first_text(texting: Texting) -> None:
    texting.carrier.stopped = {RIVERA_TEXT}
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    assert "texts_stopped" in alarms(texting)
    assert OKAFOR_TEXT in {text.to for text in texting.carrier.texts}
    assert set(texting.night.phone.numbers) == {RIVERA}, "who takes no texts is rung"
