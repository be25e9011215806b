"""The TOML file of saved queries."""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from searchsvc.errors import SettingsError
from searchsvc.toml_file import read_toml

_LEAST_SECRET = 16  # characters
# An address that is one argument of sendmail, and no option.
_MAIL = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9._+-]*@[A-Za-z0-9][A-Za-z0-9.-]*")
_Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Alert(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A saved query. `filters`: as FIELD:VALUE. New articles are posted to `webhook` and sent to `mail`, if given."""

    name: _Name
    query: str = ""
    filters: tuple[str, ...] = ()
    webhook: str = ""
    mail: str = ""

    @property
    def key(self) -> str:
        """Hash of name, query and filters, 32 hexadecimal digits: a changed query is a new alert."""
        named = msgspec.json.encode((self.name, self.query, self.filters))
        return hashlib.blake2b(named, digest_size=16).hexdigest()


class AlertFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Saved queries. `secret`: key of the signature of webhooks. `sendmail`: program that takes a message."""

    alert: tuple[Alert, ...]
    secret: str = ""
    sendmail: str = "/usr/sbin/sendmail"


def read_alert_file(path: Path) -> AlertFile:
    """Read a file of alerts. Raises SettingsError."""
    try:
        alerts = msgspec.convert(dict(read_toml(path)), AlertFile, strict=False)
    except FileNotFoundError as error:
        raise SettingsError(f"{path} does not exist") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {error}") from error
    for name, count in Counter(alert.name for alert in alerts.alert).items():
        if count > 1:
            raise SettingsError(f"{path}: {count} alerts have the name {name}")
    for alert in alerts.alert:
        _check(path, alert, alerts.secret)
    return alerts


def _check(path: Path, alert: Alert, secret: str) -> None:
    if alert.webhook and not _is_address(alert.webhook):
        raise SettingsError(f"{path}: the webhook of {alert.name} must be an http or https address without a password")
    if alert.webhook and len(secret) < _LEAST_SECRET:
        raise SettingsError(f"{path}: set secret, of at least {_LEAST_SECRET} characters, to sign webhooks")
    if alert.mail and not _MAIL.fullmatch(alert.mail):
        raise SettingsError(f"{path}: mail of {alert.name} must be one address, as desk@example.org")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
    return is_plain and parts.scheme in ("http", "https") and bool(parts.hostname)
