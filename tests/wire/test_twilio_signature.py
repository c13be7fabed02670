"""Only who holds the account's auth token can speak to us as the carrier."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careline.wire.twilio_signature import body_hash, is_genuine, signature

TOKEN = "an invented auth token"
URL = "https://answering.example.com/twilio/voice"
FORM = [("CallSid", "CA00000000000000000000000000000001"), ("From", "+12025550143"), ("To", "+12025550100")]
TEXT = st.text(max_size=40)


def test_a_signature_published_by_twilio_is_ours_too() -> None:
    """The example of "Secure webhooks"; its numbers are the documentation's."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    made = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", list(form.items()))
    assert made == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_a_published_body_hash_is_ours_too() -> None:
    """The example of Twilio's own libraries for bodies that are not forms."""
    body = b'{"property": "value", "boolean": true}'
    assert body_hash(body) == "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


def test_the_order_of_fields_has_no_meaning() -> None:
    assert signature(TOKEN, URL, FORM) == signature(TOKEN, URL, FORM[::-1])


@pytest.mark.parametrize(
    "form",
    [
        FORM[:-1],
        [*FORM, ("Digits", "1")],
        [("CallSid", FORM[0][1]), ("From", "+12025550144"), FORM[2]],
        [],
    ],
)
def test_one_changed_field_is_a_forgery(form: list[tuple[str, str]]) -> None:
    assert not is_genuine([TOKEN], URL, signature(TOKEN, URL, FORM), form)


@pytest.mark.parametrize(
    "url",
    [
        "https://answering.example.com/twilio/status",
        "https://other.example.com/twilio/voice",
        "https://answering.example.com/twilio/voice?token=1",
        "http://answering.example.com/twilio/voice",
    ],
)
def test_a_signature_for_another_address_is_worthless_here(url: str) -> None:
    assert not is_genuine([TOKEN], URL, signature(TOKEN, url, FORM), FORM)


def test_the_carrier_may_name_the_port_or_leave_it_out() -> None:
    with_port = "https://answering.example.com:443/twilio/voice"
    assert is_genuine([TOKEN], URL, signature(TOKEN, with_port, FORM), FORM)
    own = "https://answering.example.com:8443/twilio/voice"
    assert is_genuine([TOKEN], own, signature(TOKEN, URL, FORM), FORM)
    assert is_genuine([TOKEN], own, signature(TOKEN, own, FORM), FORM)


def test_a_websocket_may_be_written_in_each_known_way() -> None:
    url = "wss://answering.example.com/twilio/relay/abc"
    for written in (url, url + "/", "https://answering.example.com/twilio/relay/abc"):
        assert is_genuine([TOKEN], url, signature(TOKEN, written))
    assert not is_genuine([TOKEN], url, signature(TOKEN, "wss://answering.example.com/twilio/relay/abd"))


def test_either_token_counts_while_it_is_being_exchanged() -> None:
    assert is_genuine(["new", TOKEN], URL, signature(TOKEN, URL, FORM), FORM)
    assert not is_genuine(["new"], URL, signature(TOKEN, URL, FORM), FORM)


def test_without_a_token_nothing_is_genuine() -> None:
    assert not is_genuine([], URL, signature("", URL, FORM), FORM)
    assert not is_genuine([""], URL, signature("", URL, FORM), FORM)


def test_a_body_must_have_the_hash_its_address_names() -> None:
    body = '{"text": "Grüße"}'.encode()
    url = f"{URL}?bodySHA256={body_hash(body)}"
    assert is_genuine([TOKEN], url, signature(TOKEN, url), body=body)
    assert not is_genuine([TOKEN], url, signature(TOKEN, url), body=body + b" ")
    assert not is_genuine([TOKEN], URL, signature(TOKEN, URL), body=body)


@settings(max_examples=60)
@given(TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=5), TEXT)
def test_whatever_is_posted_only_its_own_signature_fits(token: str, form: list[tuple[str, str]], forged: str) -> None:
    true = signature(token, URL, form)
    assert is_genuine([token], URL, true, form) == bool(token)
    assert forged == true or not is_genuine([token], URL, forged, form)
