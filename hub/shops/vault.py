"""Seals what must not be read in a stolen database: shop passwords and tokens.

MultiFernet: the newest key seals, every key opens, so keys can be changed while the hub runs. Nothing here prints.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from hub.db import Sealed
from hub.errors import Unavailable


class Vault:
    """Seals and opens with the hub's keys, newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises Unavailable("key_missing") without a key, ("key_wrong") when one is no Fernet key."""
        if not keys:
            raise Unavailable("key_missing")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise Unavailable("key_wrong") from None

    def __repr__(self) -> str:
        return "Vault(***)"

    def seal(self, text: str) -> Sealed:
        """Ciphertext by the newest key; two seals of one text differ."""
        return Sealed(self._fernet.encrypt(text.encode()).decode())

    def open(self, sealed: Sealed) -> str:
        """The text. Raises Unavailable("key_lost") when none of the keys sealed it."""
        try:
            return self._fernet.decrypt(sealed.ciphertext().encode()).decode()
        except InvalidToken:
            raise Unavailable("key_lost") from None

    def rotate(self, sealed: Sealed) -> Sealed:
        """The same text sealed by the newest key. Raises Unavailable("key_lost")."""
        try:
            return Sealed(self._fernet.rotate(sealed.ciphertext().encode()).decode())
        except InvalidToken:
            raise Unavailable("key_lost") from None
