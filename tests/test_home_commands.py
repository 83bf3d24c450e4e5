"""init, user, doctor, backup and restore: what a newcomer and a careful keeper run.  All names are invented."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from station.backup import BackupError, backup, restore
from station.config import load_settings
from station.db.database import open_database
from station.db.models import Bulletin, User
from station.db.states import UserRole
from station.editorial import bulletins, people
from station.health import State, checks
from station.starter import make_home


def station(*arguments, path=None, **environment):
    env = {**os.environ, **environment}
    if path is not None:
        env["PATH"] = path
    return subprocess.run(
        [sys.executable, "-m", "station", *arguments], capture_output=True, text=True, env=env, timeout=120,
        input=environment.get("STDIN"), cwd=Path(__file__).parents[1],
    )


def test_a_new_home_has_content_settings_and_a_database(tmp_path):
    done = station("init", str(tmp_path / "xa"), "--name", 'Đài "Quê ta"')
    assert done.returncode == 0, done.stderr
    settings = load_settings(tmp_path / "xa")
    assert settings.station.name == 'Đài "Quê ta"'
    assert sorted(p.name for p in settings.home.voices.glob("*.toml"))
    assert sorted(p.name for p in settings.home.schedules.glob("*.toml"))
    assert settings.home.database_file.is_file()
    assert "user add" in done.stdout


def test_init_again_overwrites_nothing(tmp_path):
    make_home(tmp_path / "xa")
    lexicon = tmp_path / "xa" / "voices" / "lexicon.toml"
    lexicon.write_text("# của đài\n", encoding="utf-8")
    _, made = make_home(tmp_path / "xa")
    assert made == []
    assert lexicon.read_text(encoding="utf-8") == "# của đài\n"


def test_every_setting_of_the_commented_file_exists(tmp_path):
    """Each commented line is a real setting with a value that is accepted."""
    home, _ = make_home(tmp_path / "xa")
    lines = home.settings_file.read_text(encoding="utf-8").splitlines()
    live = [line.removeprefix("# ") if " = " in line else line for line in lines]
    live = [line for line in live if line.startswith("[") or (" = " in line and not line.startswith("#"))]
    home.settings_file.write_text("\n".join(live), encoding="utf-8")
    assert load_settings(home, {}).station.hamlets == ("Thôn 1", "Thôn 2")


def test_a_user_is_added_with_a_password_shown_once(settings):
    home = str(settings.home.root)
    done = station("--home", home, "user", "add", "Lan", "--role", "approver", "--name", "Chị Lan")
    assert done.returncode == 0, done.stderr
    password = done.stdout.split("Mật khẩu lần đầu: ")[1].strip()
    database = open_database(settings)
    with database.session() as session:
        user = people.sign_in(session, "lan", password, now=people_now())
        assert user.must_change_password and user.role is UserRole.APPROVER
        assert password not in user.password_hash
    database.close()
    assert "Chị Lan" in station("--home", home, "user", "list").stdout
    again = station("--home", home, "user", "add", "lan")
    assert again.returncode == 1 and "Đã có" in again.stderr


def people_now():
    from station.db.types import utc_now

    return utc_now()


def test_a_password_can_be_given_and_reset(settings):
    home = str(settings.home.root)
    station("--home", home, "user", "add", "hung", "--password-stdin", STDIN="mot-hai-ba-bon\n")
    done = station("--home", home, "user", "password", "hung")
    new = done.stdout.split("Mật khẩu mới: ")[1].strip()
    database = open_database(settings)
    with database.session() as session, pytest.raises(people.SignInError):
        people.sign_in(session, "hung", "mot-hai-ba-bon", now=people_now())
    with database.session() as session:
        assert people.sign_in(session, "hung", new, now=people_now()).session_epoch == 1
    database.close()


def test_doctor_names_what_a_bare_machine_lacks_and_how_to_get_it(settings, tmp_path):
    """A PATH without tesseract, espeak-ng and ffmpeg, and no sound card."""
    empty = tmp_path / "bin"
    empty.mkdir()
    done = station(
        "--home", str(settings.home.root), "doctor", "--json", path=str(empty), PULSE_SERVER="unix:/nonexistent",
    )
    assert done.returncode == 1
    found = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert found["tesseract"]["state"] == "bad" and "tesseract-ocr-vie" in found["tesseract"]["mend"]
    assert found["ffmpeg"]["state"] == "bad" and "apt-get install ffmpeg" in found["ffmpeg"]["mend"]
    assert found["python"]["state"] == "good"


def test_doctor_tells_of_a_missing_sound_card(settings):
    asked = load_settings(settings.home, {"STATION_AIR__DEVICE": "card không có thật"})
    sound = next(check for check in checks(asked) if check.id == "sound")
    assert sound.state is State.BAD and sound.mend


def test_doctor_ends_well_where_nothing_is_bad(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("STATION_AIR__OUTPUT", "file")
    done = station("--home", str(settings.home.root), "doctor")
    bad = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert done.returncode == 0 and not bad, done.stdout


def test_a_broken_database_is_found(settings, database):
    with database.session() as session:
        bulletins.receive_text(session, settings, "a", "b" * 50_000, user_id=None)
    database.close()
    file = settings.home.database_file
    for extra in ("-wal", "-shm"):
        Path(str(file) + extra).unlink(missing_ok=True)
    data = bytearray(file.read_bytes())
    data[4096:40960] = b"\xff" * 36864
    file.write_bytes(data)
    assert next(check for check in checks(settings) if check.id == "database").state is State.BAD


def test_a_backup_restored_elsewhere_holds_everything(settings, database, tmp_path):
    paper = tmp_path / "giấy.txt"
    paper.write_text("Mời họp thôn", encoding="utf-8")
    (settings.home.voices / "lexicon.toml").write_text("# từ điển\n", encoding="utf-8")
    (settings.home.secrets / "key").write_text("secret", encoding="utf-8")
    with database.session() as session:
        bulletins.receive(session, settings, [bulletins.Upload("giấy.txt", paper)], user_id=None)
        people.create_user(session, username="lan", password="hoa-sen-xanh", role=UserRole.EDITOR)
    archive = backup(settings)
    assert archive.stat().st_mode & 0o077 == 0, "others may read the backup"
    restore(archive, tmp_path / "moi")
    other = load_settings(tmp_path / "moi")
    assert other.station.name == "Đài thử"
    assert (other.home.voices / "lexicon.toml").read_text(encoding="utf-8") == "# từ điển\n"
    assert not (other.home.secrets / "key").exists()
    copy = open_database(other)
    with copy.session(write=False) as session:
        assert session.scalars(sa.select(User.username)).all() == ["lan"]
        (file,) = session.scalars(sa.select(Bulletin)).one().files
        assert (other.home.root / file.path).read_text(encoding="utf-8") == "Mời họp thôn"
    copy.close()


def test_a_backup_while_others_write_is_whole(settings, database, tmp_path):
    """Rows keep being written while the copy is made; the copy passes SQLite's own check."""
    import threading

    stop = threading.Event()

    def write():
        while not stop.is_set():
            with database.session() as session:
                bulletins.receive_text(session, settings, "a", "b" * 5000, user_id=None)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        archive = backup(settings, tmp_path / "b.tar.gz")
    finally:
        stop.set()
        writer.join()
    restore(archive, tmp_path / "moi")


