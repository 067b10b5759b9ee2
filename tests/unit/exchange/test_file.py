"""Reading exchange files: both forms, every way to be broken, each named by its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Invalid
from hub.exchange.file import Told, _members, read_records
from hub.exchange.goods import Producer
from hub.exchange.model import Header
from hub.problems import render

HEADER = {"format": "ocop-hub-exchange", "version": 1}
ONE = {"id": "a", "name": "HTX Sen", "kind": "HTX"}


def written(tmp_path: Path, text: str | bytes, name: str = "f.json") -> Path:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def wrong(file: Path) -> Invalid:
    with pytest.raises(Invalid) as caught:
        list(read_records(file))
    for language in ("vi", "en"):
        assert render(caught.value.code, caught.value.facts, language).do
    return caught.value


def test_one_document(tmp_path: Path) -> None:
    file = written(tmp_path, "\ufeff" + json.dumps({"producers": [ONE, ONE], **HEADER, "orders": []}, indent=3))
    *told, header = read_records(file)
    assert isinstance(header, Header)
    assert [(t.kind, t.path) for t in told if isinstance(t, Told)] == [
        ("producers", "producers[0]"), ("producers", "producers[1]")
    ]  # fmt: skip


def test_lines(tmp_path: Path) -> None:
    lines = [json.dumps(HEADER), "", json.dumps({"record": ONE, "kind": "producers"})]
    header, told = read_records(written(tmp_path, "\r\n".join(lines) + "\r\n", "f.jsonl"))
    assert isinstance(header, Header)
    assert isinstance(told, Told)
    assert (told.path, told.record) == ("3:producers", Producer(id="a", name="HTX Sen", kind="HTX"))


def test_texts_come_in_composed(tmp_path: Path) -> None:
    file = written(tmp_path, json.dumps({**HEADER, "producers": [{**ONE, "name": "Tra\u0300"}]}))
    told, _header = read_records(file)
    assert isinstance(told, Told)
    assert isinstance(told.record, Producer)
    assert told.record.name == "Tr\u00e0"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "exchange_broken"),
        ("", "exchange_broken"),
        ("[]", "exchange_broken"),
        ('{"a":1}', "exchange_not_ours"),
        ("{}", "exchange_not_ours"),
        (json.dumps({**HEADER, "format": "something"}), "exchange_not_ours"),
        (json.dumps({**HEADER, "version": 2}), "exchange_version"),
        (json.dumps(HEADER) + "x", "exchange_broken"),
        (json.dumps(HEADER)[:-1] + ',"producers":[1,]}', "exchange_value_bad"),
        (json.dumps(HEADER)[:-1] + ',"producers":[{"id":"a"}', "exchange_field_missing"),
        (json.dumps(HEADER)[:-1] + ',"orders":[', "exchange_broken"),
        (json.dumps(HEADER)[:-1] + ',"orders":[],"orders":[]}', "exchange_twice"),
        (b'{"format":"\xff"}', "text_broken_encoding"),
        (json.dumps(HEADER)[:-1] + ',"orders":' + "[" * 100_000, "exchange_broken"),
        ('{"format":[]}', "exchange_not_ours"),
        (json.dumps({**HEADER, "producers": [{**ONE, "name": "\ud800"}]}), "exchange_value_bad"),
        (json.dumps({**HEADER, "exported_at": "gestern"}), "exchange_value_bad"),
    ],
)
def test_a_broken_document(tmp_path: Path, text: str | bytes, code: str) -> None:
    assert wrong(written(tmp_path, text)).code == code


@pytest.mark.parametrize(
    ("line", "code", "path"),
    [
        ("{", "exchange_broken", None),
        ('{"kind":' + "[" * 100_000, "exchange_broken", None),
        ('{"kind":"producers"}', "exchange_field_missing", "2:record"),
        ('{"kind":"what","record":{}}', "exchange_field_unknown", "2:what"),
        ('{"kind":"producers","record":[]}', "exchange_value_bad", "2:producers"),
        ('{"kind":"producers","record":{},"more":1}', "exchange_field_unknown", "2:more"),
        ('{"kind":"producers","record":{"id":"a","kind":"HTX"}}', "exchange_field_missing", "2:producers.name"),
    ],
)
def test_a_broken_line(tmp_path: Path, line: str, code: str, path: str | None) -> None:
    found = wrong(written(tmp_path, f"{json.dumps(HEADER)}\n{line}\n", "f.jsonl"))
    assert (found.code, found.facts.get("path")) == (code, path)


def test_no_file_and_an_empty_one(tmp_path: Path) -> None:
    for name in ("f.json", "f.jsonl"):
        assert wrong(tmp_path / name).code == "file_unreadable"
    assert wrong(written(tmp_path, "", "f.jsonl")).code == "file_empty"


def test_a_broken_place_is_told_by_line_and_column(tmp_path: Path) -> None:
    found = wrong(written(tmp_path, json.dumps(HEADER, indent=1)[:-2] + ',\n "orders": oops\n}'))
    assert (found.facts["line"], found.facts["column"]) == (4, 12)


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), any_json, max_size=5), st.sampled_from([None, 1, "\t"]))
def test_walking_an_object_gives_what_parsing_it_gives(told: dict[str, Any], indent: Any) -> None:
    found: dict[str, Any] = {}
    for name, place, raw in _members(json.dumps(told, indent=indent)):
        if place is None:
            found[name] = json.loads(raw)
        elif place < 0:
            found[name] = []
        else:
            assert place == len(found[name])
            found[name].append(json.loads(raw))
    assert found == told
