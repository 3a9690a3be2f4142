"""Every setting, read from the environment or a `.env` file; a wrong one stops the start."""

import ipaddress
import re
import sys
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MUST_BE = {
    "PORT": "a whole number from 0 to 65535",
    "TIME_SCALE": "a number from 1 to 100",
    "LOG": "text or json",
}
"""Of settings whose shape alone is checked; the others say it where they are."""


class WrongSetting(Exception):
    """A setting is missing or wrong; the sentence names it."""


class Settings(BaseSettings):
    """The settings of `wire.md`, with the prefix `DIRECTLINE_`."""

    model_config = SettingsConfigDict(
        env_prefix="DIRECTLINE_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    database_url: str = "sqlite:///directline.db"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str = ""
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_api_key: str = ""
    twilio_api_secret: SecretStr = SecretStr("")
    twilio_url: str = "https://api.twilio.com"
    time_scale: Annotated[float, Field(ge=1, le=100, allow_inf_nan=False)] = 1
    watchdog_url: str = ""
    log: Literal["text", "json"] = Field(
        default_factory=lambda: "text" if sys.stderr.isatty() else "json"
    )

    @field_validator("host")
    @classmethod
    def _is_host(cls, host: str) -> str:
        if not re.fullmatch(r"[0-9A-Za-z_:-]+(\.[0-9A-Za-z_-]+)*", host):
            raise ValueError("must be an address or a name of this machine")
        return host

    @field_validator("twilio_url")
    @classmethod
    def _is_needed(cls, url: str) -> str:
        if not url:
            raise ValueError("must be a URL that begins with http:// or https://")
        return url

    @field_validator("public_url", "twilio_url", "watchdog_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        url = url.rstrip("/")
        if url and not _has_host(url):
            raise ValueError("must be a URL that begins with http:// or https://")
        return url

    @field_validator("public_url", "twilio_url")
    @classmethod
    def _ends_with_its_path(cls, url: str) -> str:
        # Paths of ours and of the phone network's are put behind it.
        if set(url) & set("?#"):
            raise ValueError("must be a URL without ? and #")
        return url

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, url: str) -> str:
        if url.startswith("sqlite:///"):
            path = url.removeprefix("sqlite:///")
            if not path or path == ":memory:" or set(path) & set("?#"):
                raise ValueError("must name a file after sqlite:/// , without ? and #")
        elif not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        elif not _is_postgres(url):
            raise ValueError("must be postgresql://user@host:port/name")
        return url

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        if bool(self.twilio_account_sid) != bool(self.twilio_auth_token.get_secret_value()):
            raise ValueError(
                "DIRECTLINE_TWILIO_ACCOUNT_SID and DIRECTLINE_TWILIO_AUTH_TOKEN"
                " are given together or not at all"
            )
        if bool(self.twilio_api_key) != bool(self.twilio_api_secret.get_secret_value()):
            raise ValueError(
                "DIRECTLINE_TWILIO_API_KEY and DIRECTLINE_TWILIO_API_SECRET"
                " are given together or not at all"
            )
        real = self.phones and not is_loopback(urlsplit(self.twilio_url).hostname or "")
        if self.time_scale != 1 and real:
            raise ValueError(
                "DIRECTLINE_TIME_SCALE other than 1 is refused unless the phone network is on"
                " loopback"
            )
        if real and not urlsplit(self.public_url).scheme == "https":
            raise ValueError(
                "DIRECTLINE_PUBLIC_URL must be the https:// address Twilio reaches us at"
            )
        return self

    @property
    def phones(self) -> bool:
        """Whether texts and calls are on."""
        return bool(self.twilio_account_sid)

    def reached_at(self, port: int) -> str:
        """The public URL, or where we listen when none is set."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{port}"


def _has_host(url: str) -> bool:
    if any(letter.isspace() or not letter.isprintable() for letter in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_postgres(url: str) -> bool:
    # Its own reader knows every way to say it; what it says may hold the password.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        port = conninfo_to_dict(url).get("port", "")
    except ProgrammingError:
        return False
    return all(one.isdecimal() or not one for one in str(port).split(","))


def complain(sentence: object) -> None:
    """One clear line on standard error."""
    print(f"directline: {sentence}", file=sys.stderr)


def is_loopback(host: str) -> bool:
    """Whether this host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_settings(**given: object) -> Settings:
    """The settings, some given by the caller. Raises WrongSetting with one line."""
    try:
        return Settings(**given)  # pyright: ignore[reportArgumentType]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        why = first["msg"].removeprefix("Value error, ")
        must = MUST_BE.get(name)
        place = f"DIRECTLINE_{name}: " if name else ""
        raise WrongSetting(f"{place}must be {must}" if must else f"{place}{why}") from None
    except UnicodeDecodeError:
        raise WrongSetting(".env: must be UTF-8 text") from None
