"""A trunk's challenge is answered with the right proof, and only the right proof is taken from others."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.core.errors import WireError
from careline.wire import digest
from careline.wire.digest import Challenge, Login


def test_the_example_of_rfc_2069_without_qop() -> None:
    challenge = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop=False)
    answer = digest.respond(challenge, Login("Mufasa", "CircleOfLife"), "GET", "/dir/index.html", "unused")
    assert digest.fields(answer)["response"] == "1949323746fe6a43ef61f9606e7febea"


def test_the_examples_of_rfc_7616_with_qop() -> None:
    for algorithm, expected in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        challenge = Challenge("http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", algorithm)
        login = Login("Mufasa", "Circle of Life")
        answer = digest.respond(
            challenge, login, "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
        )
        assert digest.fields(answer)["response"] == expected


@given(st.text(min_size=1, max_size=20), st.text(max_size=20), st.sampled_from(["MD5", "SHA-256"]), st.booleans())
def test_what_we_answer_we_would_take_and_nothing_else(name: str, password: str, algorithm: str, qop: bool) -> None:
    name = "".join(char for char in name if char.isprintable()) or "x"
    challenge, login = Challenge("careline", "n0nce", algorithm, qop=qop), Login(name, password)
    answer = digest.respond(challenge, login, "REGISTER", "sip:careline.example", "c")
    assert digest.verify(answer, challenge, login, "REGISTER")
    assert not digest.verify(answer, challenge, replace(login, password=password + "x"), "REGISTER")
    assert not digest.verify(answer, challenge, login, "INVITE")
    assert not digest.verify(answer, replace(challenge, nonce="other"), login, "REGISTER")


def test_challenges_are_read_as_trunks_write_them() -> None:
    text = 'digest Realm="a, \\"b\\"",nonce="x=y", algorithm=md5, qop="auth-int, auth" , opaque="o", stale=FALSE'
    assert digest.parse_challenge(text) == Challenge('a, "b"', "x=y", "MD5", "o", qop=True)
    assert digest.parse_challenge('Digest realm="r", nonce="n"').qop is False


@pytest.mark.parametrize(
    "text",
    ["", "Basic x", "Digest", "Digest realm", 'Digest realm="r"', 'Digest realm="r", nonce="n", algorithm=X', 'Digest nonce="n',
     'Digest realm="r", nonce="n", qop="auth-int"'],
)  # fmt: skip
def test_what_we_cannot_answer_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        digest.parse_challenge(text)


@given(st.text(max_size=100))
def test_any_header_is_read_or_a_wire_error_and_never_a_login(text: str) -> None:
    assert not digest.verify("Digest " + text, Challenge("r", "n"), Login("u", "p"), "REGISTER")
