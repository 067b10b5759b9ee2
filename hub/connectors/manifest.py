"""A connector's manifest as data: ``<connector>.toml`` beside its code.

What is true of a platform whoever the seller is (hosts, limits with their sources, what the owner is asked for, how to
get access, what each error code means) is a table, not code. See ``lazada.toml`` for the shape.

``[errors.<consequence>]`` lists the platform's codes under our problem codes. The consequences are those of
:mod:`hub.errors`; ``expired`` is an ``unauthorised`` that a token refresh may heal.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.connectors.model import (
    Access,
    Ask,
    Auth,
    KeyPair,
    Kind,
    Limits,
    Manifest,
    Nothing,
    OAuthCode,
    Pace,
    Proof,
    Verdict,
)


def read_manifest(code: str) -> Manifest:
    """The manifest beside a connector's file; hand in ``__file__``. Raises KeyError or TypeError for a wrong table."""
    path = Path(code)
    name = path.parent.name if path.stem == "__init__" else path.stem
    return parse_manifest(name, tomllib.loads((path.parent / f"{name}.toml").read_text(encoding="utf-8")))


def parse_manifest(name: str, table: Mapping[str, Any]) -> Manifest:
    """From a parsed document; ``name`` becomes the connector's id."""
    return Manifest(
        id=name,
        name=table["name"],
        kind=Kind(table["kind"]),
        base_url=table["base_url"],
        sandbox_url=table.get("sandbox_url"),
        auth=_auth(table["auth"]),
        asks=tuple(Ask(**one) for one in table.get("asks", ())),
        limits=_limits(table["limits"]),
        errors=_errors(table.get("errors", {})),
        proof=Proof(**table["proof"]),
        docs=table["docs"],
        access=_access(table.get("access")),
        order_url=table.get("order_url", ""),
        hook_keys=tuple(table.get("hook_keys", ())),
    )


def _auth(table: Mapping[str, Any]) -> Auth:
    match table["kind"]:
        case "oauth":
            return OAuthCode(**{key: value for key, value in table.items() if key != "kind"})
        case "keys":
            return KeyPair()
        case "nothing":
            return Nothing()
        case other:
            raise KeyError(f"auth.kind {other}")


def _limits(table: Mapping[str, Any]) -> Limits:
    rest = {key: value for key, value in table.items() if key not in ("pace", "sources")}
    pace = table.get("pace")
    return Limits(pace=None if pace is None else Pace(**pace), **rest)


def _errors(groups: Mapping[str, Mapping[str, list[object]]]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for kind, problems in groups.items():
        for problem, codes in problems.items():
            verdict = (
                Verdict(kind="unauthorised", problem=problem, refreshable=True)
                if kind == "expired"
                else Verdict(kind=kind, problem=problem)  # type: ignore[arg-type]  # a wrong word fails the check below
            )
            found |= {str(code): verdict for code in codes}
    wrong = {one.kind for one in found.values()} - set(CONSEQUENCES)
    if wrong:
        raise KeyError(f"errors.{sorted(wrong)[0]}")
    return found


CONSEQUENCES = ("unreachable", "throttled", "unauthorised", "refused", "vanished", "garbled")


def _access(table: Mapping[str, Any] | None) -> Access | None:
    if table is None:
        return None
    return Access(
        steps_vi=tuple(table["steps_vi"]), steps_en=tuple(table["steps_en"]), days=table.get("days", 0),
        url=table.get("url", ""), app_keys=tuple(table.get("app_keys", ())),
    )  # fmt: skip
