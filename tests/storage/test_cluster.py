"""The database that comes with Careline: starts by itself, is joined by the next process, and keeps what it was given."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from careline.core.errors import Refused
from careline.settings import Settings, ensure_key_file, from_environment
from careline.storage.cluster import open_database, start_embedded

USE = """
import sys
from pathlib import Path
import psycopg
from careline.storage.cluster import start_embedded
with psycopg.connect(start_embedded(Path(sys.argv[1])), autocommit=True) as session:
    session.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
    session.execute("INSERT INTO kept VALUES (1)")
    print(session.execute("SELECT count(*), pg_postmaster_start_time() FROM kept").fetchone())
"""


def use(directory: Path) -> str:
    command = [sys.executable, "-W", "error", "-c", USE, str(directory)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def test_it_is_started_joined_stopped_and_still_there(tmp_path: Path) -> None:
    directory = tmp_path / "postgres"
    with subprocess.Popen(
        [sys.executable, "-c", f"{USE}\nsys.stdout.flush()\nsys.stdin.read()", str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        begun = first.stdout.readline().strip()
        second = use(directory)
        assert (begun[:3], second[:3]) == ("(1,", "(2,")
        assert begun[3:] == second[3:], "the same server: joined, not started again"
        first.communicate()
    assert not (directory / "postmaster.pid").exists(), "the last to leave stops it"
    assert use(directory)[:3] == "(3,"


def test_strangers_on_this_machine_cannot_reach_its_socket(tmp_path: Path) -> None:
    url = start_embedded(tmp_path / "postgres")
    folder = psycopg.conninfo.conninfo_to_dict(url)["host"]
    (socket,) = [path for path in Path(str(folder)).iterdir() if path.is_socket()]
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_used_is_one_clear_line() -> None:
    with pytest.raises(Refused, match="set CARELINE_DATA") as refused:
        start_embedded(Path("/proc/careline/postgres"))
    assert "\n" not in str(refused.value)


def settings(tmp_path: Path, **env: str) -> Settings:
    return from_environment({"CARELINE_DATA": str(tmp_path), **env})


def test_a_given_address_is_used_as_given_and_the_product_signs_in_as_itself(tmp_path: Path, db: object) -> None:
    url = "postgresql:///" + "?" + db.admin.replace("user=", "user=").replace(" ", "&")  # type: ignore[attr-defined]
    database = open_database(settings(tmp_path, CARELINE_DATABASE_URL=url))
    with psycopg.connect(database.app) as session:
        assert session.execute("SELECT current_user").fetchone() == ("careline_app",)
    password = psycopg.conninfo.conninfo_to_dict(database.app)["password"]
    with psycopg.connect(db.admin) as admin:  # type: ignore[attr-defined]
        stored = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'careline_app'").fetchone()
    assert stored is not None
    assert str(stored[0]).startswith("SCRAM-SHA-256$")
    assert str(password) not in str(stored[0])


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CARELINE_WEB_PORT", "eighty", "port number"),
        ("CARELINE_SIP_PORT", "99999", "port number"),
        ("CARELINE_DEMO", "maybe", "1 or 0"),
        ("CARELINE_DATABASE_URL", "mysql://x", "postgresql://"),
    ],
)
def test_a_wrong_setting_is_one_line_with_its_name(tmp_path: Path, name: str, value: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        settings(tmp_path, **{name: value})
    assert name in str(refused.value)


def test_the_key_is_made_once_for_its_owner_only_and_never_replaced(tmp_path: Path) -> None:
    path = settings(tmp_path).key_file
    key = ensure_key_file(path)
    assert ensure_key_file(path) == key
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "postgres") not in path.parents
    path.write_text("spoiled")
    with pytest.raises(Refused, match="restore it"):
        ensure_key_file(path)
    assert path.read_text() == "spoiled"
