"""The drawings of `make docs` are what the code says now."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

from hub.db import metadata
from hub.exchange.model import KINDS
from hub.exchange.read import collect

ROOT = Path(__file__).parent.parent.parent.parent
GUIDE = ROOT / "docs" / "guides" / "exchange.md"


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    """``tools/docs.py``, which is a program and no package."""
    spec = importlib.util.spec_from_file_location("tools_docs", ROOT / "tools" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_data_model_is_fresh(docs: ModuleType) -> None:
    assert docs.DATA_MODEL.read_text("utf-8") == docs.data_model(), "run `make docs`"


def test_the_schema_is_fresh(docs: ModuleType) -> None:
    assert docs.SCHEMA.read_text("utf-8") == docs.exchange_schema(), "run `make docs`"


def test_every_table_says_what_it_is_for(docs: ModuleType) -> None:
    said = docs.said_of_tables()
    assert said.keys() == metadata.tables.keys()
    assert all(re.fullmatch(r"[A-Z].{10,}\.", one.purpose) for one in said.values())


def test_the_schema_is_a_schema_and_fits_the_guide(docs: ModuleType, tmp_path: Path) -> None:
    schema = json.loads(docs.SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    (example,) = re.findall(r"```json\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    jsonschema.Draft202012Validator(schema).validate(json.loads(example))
    (tmp_path / "small.json").write_text(example, "utf-8")
    collected = collect(tmp_path / "small.json")
    assert {kind: n for kind, n in collected.counts.items() if n} == dict.fromkeys(
        ("producers", "products", "variants", "certificates", "stock", "shops", "orders", "declarations"), 1
    )


def test_the_guide_tells_of_every_list() -> None:
    text = GUIDE.read_text("utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []
