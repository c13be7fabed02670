"""Who hears whom on a call of several: everybody the others, a listener all and nobody a listener, on hold nobody."""

from __future__ import annotations

from array import array

from calls_telephone import loud, tone

from careline.calls.bridge import AGENT, CALLER, Bridge, mixed
from careline.ports import FRAME_BYTES

QUIET = bytes(FRAME_BYTES)


class Party:
    """Somebody in: `heard` is each 20 ms they were played."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def hear(self, pcm: bytes) -> None:
        self.heard.append(pcm)


def level(sample: int) -> bytes:
    return array("h", [sample] * (FRAME_BYTES // 2)).tobytes()


def joined(*names: str, mute: str = "") -> tuple[Bridge, dict[str, Party]]:
    parties = {name: Party() for name in (CALLER, *names)}
    bridge = Bridge(parties[CALLER].hear)
    for name in names:
        bridge.join(name, parties[name].hear, speaks=name != mute)
    return bridge, parties


def test_nobody_is_played_anything_while_the_caller_is_alone() -> None:
    bridge, parties = joined()
    bridge.frame(CALLER, level(100))
    assert parties[CALLER].heard == []


def test_two_hear_each_other_and_not_themselves() -> None:
    bridge, parties = joined("operator")
    bridge.frame("operator", level(7))
    bridge.frame(CALLER, level(3))
    bridge.frame("operator", level(7))
    assert parties[CALLER].heard == [level(7)]
    assert parties["operator"].heard == [QUIET, level(3)]


def test_three_are_mixed_and_clipped() -> None:
    bridge, parties = joined("clinician", "interpreter")
    for name in ("clinician", "interpreter", CALLER):
        bridge.frame(name, level(20_000))
    assert parties[CALLER].heard == [level(32_767)]
    assert mixed([level(-20_000), level(-20_000)]) == level(-32_768)


def test_a_listener_hears_caller_and_assistant_and_is_heard_by_nobody() -> None:
    bridge, parties = joined("listener", mute="listener")
    bridge.say(AGENT, level(5) * 2)
    bridge.frame(CALLER, level(2))
    bridge.frame("listener", level(9_000))
    bridge.frame(CALLER, QUIET)
    assert parties["listener"].heard == [level(7)]
    assert not any(loud(pcm) for pcm in parties[CALLER].heard)


def test_on_hold_nobody_hears_the_caller_and_the_caller_hears_that_the_line_lives() -> None:
    bridge, parties = joined("operator")
    bridge.hold(on=True)
    for _ in range(100):
        bridge.frame(CALLER, level(9_000))
        bridge.frame("operator", level(9_000))
    assert not any(loud(pcm) for pcm in parties["operator"].heard)
    assert loud(b"".join(parties[CALLER].heard[:20]))
    assert level(9_000) not in parties[CALLER].heard
    bridge.hold(on=False)
    bridge.frame("operator", level(4))
    bridge.frame(CALLER, QUIET)
    assert parties[CALLER].heard[-1] == level(4)


def test_what_waits_for_somebody_who_stalls_is_bounded() -> None:
    bridge, parties = joined("operator")
    for number in range(1000):
        bridge.frame(CALLER, level(number))
    bridge.frame("operator", QUIET)
    assert parties["operator"].heard == [level(975)]


def test_a_long_piece_is_heard_frame_by_frame() -> None:
    bridge, parties = joined("operator")
    bridge.say("operator", tone(0.06))
    for _ in range(4):
        bridge.frame(CALLER, QUIET)
    assert b"".join(parties[CALLER].heard)[: 3 * FRAME_BYTES] == tone(0.06)
