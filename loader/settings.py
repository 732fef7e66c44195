"""
What a command needs to know beside its file and template: options, then environment, then `loader.toml`.

Only the command line and the pipeline see these; the stages receive the few plain values that they need.
"""

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

DEFAULT_BASE_URL = "https://loanpro.simnang.com/api/public/api/1/"
"""LoanPro's shared host; sandbox and production tenants alike (LoanPro reference 1.1)."""

FILE_NAME = "loader.toml"
_MOST_CONCURRENCY = 256


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
    """

    model_config = SettingsConfigDict(
        env_prefix="LOADER_", frozen=True, extra="forbid", populate_by_name=True
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
                    f"the token file {self.token_file} cannot be read: {getattr(error, 'strerror', None) or error}"
                ) from error
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
            raise SettingsError(f"the tenant id {self.tenant!r} is no whole number")
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
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = "; ".join(_problem(dict(part), given) for part in error.errors(include_input=False))
        raise SettingsError(f"settings: {problems}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{settings_file()} is no TOML file: {error}") from error


def _problem(error: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else "?"
    if error["type"] == "extra_forbidden":
        known = ", ".join(sorted(Settings.model_fields))
        return f"{name} in {settings_file()} is unknown (known are {known})"
    origin = "option" if name in given else "environment or settings file"
    return f"{name} ({origin}): {error['msg'][0].lower()}{error['msg'][1:]}"
