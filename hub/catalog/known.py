"""What is stored already, in the shape intake compares with."""

from hub.catalog import store
from hub.catalog.intake import KnownCatalogue, known_from
from hub.db import Tx


def known_catalogue(tx: Tx) -> KnownCatalogue:
    """Everything a new list may repeat or change."""
    return known_from(store.sellables(tx), store.producers(tx))
