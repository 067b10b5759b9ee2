"""Exchange files: what cannot be taken in. Nothing of such a file is stored."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, warn

EXCHANGE: Mapping[str, ProblemSpec] = {
    "exchange_not_ours": bad(
        "office",
        "The file {file} is not an exchange file of a hub: its format is not named.",
        "Export it again with ocop-hub data export, or see docs/guides/exchange.md for how such a file begins.",
    ),
    "exchange_version": bad(
        "operator",
        "The file is written in version {version} of the exchange format; this hub reads version {known}.",
        "Update this hub, or export the file again with a hub of the same release.",
    ),
    "exchange_broken": bad(
        "office",
        "The file {file} is not whole JSON (line {line}, column {column}). Nothing was stored.",
        "Look whether it was copied completely, or correct it there.",
    ),
    "exchange_field_unknown": bad(
        "office",
        "{path}: the exchange format has no such field. Nothing was stored.",
        "Correct the name or take the field out; docs/exchange.schema.json names all fields.",
    ),
    "exchange_field_missing": bad(
        "office",
        "{path} is missing. Nothing was stored.",
        "Add the field; docs/exchange.schema.json says what it holds.",
    ),
    "exchange_value_bad": bad(
        "office",
        "{path}: the value {value} does not fit; needed is {expected:label} ({limit}). Nothing was stored.",
        "Correct the value and import the file again.",
    ),
    "exchange_reference_unknown": bad(
        "office",
        "{path} names {id}, but neither the file nor this hub has that record ({kind}). Nothing was stored.",
        "Add the record to the file or correct the reference.",
    ),
    "exchange_twice": bad(
        "office",
        "{path} is the same thing as {first}. Nothing was stored.",
        "Keep one of the two records.",
    ),
    "exchange_of_another": bad(
        "office",
        "{path}: this hub has the same thing already, under another owner or name ({id}). Nothing was stored.",
        "Compare the two; give one of them another name or SKU, or take the record out.",
    ),
    "exchange_history_differs": bad(
        "office",
        "{path}: this stock movement is stored already with another quantity ({stored:number}, told {told:number}). "
        "Nothing was stored.",
        "History does not change: add a correction as a movement of its own.",
    ),
    "exchange_suffix": bad(
        "operator",
        "The name {file} does not say in which form to write.",
        "End it in one of: {forms}.",
    ),
    "exchange_unwritable": bad(
        "operator",
        "The file {file} cannot be written (error {errno}).",
        "Check that the folder exists, that you may write there and that the disk is not full.",
    ),
    "shop_moved_in": warn(
        "producer",
        "The shop came with an exchange file; its access to the platform stayed where it came from.",
        "Connect the shop again; its listings and orders are known already.",
    ),
}
