"""Settings: every one with its default, and one clear line that names what is wrong."""

import re
from pathlib import Path

import pytest

from service.settings import Settings, WrongSetting, is_loopback, read_settings

ACCOUNT = {"twilio_account_sid": "AC1", "twilio_auth_token": "t"}
SECRET = "c4n4ry"


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests, and no `.env` of anybody."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DIRECTLINE_{name.upper()}", raising=False)


def test_the_defaults_are_those_of_the_contract() -> None:
    """Everything has one."""
    settings = read_settings()
    assert settings.database_url == "sqlite:///directline.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.reached_at(8080) == "http://127.0.0.1:8080"
    assert settings.twilio_url == "https://api.twilio.com"
    assert settings.time_scale == 1
    assert settings.phones is False
    assert settings.watchdog_url == ""
    assert settings.log == "json"
    names = {f"DIRECTLINE_{name.upper()}" for name in Settings.model_fields}
    assert names == set(
        "DIRECTLINE_DATABASE_URL DIRECTLINE_HOST DIRECTLINE_PORT DIRECTLINE_PUBLIC_URL"
        " DIRECTLINE_TWILIO_ACCOUNT_SID DIRECTLINE_TWILIO_AUTH_TOKEN DIRECTLINE_TWILIO_API_KEY"
        " DIRECTLINE_TWILIO_API_SECRET DIRECTLINE_TWILIO_URL DIRECTLINE_TIME_SCALE"
        " DIRECTLINE_WATCHDOG_URL DIRECTLINE_LOG".split()
    )


def test_they_come_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment wins; what is not ours is left alone."""
    (tmp_path / ".env").write_text("DIRECTLINE_PORT=9000\nDIRECTLINE_HOST=::1\nOTHER=1\n")
    monkeypatch.setenv("DIRECTLINE_PORT", "9001")
    settings = read_settings()
    assert (settings.host, settings.port) == ("::1", 9001)
    assert settings.reached_at(9001) == "http://[::1]:9001"
    monkeypatch.setenv("DIRECTLINE_PUBLIC_URL", "https://alarm.example/deep/")
    assert read_settings().reached_at(1) == "https://alarm.example/deep"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "65536"),
        ("port", "-1"),
        ("port", ""),
        ("host", ""),
        ("host", "a b"),
        ("host", "a..b"),
        ("database_url", "mysql://host/name"),
        ("database_url", "directline.db"),
        ("database_url", ""),
        ("database_url", "sqlite://directline.db"),
        ("database_url", "sqlite:///"),
        ("database_url", "sqlite:///:memory:"),
        ("database_url", "sqlite:///a.db?mode=ro"),
        ("database_url", "postgresql://user@host:port/name"),
        ("database_url", "postgresql://[::1/name"),
        ("database_url", "postgresql://host/name?no_such_option=1"),
        ("public_url", "alarm.example"),
        ("public_url", "ftp://alarm.example"),
        ("public_url", "https://"),
        ("public_url", "https://[::1"),
        ("public_url", "https://alarm.example:port"),
        ("public_url", "https://alarm.example/?a=1"),
        ("public_url", "https://alarm.example/#a"),
        ("public_url", "https://alarm .example"),
        ("twilio_url", "https://api.example/?a=1"),
        ("twilio_url", "api.twilio.com"),
        ("twilio_url", ""),
        ("watchdog_url", "ping"),
        ("time_scale", "0.5"),
        ("time_scale", "101"),
        ("time_scale", "nan"),
        ("time_scale", "fast"),
        ("log", "xml"),
    ],
)
def test_a_wrong_one_is_named_in_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says which setting it is and what it must be."""
    monkeypatch.setenv(f"DIRECTLINE_{name.upper()}", value)
    with pytest.raises(WrongSetting) as wrong:
        read_settings()
    said = str(wrong.value)
    assert said.startswith(f"DIRECTLINE_{name.upper()}: ")
    assert "\n" not in said
    assert re.fullmatch(r"must (be|begin with|name) .*[^.]", said.partition(": ")[2])


