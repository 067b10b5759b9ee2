"""What a body holds, for judges that must not raise."""

import pytest

from hub.connectors.wire import json_object


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"ok": false, "code": "B\xc3\xa1n"}', {"ok": False, "code": "Bán"}),
        (b'\xef\xbb\xbf{"ok": true}', {"ok": True}),
        (b' \n{"ok": true}', {"ok": True}),
        (b"", {}),
        (b'{"ok": fal', {}),
        (b"\xff{", {}),
        (b'{"name": "\xff"}', {}),
        (b"[1]", {}),
        (b"null", {}),
        (b"<html></html>", {}),
    ],
)
def test_only_a_whole_object_is_one(body: bytes, found: object) -> None:
    assert json_object(body) == found
