"""One call after parsing, and how lists are filtered, counted and cut into pages. The same for goods and orders."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.sandbox.storefront.dialect import Dialect, Json
from hub.sandbox.storefront.state import Store, Wrong


@dataclass(frozen=True, kw_only=True)
class Call:
    """``path`` without the root and the ``.json``; ``body`` the whole JSON object."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    body: Json

    def inner(self, key: str) -> Json:
        """The object under its wrapper. Raises Wrong(422)."""
        found = self.body.get(key)
        if not isinstance(found, dict):
            raise Wrong(422, {key: ["Required parameter missing or invalid"]})
        return found


class Lists:
    """A store and its dialect, as every part of its interface needs them."""

    def __init__(self, store: Store, dialect: Dialect) -> None:
        self.store, self.dialect = store, dialect

    def page(self, call: Call, things: Sequence[Any]) -> Sequence[Any]:
        limit = min(number_of(call.query.get("limit"), 50), self.store.config.page_cap)
        page = max(number_of(call.query.get("page"), 1), 1)
        return things[(page - 1) * limit : page * limit]

    def between(self, call: Call, name: str, moment: datetime) -> bool:
        low, high = call.query.get(f"{name}_min", ""), call.query.get(f"{name}_max", "")
        return (not low or moment_of(low) <= moment) and (not high or moment <= moment_of(high))

    def listed(self, call: Call, key: str, things: Sequence[Any], show: Callable[[Any], Json]) -> Json:
        """A page, or with ``count`` at the end of the path how many there are."""
        if call.path[-1] == "count":
            return {"count": len(things)}
        rows = [show(one) for one in self.page(call, things)]
        if fields := [one for one in call.query.get("fields", "").split(",") if one]:
            rows = [{name: value for name, value in row.items() if name in fields} for row in rows]
        more = {"metadata": {"total": len(things), "page": number_of(call.query.get("page"), 1)}}
        return {key: rows} | (more if self.dialect.id == "sapo_omni" else {})


def id_of(text: str) -> int:
    if not text.isdigit():
        raise Wrong(404, "Not Found")
    return int(text)


def number_of(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def moment_of(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Wrong(422, {"date": ["is invalid"]}) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