@pytest.mark.parametrize("damage", ["cut", "changed", "not_one", "outside"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(settings, database, tmp_path, damage):
    archive = backup(settings, tmp_path / "b.tar.gz")
    if damage == "cut":
        archive.write_bytes(archive.read_bytes()[:-4000])
    elif damage == "not_one":
        archive.write_bytes(b"not a backup")
    else:
        changed = tmp_path / "c.tar.gz"
        with tarfile.open(archive) as old, tarfile.open(changed, "w:gz") as new:
            for entry in old:
                data = old.extractfile(entry).read() if entry.isfile() else None
                if damage == "changed" and entry.name == "var/station.db":
                    data = data[:-1] + bytes([data[-1] ^ 1])
                if damage == "outside" and entry.name == "station.toml":
                    entry.name = "../../ngoai.toml"
                new.addfile(entry, io.BytesIO(data) if data is not None else None)
        archive = changed
    with pytest.raises(BackupError):
        restore(archive, tmp_path / "moi")
    assert not (tmp_path / "moi").exists()
    assert not (tmp_path / "ngoai.toml").exists()
    assert [p for p in tmp_path.iterdir() if p.name.startswith(".restore-")] == []


def test_restoring_over_a_station_is_refused(settings, database, tmp_path):
    archive = backup(settings, tmp_path / "b.tar.gz")
    with pytest.raises(BackupError):
        restore(archive, settings.home.root)


def test_a_backup_onto_a_full_disk_says_so_and_leaves_no_half_file(settings, database, tmp_path):
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.fail("this test mounts a small file system and needs root, as the CI has")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], check=True)
    try:
        with database.session() as session:
            for _ in range(3):
                bulletins.receive_text(session, settings, "a", os.urandom(60_000).hex(), user_id=None)
        with pytest.raises(BackupError) as error:
            backup(settings, small / "b.tar.gz")
        assert "chỗ trống" in error.value.mend
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
