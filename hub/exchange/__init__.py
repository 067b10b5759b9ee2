"""The exchange format: everything the hub knows as one file, and such a file back into a hub.

:mod:`~hub.exchange.model` says what a document is, :mod:`~hub.exchange.write` makes one,
:mod:`~hub.exchange.read` takes one in.
"""
