"""
What a command needs to know beside its file and template: options, then environment, then `loader.toml`.

Only the command line and the pipeline see these; the stages receive the few plain values that they need.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from loader.errors import SettingsError
from loader.vault import stored_token

DEFAULT_BASE_URL = "https://loanpro.simnang.com/api/public/api/1/"
"""LoanPro's shared host; sandbox and production tenants alike (LoanPro reference 1.1)."""

FILE_NAME = "loader.toml"
_MOST_CONCURRENCY = 256

ENVIRONMENT: Mapping[str, str] = {
    "token": "LOANPRO_TOKEN",
    "token_file": "LOADER_TOKEN_FILE",
    "tenant": "LOANPRO_TENANT",
    "base_url": "LOANPRO_BASE_URL",
    "rates": "LOADER_RATE",
    "concurrency": "LOADER_CONCURRENCY",
    "timeout_s": "LOADER_TIMEOUT_S",
    "settle_after_s": "LOADER_SETTLE_AFTER_S",
    "run_dir": "LOADER_RUN_DIR",
}
"""Setting to the environment variable that is read for it."""


class Settings(BaseSettings):
    """
    One frozen set of settings.

    Attributes:
        base_url: Where the tenant is served.
        tenant: LoanPro's tenant (instance) id, "" where none is set.
        token: The API token; its representation is masked.
        token_file: A file that holds the token instead.
        rates: Limits such as `5/s`; all are kept.
        concurrency: Requests in flight at most, 1 to 256.
        run_dir: Where journal and reports lie.
        timeout_s: Seconds to wait for an answer.
        settle_after_s: Seconds after a request in which LoanPro may still be working on it: a request whose answer was lost is not
            sent again before, even if nothing is there.
    """

    model_config = SettingsConfigDict(
        env_prefix="LOADER_",
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,  # what is wrong may be a token
    )

    base_url: str = Field(
        default=DEFAULT_BASE_URL, validation_alias=AliasChoices("base_url", "LOANPRO_BASE_URL")
    )
    tenant: str = Field(default="", validation_alias=AliasChoices("tenant", "LOANPRO_TENANT"))
    token: SecretStr = Field(default=SecretStr(""), validation_alias=AliasChoices("token", "LOANPRO_TOKEN"))
    token_file: Path | None = None
    rates: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("5/s",), validation_alias=AliasChoices("rates", "rate", "LOADER_RATE")
    )
    concurrency: int = Field(default=5, ge=1, le=_MOST_CONCURRENCY)
    run_dir: Path = Path("loader-runs")
    timeout_s: float = Field(default=60.0, gt=0, le=600)
    settle_after_s: float = Field(default=90.0, ge=0, le=3600)

    @field_validator("rates", mode="before")
    @classmethod
    def _several_rates(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("tenant", mode="before")
    @classmethod
    def _tenant_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic-settings' signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic-settings' signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options win over the environment, the environment over the file."""
        return (init_settings, env_settings, _SettingsFile(settings_cls, settings_file()))

    def token_text(self) -> str:
        """
        The token in the clear, for the client alone.

        Raises:
            SettingsError: There is none, or its file cannot be read.
        """
        token = self.token.get_secret_value().strip()
        if not token and self.token_file is not None:
            try:
                token = self.token_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(
                    f"the token file {self.token_file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}",
                    hint="name a text file that holds the token and nothing else",
                ) from error
        if not token and self.tenant:
            token = stored_token(self.tenant).strip()
        if not token:
            raise SettingsError(
                "there is no API token",
                hint="set LOANPRO_TOKEN (LoanPro: Settings > Company > API > Overview), name a file with --token-file, "
                "or try everything on a local tenant with --sandbox",
            )
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise SettingsError(
                "the API token holds a space, a line break or a character outside ASCII",
                hint="copy it again from LoanPro: Settings > Company > API > Overview",
            )
        return token

    def tenant_id(self) -> str:
        """
        The tenant id.

        Raises:
            SettingsError: There is none, or it is not a whole number (LoanPro reference 1.2).
        """
        if not self.tenant:
            raise SettingsError(
                "there is no tenant id",
                hint="name it with --tenant or LOANPRO_TENANT (LoanPro: Settings > Company > API > Overview)",
            )
        if not (self.tenant.isascii() and self.tenant.isdecimal()):
            raise SettingsError(
                f"the tenant id {self.tenant!r} is no whole number",
                hint="copy it from LoanPro: Settings > Company > API > Overview",
            )
        return self.tenant


class _SettingsFile(TomlConfigSettingsSource):
    """The settings file, without which all is well; a token may not stand in it."""

    def __call__(self) -> dict[str, Any]:
        found = super().__call__()
        if "token" in found:
            raise SettingsError(
                f"{settings_file()} holds a token",
                hint="a file is shared too easily; use LOANPRO_TOKEN or token_file",
            )
        return found

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return super().get_field_value(field, field_name)


def settings_file() -> Path:
    """`loader.toml` in the current folder, else the user's own."""
    here = Path(FILE_NAME)
    return here if here.is_file() else Path(platformdirs.user_config_dir("loader")) / FILE_NAME


def read_settings(options: Mapping[str, Any]) -> Settings:
    """
    Settings from options, environment and file.

    Args:
        options: What the command line gave; None means that an option was not given.

    Raises:
        SettingsError: A value is wrong; the message names the setting and where it is set. All are named at once.
    """
    given = {name: value for name, value in options.items() if value not in {None, ()}}
    _refuse_near_misses()
    try:
        return Settings(**given)
    except ValidationError as error:
        parts = error.errors(include_input=False, include_url=False)
        raise SettingsError("\n".join(_problem(dict(part), given) for part in parts)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{settings_file()} is no TOML file: {error}",
            hint='a line looks like: concurrency = 5; text stands in quotes: run_dir = "runs"',
        ) from error
    except OSError as error:
        raise SettingsError(f"{settings_file()} cannot be read: {error.strerror}") from error


def _refuse_near_misses() -> None:
    """A variable that is one of ours but for a slip would be passed over in silence."""
    known = {name.partition("_")[2]: name for name in ENVIRONMENT.values()}
    for name in sorted(os.environ):
        prefix, _, rest = name.partition("_")
        if prefix in {"LOADER", "LOANPRO"} and name not in ENVIRONMENT.values():
            near = difflib.get_close_matches(rest, known, n=1, cutoff=0.8)
            if near:
                raise SettingsError(
                    f"the environment variable {name} is none of ours; did you mean {known[near[0]]}?",
                    hint="rename or unset it; the README's section on settings lists all that are read",
                )


def _problem(error: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """One wrong setting: where it is set, and what it must be. The value is not repeated: it may be a secret."""
    found = str(error["loc"][0]) if error["loc"] else ""
    name = next((field for field, variable in ENVIRONMENT.items() if found in {field, variable}), found)
    if error["type"] == "extra_forbidden":
        settable = [field for field in Settings.model_fields if field != "token"]
        near = difflib.get_close_matches(name, settable, n=1)
        suggestion = f"did you mean {near[0]}?" if near else f"known are {', '.join(settable)}"
        return f"{settings_file()}: {name} is unknown; {suggestion}"
    return f"{_origin(name, given)} {_must(error)}"


def _origin(name: str, given: Mapping[str, Any]) -> str:
    if name in given:
        return "--" + name.removesuffix("_s").removesuffix("s").replace("_", "-")
    if ENVIRONMENT.get(name) in os.environ:
        return f"the environment variable {ENVIRONMENT[name]}"
    return f"{settings_file()}: {name}"


def _must(error: Mapping[str, Any]) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "int_type" | "int_from_float":
            return "must be a whole number"
        case "float_parsing" | "float_type":
            return "must be a number"
        case "greater_than_equal":
            return f"must be at least {limits['ge']:g}"
        case "greater_than":
            return f"must be above {limits['gt']:g}"
        case "less_than_equal":
            return f"must be at most {limits['le']:g}"
        case "string_type" | "path_type":
            return "must be text"
        case "tuple_type":
            return 'must be a list such as ["5/s", "200/m"]'
        case _:
            return f"is wrong: {error['msg'][0].lower()}{error['msg'][1:]}"
