"""Settings: a TOML file, overridden by ``OCOP_*`` environment variables (nested names with ``__``), frozen once read.

``OCOP_CONFIG`` names the file, else ``config/hub.toml`` below the working directory or ``/etc/ocop-hub/hub.toml``;
without a file the defaults below are a working hub of one machine, lacking only its keys. Relative paths count from the
working directory. Secrets are :class:`~pydantic.SecretStr`: they print as stars.
"""

import os
import stat
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from cryptography.fernet import Fernet
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError
from pydantic_settings.sources import TomlConfigSettingsSource
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from hub.errors import Invalid, Unavailable

Language = Literal["vi", "en"]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Part(BaseModel):
    """A table of the settings file; unknown names are refused, so that a typing error is not silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Web(Part):
    """Where pages are served. ``public_url`` is what platforms and people call; it ends without a slash."""

    bind: str = "127.0.0.1:8080"
    public_url: str = ""
    session_hours: int = Field(12, ge=1, le=24 * 30)

    @field_validator("bind")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if not (colon and host and port.isdigit() and int(port) < 65536):
            raise ValueError("host:port")
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("http:// or https://")
        return value.rstrip("/")

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])

    @property
    def loopback(self) -> bool:
        """Only this machine can reach the pages."""
        return self.host in LOOPBACK

    @property
    def url(self) -> str:
        """The address to print and to hand out."""
        return self.public_url or f"http://{self.bind}"


class Lanes(Part):
    """How many shops are worked on at once, in each lane of one worker process."""

    now: int = Field(6, ge=1)
    sales: int = Field(6, ge=1)
    bulk: int = Field(4, ge=1)


class Budgets(Part):
    """What one run may spend; what is left waits for the next. ``withdraw_share``: more than this becomes an Ask."""

    calls: int = Field(5000, ge=1)
    seconds: float = Field(1800.0, gt=0)
    withdraw_share: float = Field(0.1, gt=0, le=1)


class Patience(Part):
    """Seconds: how long the work of a worker that died rests, when failed work comes back, how often we look."""

    lease: float = Field(60.0, ge=2)
    retry_now: float = Field(10.0, gt=0)  # stock and orders
    retry_bulk: float = Field(60.0, gt=0)
    retry_longest: float = Field(7200.0, gt=0)
    webhooks: float = Field(3600.0, gt=0)  # at most so often a platform that fell silent is asked to tell us again
    sweep: float = Field(5.0, gt=0)


class Privacy(Part):
    """For how long we hold what people wrote: then author and text are blanked, and messages deleted."""

    comments_days: int = Field(30, ge=1, le=3650)


class Programme(Part):
    """Whose hub this is. ``province_code``: two digits of the units in force since 1 July 2025; empty: many."""

    province_code: str = Field("", pattern=r"^(\d{2})?$")
    office: str = ""
    advising_body: str = ""  # who runs OCOP there differs by province, so it is a label


SCHEDULES: Mapping[str, str] = {
    "push": "*/15 * * * *",
    "pull": "*/5 * * * *",
    "money": "20 3 * * *",
    "lives": "50 3 * * *",
    "readback": "40 2 * * *",
    "recount": "10 4 * * *",  # the last days' orders once more
    "gates": "5 0 * * *",  # certificates lapse at local midnight
    "comments": "*/10 * * * *",  # which lives run; while one does, its comments are read every 20 seconds
}
"""Job kind -> cron (Asia/Ho_Chi_Minh) for shops that have none of their own."""


class Config(BaseSettings):
    """All settings. Made by :func:`load`; never changed afterwards."""

    model_config = SettingsConfigDict(
        env_prefix="OCOP_", env_nested_delimiter="__", frozen=True, extra="forbid", toml_file=None
    )

    database_url: str = Field("sqlite:///var/hub.db", repr=False)  # may hold a password
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()  # Fernet keys, newest first
    keys_file: Path | None = None  # the same, one a line
    data_dir: Path = Path("var")
    language: Language = "vi"
    clock_offset_seconds: float = 0.0  # the hub's time is the machine's plus this: demo worlds and tests only
    allow_private_addresses: bool = False  # shops may live on our own network: sandbox and demo only
    web: Web = Web()
    lanes: Lanes = Lanes()
    budgets: Budgets = Budgets()
    patience: Patience = Patience()
    privacy: Privacy = Privacy()
    programme: Programme = Programme()
    schedules: Mapping[str, str] = SCHEDULES
    apps: Mapping[str, Mapping[str, SecretStr]] = Field(default_factory=dict)
    platform_urls: Mapping[str, str] = Field(default_factory=dict)
    paces: Mapping[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)  # calls a second per shop

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """In the environment: separated by commas or blanks."""
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            backend = make_url(value).drivername
        except ArgumentError:
            raise ValueError("sqlite:///… or postgresql+psycopg://…") from None
        if backend not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
            raise ValueError("sqlite:///… or postgresql+psycopg://…")
        return value

    @field_validator("schedules")
    @classmethod
    def _whole_schedules(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        """A file names only what it changes. "off" switches a kind off."""
        for cron in value.values():
            if cron != "off" and len(cron.split()) != 5:
                raise ValueError("minute hour day month weekday")
        return dict(SCHEDULES) | dict(value)

    @field_validator("apps", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        """Numbers (a partner id) are texts to us."""
        if not isinstance(value, dict):
            return value
        return {
            platform: {key: str(one) if isinstance(one, int) else one for key, one in entries.items()}
            if isinstance(entries, dict)
            else entries
            for platform, entries in value.items()
        }

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """All Fernet keys, newest first: the settings' own, then those of the file. Raises Unavailable."""
        own = tuple(key.get_secret_value() for key in self.secret_keys)
        return own + (read_keys(self.keys_file) if self.keys_file else ())

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def database_shown(self) -> str:
        """The database address without its password."""
        return make_url(self.database_url).render_as_string(hide_password=True)

    def app(self, platform: str) -> Mapping[str, str]:
        """Our own keys on a platform, in the clear; empty when the operator gave none."""
        return {key: value.get_secret_value() for key, value in self.apps.get(platform, {}).items()}

    def cron(self, kind: str) -> str | None:
        """When a kind of job runs by default, None when it is off or only runs on demand."""
        cron = self.schedules.get(kind, "off")
        return None if cron == "off" else cron