def test_what_a_wrong_one_must_be_is_said_with_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is no number as for one that is too large."""
    for name, value, words in (
        ("port", "http", "a whole number from 0 to 65535"),
        ("port", "65536", "a whole number from 0 to 65535"),
        ("time_scale", "fast", "a number from 1 to 100"),
        ("time_scale", "0.5", "a number from 1 to 100"),
        ("log", "xml", "text or json"),
    ):
        monkeypatch.setenv(f"DIRECTLINE_{name.upper()}", value)
        with pytest.raises(WrongSetting) as wrong:
            read_settings()
        assert str(wrong.value) == f"DIRECTLINE_{name.upper()}: must be {words}"
        monkeypatch.delenv(f"DIRECTLINE_{name.upper()}")


def test_a_watchdog_may_be_told_by_a_query() -> None:
    """Some tell their customers apart by it."""
    settings = read_settings(watchdog_url="https://watch.example/ping?who=1")
    assert settings.watchdog_url == "https://watch.example/ping?who=1"


def test_a_file_of_settings_that_is_no_text_is_named(tmp_path: Path) -> None:
    """And nothing of it is told back."""
    (tmp_path / ".env").write_bytes(b"DIRECTLINE_PORT=\xff\xfe\n")
    with pytest.raises(WrongSetting) as wrong:
        read_settings()
    assert str(wrong.value) == ".env: must be UTF-8 text"


def names_in(said: str) -> list[str]:
    """The settings that a sentence names."""
    return re.findall(r"[A-Z]+_[A-Z_]+", said)


def test_what_belongs_together() -> None:
    """Half an account, a real network in a hurry, or one that could not reach us."""
    for given, word in (
        ({"twilio_account_sid": "AC1"}, "DIRECTLINE_TWILIO_ACCOUNT_SID"),
        ({"twilio_auth_token": SECRET}, "DIRECTLINE_TWILIO_ACCOUNT_SID"),
        ({"twilio_api_key": "SK1"}, "DIRECTLINE_TWILIO_API_KEY"),
        ({"twilio_api_secret": SECRET}, "DIRECTLINE_TWILIO_API_KEY"),
        (ACCOUNT | {"public_url": "https://a.example", "time_scale": 2}, "DIRECTLINE_TIME_SCALE"),
        (ACCOUNT, "DIRECTLINE_PUBLIC_URL"),
        (ACCOUNT | {"public_url": "http://a.example"}, "DIRECTLINE_PUBLIC_URL"),
    ):
        with pytest.raises(WrongSetting, match=f"^{word}") as wrong:
            read_settings(**given)
        assert all(name.startswith("DIRECTLINE_") for name in names_in(str(wrong.value)))
        assert SECRET not in str(wrong.value)
        assert "\n" not in str(wrong.value)
    fine = ACCOUNT | {"twilio_url": "http://127.0.0.1:8081", "time_scale": 100}
    assert read_settings(**fine).phones is True
    assert read_settings(**ACCOUNT, public_url="https://a.example").phones is True


def test_a_secret_is_never_told_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by printing the settings nor by what is said of a wrong one."""
    settings = read_settings(
        twilio_account_sid="AC1", twilio_auth_token=SECRET, public_url="https://a.example"
    )
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)
    for name in ("database_url", "public_url", "port"):
        monkeypatch.setenv(f"DIRECTLINE_{name.upper()}", f"x://user:{SECRET}@host:port/")
        with pytest.raises(WrongSetting) as wrong:
            read_settings()
        assert SECRET not in str(wrong.value)
        monkeypatch.delenv(f"DIRECTLINE_{name.upper()}")


def test_what_is_this_machine() -> None:
    """Loopback names, and nothing that looks like one."""
    for host in ("127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"):
        assert is_loopback(host)
    for host in ("", "0.0.0.0", "10.0.0.1", "localhost.example", "127.0.0.1.example", "::"):
        assert not is_loopback(host)
