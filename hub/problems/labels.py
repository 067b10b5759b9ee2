"""Names that facts are written with in the code, in words. The English here is the message id, as everywhere."""

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "unknown_setting": "there is no such setting",
    "missing_setting": "it is needed",
    "net_quantity": "net quantity",
    "unit": "unit",
    "shelf_life": "best-before period",
    "storage": "storage conditions",
    "responsible_party": "responsible party",
    "responsible_address": "address of the responsible party",
    "ingredients": "ingredients",
    "food_declaration": "product self-declaration",
    "ad_confirmation": "confirmation of advertising content",
    "quality_certs": "quality certificates",
    "trace_url": "traceability address",
    "title": "name",
    "description": "description",
    "category": "category",
    "pictures": "pictures",
    "attributes": "facts",
    "visible": "shown or hidden",
    "short": "short text",
    "price": "price",
    "stock": "stock",
    "false_dossier": "false dossier",
    "criteria_not_kept": "criteria no longer kept",
    "law_violation": "violation of the law",
    "mark_misuse": "misuse of the mark",
    "production_stopped": "production stopped",
    "other_authority": "decision of another authority",
}
