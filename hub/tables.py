"""All tables of all packages on the one metadata: import this and the metadata is whole."""

import hub.catalog.tables
import hub.people.tables
import hub.programme.tables
import hub.sales.tables
import hub.shops.tables
import hub.sync.tables  # noqa: F401

__all__: tuple[str, ...] = ()
