"""Settings: read, overridden, and refused with the name of the key."""

import pytest

from station.config import build_settings, load_settings
from station.errors import ConfigError
from station.home import StationHome, find_home


def built(tmp_path, data=None, environ=None):
    return build_settings(StationHome(tmp_path), data or {}, environ or {})


def test_an_empty_file_gives_the_defaults(tmp_path):
    settings = built(tmp_path)
    assert settings.station.timezone == "Asia/Ho_Chi_Minh"
    assert settings.programs.loudness_lufs == -16.0


def test_the_environment_wins_over_the_file(tmp_path):
    settings = built(tmp_path, {"web": {"port": 9000}}, {"STATION_WEB__PORT": "9001", "STATION_STATION__HAMLETS": "A, B"})
    assert settings.web.port == 9001
    assert settings.station.hamlets == ("A", "B")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"web": {"port": "tám nghìn"}}, "web.port"),
        ({"web": {"port": 70000}}, "web.port"),
        ({"web": {"prot": 80}}, "web.prot"),
        ({"wep": {}}, "wep"),
        ({"station": {"timezone": "Hà Nội"}}, "station.timezone"),
        ({"programs": {"profile": "loud"}}, "programs.profile"),
        ({"station": {"hamlets": "một"}}, "station.hamlets"),
        ({"database": {"url": "mysql://x"}}, "database.url"),
    ],
)
def test_a_wrong_setting_is_named_with_its_mend(tmp_path, data, key):
    with pytest.raises(ConfigError) as caught:
        built(tmp_path, data)
    assert key in str(caught.value)
    assert caught.value.mend


def test_a_file_that_is_no_toml_is_told(tmp_path):
    (tmp_path / "station.toml").write_text("[web\nport = 1", encoding="utf-8")
    with pytest.raises(ConfigError):
        load_settings(tmp_path, environ={})


def test_the_home_is_found_from_below(tmp_path):
    (tmp_path / "station.toml").touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_home(below).root == tmp_path.resolve()
