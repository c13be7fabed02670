"""G.711 is heard as it was spoken, within its own coarse steps, and importing it says nothing."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from careline.wire import g711
from careline.wire.g711 import Law


def test_known_values_of_both_laws() -> None:
    # ITU-T G.711 tables 1 and 2, scaled to 16 bits
    assert g711.decode(Law.MU, bytes([0xFF, 0x00, 0x80])) == b"".join(
        value.to_bytes(2, "little", signed=True) for value in (0, -32124, 32124)
    )
    assert g711.decode(Law.A, bytes([0xD5, 0x2A, 0xAA])) == b"".join(
        value.to_bytes(2, "little", signed=True) for value in (8, -32256, 32256)
    )


def test_every_code_survives_the_way_there_and_back() -> None:
    for law in Law:
        codes = bytes(range(256))
        again = g711.encode(law, g711.decode(law, codes))
        assert g711.decode(law, again) == g711.decode(law, codes)


@given(st.integers(-32768, 32767), st.sampled_from(Law))
def test_a_sample_comes_back_within_one_step(sample: int, law: Law) -> None:
    pcm = sample.to_bytes(2, "little", signed=True)
    heard = int.from_bytes(g711.decode(law, g711.encode(law, pcm)), "little", signed=True)
    assert abs(heard - sample) <= max(16, abs(sample) // 16 + 8, abs(sample) - 32124)


def test_silence_is_silent() -> None:
    assert g711.decode(Law.MU, bytes([Law.MU.silence])) == b"\0\0"
    assert abs(int.from_bytes(g711.decode(Law.A, bytes([Law.A.silence])), "little", signed=True)) <= 8


def test_importing_it_warns_nobody() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import careline.wire.g711"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
