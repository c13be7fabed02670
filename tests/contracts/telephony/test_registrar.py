"""The house's telephones are known for as long as they asked, by the right password, and from where they really are."""

from __future__ import annotations

import pytest

from careline.core.errors import WireError
from careline.telephony.sip.config import User
from careline.telephony.sip.registrar import Registrar
from careline.wire import digest, sip
from careline.wire.digest import Login
from careline.wire.sip import Request

HOME, AWAY = ("198.51.100.7", 5070), ("203.0.113.9", 5070)
OKAFOR = Login("okafor", "invented-secret")


def registrar() -> Registrar:
    return Registrar("careline", (User("okafor", "invented-secret"),), secret=b"s" * 32)


def request(login: str = "", contact: str = "<sip:okafor@10.0.0.5>", **more: str) -> Request:
    headers = [("to", "<sip:okafor@careline.example>"), ("contact", contact), *more.items()]
    return Request(
        "REGISTER", "sip:careline.example", (*headers, ("authorization", login)) if login else tuple(headers)
    )


def sign(
    house: Registrar, now: float, source: tuple[str, int] = HOME, contact: str = "<sip:okafor@10.0.0.5>", **more: str
) -> int:
    asked = house.register(request(contact=contact, **more), source, now)
    challenge = digest.parse_challenge(dict(asked.headers)["www-authenticate"])
    answer = digest.respond(challenge, OKAFOR, "REGISTER", "sip:careline.example", "c")
    return house.register(request(answer, contact, **more), source, now).status


def test_a_telephone_is_rung_where_its_request_came_from_until_its_time_is_up() -> None:
    house = registrar()
    assert sign(house, 1000.0, expires="120") == 200
    assert house.bindings(1119.0) == {"okafor": HOME}
    assert house.bindings(1121.0) == {}


@pytest.mark.parametrize(("asked", "granted"), [("5", 30), ("120", 120), ("86400", 3600)])
def test_times_are_granted_within_reason(asked: str, granted: int) -> None:
    house = registrar()
    assert sign(house, 0.0, expires=asked) == 200
    assert house.bindings(granted - 1) != {}
    assert house.bindings(granted + 1) == {}


def test_the_contacts_own_time_goes_before_the_headers() -> None:
    house = registrar()
    sign(house, 0.0, contact="<sip:okafor@10.0.0.5>;expires=60", expires="3600")
    assert house.bindings(61) == {}


@pytest.mark.parametrize("contact", ["*", "<sip:okafor@10.0.0.5>"])
def test_signing_off(contact: str) -> None:
    house = registrar()
    sign(house, 0.0, expires="300")
    assert sign(house, 1.0, contact=contact, expires="0") == 200
    assert house.bindings(2.0) == {}


def test_the_newest_place_counts() -> None:
    house = registrar()
    sign(house, 0.0)
    sign(house, 1.0, AWAY)
    assert house.bindings(2.0) == {"okafor": AWAY}


def test_an_answer_is_good_for_a_minute_and_for_its_own_host() -> None:
    house = registrar()
    asked = house.register(request(), HOME, 0.0)
    challenge = digest.parse_challenge(dict(asked.headers)["www-authenticate"])
    answer = request(digest.respond(challenge, OKAFOR, "REGISTER", "sip:careline.example", "c"))
    assert house.register(answer, AWAY, 1.0).status == 401
    assert house.register(answer, HOME, 61.0).status == 401
    assert house.register(answer, HOME, 59.0).status == 200


@pytest.mark.parametrize(
    "login", ["", "Basic x", "Digest", 'Digest nonce="zz-1"', 'Digest nonce="ffffffffffff-0"', "Digest nonce=1e400-x"]
)
def test_no_login_is_asked_for_one(login: str) -> None:
    assert registrar().register(request(login), HOME, 0.0).status == 401


def test_a_time_that_is_no_number_is_refused() -> None:
    assert sign(registrar(), 0.0, expires="soon") == 400


def test_an_address_that_is_none_is_a_wire_error_at_most() -> None:
    for to in ("", "<", "<sip:>", "okafor"):
        with pytest.raises(WireError):
            registrar().register(Request("REGISTER", "sip:x", (("to", to),)), HOME, 0.0)
    assert sip.parse_uri("sip:okafor@x").user == "okafor"
