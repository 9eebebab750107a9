"""Finds the keys, and keeps them out of everything that is written down or shown."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.core.config import Settings
from app.models import ProviderName

LABELS = {ProviderName.ANTHROPIC: "Anthropic", ProviderName.OPENAI: "OpenAI"}
OWN_ADDRESSES = {
    ProviderName.ANTHROPIC: "https://api.anthropic.com",
    ProviderName.OPENAI: "https://api.openai.com/v1",
}
LONGEST_KEY = 4096
# What can be sent in a header.
KEY_PATTERN = re.compile(r"[\x21-\x7e]+")
HIDDEN = "[key]"


class NoKeyError(Exception):
    """There is no key that could be used; the message is for people."""


@dataclass(frozen=True)
class Access:
    """What it takes to ask a provider. The key does not show."""

    provider: ProviderName
    key: SecretStr
    base_url: str

    @property
    def label(self) -> str:
        """The provider, for people."""
        return LABELS[self.provider]

    @property
    def place(self) -> str:
        """The host that is asked; never a password that stands in the address."""
        return urlsplit(self.base_url).hostname or self.base_url

    @property
    def is_own_address(self) -> bool:
        """Whether the provider itself is asked."""
        return self.base_url == OWN_ADDRESSES[self.provider]

    def scrub(self, text: str) -> str:
        """Takes the key out of a text."""
        return text.replace(self.key.get_secret_value(), HIDDEN)


def access(settings: Settings, provider: ProviderName) -> Access:
    """Finds key and address of a provider; reads the key's file anew each time."""
    if provider == ProviderName.ANTHROPIC:
        file, key, url = (
            settings.ANTHROPIC_API_KEY_FILE,
            settings.ANTHROPIC_API_KEY,
            settings.ANTHROPIC_BASE_URL,
        )
    else:
        file, key, url = (
            settings.OPENAI_API_KEY_FILE,
            settings.OPENAI_API_KEY,
            settings.OPENAI_BASE_URL,
        )
    text = read_key(file, LABELS[provider]) if file else key.get_secret_value()
    return make_access(provider, text, url)


def make_access(provider: ProviderName, key: str, base_url: str) -> Access:
    """Checks what somebody entered, as far as that can be done without asking anyone."""
    label = LABELS[provider]
    key = key.strip()
    if not key:
        raise NoKeyError(f"There is no key for {label}")
    if len(key) > LONGEST_KEY or not KEY_PATTERN.fullmatch(key):
        raise NoKeyError(f"The key for {label} has characters in it that no key has")
    base_url = base_url.strip()
    if base_url and not is_web_address(base_url):
        raise NoKeyError(
            f"The address for {label} is not a web address: it begins with https:// or http://"
        )
    return Access(provider, SecretStr(key), base_url or OWN_ADDRESSES[provider])


def read_key(file: Path, label: str) -> str:
    """Reads a file that holds nothing but a key."""
    try:
        with file.open(encoding="utf-8") as stream:
            return stream.read(LONGEST_KEY + 2)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise NoKeyError(f"The file with the key for {label} cannot be read") from error


def is_web_address(url: str) -> bool:
    """Tells whether a URL is one that can be asked."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