def load(file: Path | None = None, **overrides: Any) -> Config:
    """Settings from ``file`` (default: :func:`find_file`), the environment and ``overrides``, the last winning.

    Raises Invalid("config_missing" | "config_broken" | "config_wrong", where=..., reason=...).
    """
    path = file if file is not None else find_file()
    if path is not None and (path.is_dir() or not path.exists()):
        raise Invalid("config_missing", file=str(path))

    class FromFile(Config):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        return FromFile(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = _REASONS.get(first["type"], first["msg"])
        raise Invalid("config_wrong", where=where, reason=reason, file=str(path or "")) from None
    except SettingsError as error:
        raise Invalid("config_wrong", where=str(error), reason="", file=str(path or "")) from None
    except (ValueError, UnicodeDecodeError) as error:  # tomllib.TOMLDecodeError is a ValueError
        raise Invalid("config_broken", file=str(path), reason=str(error)) from None


_REASONS = {"extra_forbidden": "unknown_setting", "missing": "missing_setting"}
"""What pydantic says most, as labels of the problems."""


def find_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file to use when none is named; None when there is none."""
    named = environment.get("OCOP_CONFIG")
    if named:
        return Path(named)
    places = (Path("config/hub.toml"), Path("/etc/ocop-hub/hub.toml"))
    return next((place for place in places if place.is_file()), None)


def read_keys(file: Path) -> tuple[str, ...]:
    """Keys of a key file: one a line, newest first; blank lines and lines with # are skipped. Raises Unavailable."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable("keys_unreadable", file=str(file), reason=type(error).__name__) from None
    return tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))


def new_key() -> str:
    """A fresh secret key."""
    return Fernet.generate_key().decode()


def ensure_key_file(file: Path) -> Path:
    """Make a key file with one fresh key, readable by its owner only, unless it exists already."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    except FileExistsError:
        return file
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(
            f"# Keys of this hub, newest first. Whoever has them can read every shop's password.\n{new_key()}\n"
        )
    return file


def config_dir() -> Path:
    """Rule packs, category maps and example settings: packed in the wheel, or the folder of the checkout."""
    return _packed("_config", "config")


def examples_dir() -> Path:
    """The sample registries: packed in the wheel, or the folder of the checkout."""
    return _packed("_examples", "examples")


def _packed(inside: str, beside: str) -> Path:
    package = Path(str(resources.files("hub")))
    packed = package / inside
    return packed if packed.is_dir() else package.parent / beside
