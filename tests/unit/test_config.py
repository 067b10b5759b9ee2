"""Settings: file, environment, what is refused, what is never shown."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from hub import config
from hub.errors import Invalid, Unavailable
from hub.sandbox.config import default_config


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def write(folder: Path, text: str) -> Path:
    file = folder / "hub.toml"
    file.write_text(text, "utf-8")
    return file


def test_defaults_are_a_hub_of_one_machine() -> None:
    found = config.load()
    assert found.database_url == "sqlite:///var/hub.db"
    assert found.web.loopback
    assert found.web.url == "http://127.0.0.1:8080"
    assert found.keys == ()
    assert found.cron("gates") == "5 0 * * *"
    assert found.cron("hint") is None


def test_the_environment_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, '[web]\nbind = "127.0.0.1:9000"\nsession_hours = 3\n[apps.shopee]\npartner_id = 7\n')
    monkeypatch.setenv("OCOP_WEB__BIND", "0.0.0.0:80")
    monkeypatch.setenv("OCOP_APPS__SHOPEE__PARTNER_KEY", "tell-nobody")
    monkeypatch.setenv("OCOP_SECRET_KEYS", "newest, oldest")
    found = config.load(file)
    assert (found.web.host, found.web.port, found.web.session_hours) == ("0.0.0.0", 80, 3)
    assert found.app("shopee") == {"partner_id": "7", "partner_key": "tell-nobody"}
    assert found.keys == ("newest", "oldest")
    assert config.load(file, language="en").language == "en"


def test_a_file_names_only_the_schedules_it_changes(tmp_path: Path) -> None:
    found = config.load(write(tmp_path, '[schedules]\npush = "off"\npull = "*/2 * * * *"\n'))
    assert found.cron("push") is None
    assert found.cron("pull") == "*/2 * * * *"
    assert found.cron("money") == config.SCHEDULES["money"]


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("colour = 1", "config_wrong", "colour"),
        ('[web]\nbind = "8080"', "config_wrong", "web.bind"),
        ("[web]\ncolour = 1", "config_wrong", "web.colour"),
        ('database_url = "mysql://x/y"', "config_wrong", "database_url"),
        ('database_url = "nonsense"', "config_wrong", "database_url"),
        ('[schedules]\npush = "hourly"', "config_wrong", "schedules"),
        ("apps = 5", "config_wrong", "apps"),
        ("[web\n", "config_broken", ""),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, code: str, where: str) -> None:
    with pytest.raises(Invalid) as caught:
        config.load(write(tmp_path, text))
    assert caught.value.code == code
    assert str(caught.value.facts.get("where", "")) == where


def test_a_named_file_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_CONFIG", str(tmp_path / "gone.toml"))
    with pytest.raises(Invalid) as caught:
        config.load()
    assert caught.value.code == "config_missing"


def test_secrets_never_print(tmp_path: Path) -> None:
    key = config.new_key()
    found = config.load(
        write(tmp_path, f'database_url = "postgresql+psycopg://hub:hunter2@db/hub"\nsecret_keys = ["{key}"]')
    )
    shown = f"{found!r} {found} {found.database_shown}"
    assert key not in shown
    assert "hunter2" not in shown
    assert found.keys == (key,)


def test_settings_are_frozen() -> None:
    found = config.load()
    with pytest.raises(ValidationError):
        setattr(found, "language", "en")  # noqa: B010


def test_a_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    file = config.ensure_key_file(tmp_path / "deep" / "keys")
    first = config.read_keys(file)
    assert len(first) == 1
    assert file.stat().st_mode & 0o077 == 0
    assert config.read_keys(config.ensure_key_file(file)) == first
    assert config.load(keys_file=file).keys == first
    with pytest.raises(Unavailable):
        _ = config.load(keys_file=tmp_path / "none").keys


def test_the_files_that_come_with_the_hub_are_good() -> None:
    folder = config.config_dir()
    example = config.load(folder / "hub.example.toml")
    assert example.model_dump(exclude={"keys_file"}) == config.load().model_dump(exclude={"keys_file"})
    demo, (app,) = config.load(folder / "demo.toml"), default_config().shopee.apps
    assert demo.allow_private_addresses
    assert demo.app("shopee") == {
        "partner_id": str(app.partner_id), "partner_key": app.partner_key, "push_key": app.push_key,
    }  # fmt: skip
