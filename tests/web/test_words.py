"""Every word people read lies in the catalogue files, in both languages."""

import unicodedata
from pathlib import Path

import pytest

from hub import texts
from hub.web.names import NAMES, TONES
from tests.web import messages


def test_every_sentence_is_translated() -> None:
    found = messages.everything()
    assert len(found) > 200
    assert texts.untranslated(found, "vi") == ()


def test_both_languages_ask_for_the_same_facts() -> None:
    words = texts.translations("vi")
    different = [m for m in messages.everything() if texts.placeholders(m) != texts.placeholders(words.gettext(m))]
    assert different == []


def test_vietnamese_is_composed_and_says_what_happens() -> None:
    words = [texts.translations("vi").gettext(m) for m in messages.everything()]
    assert [w for w in words if unicodedata.normalize("NFC", w) != w] == []
    assert [w for w in words if "đồng bộ" in w.casefold() or "sync" in w.casefold()] == []


@pytest.mark.parametrize("template", messages.TEMPLATES, ids=lambda p: "/".join(p.parts[-2:]))
def test_templates_hold_no_words_of_their_own(template: Path) -> None:
    assert messages.bare_words(template) == []


def test_the_search_for_bare_words_finds_them(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<p class="a{% if x %} b{% endif %}" title="{{ y }}">Xin {{ z }} chào</p>{# note #}', "utf-8")
    assert messages.bare_words(page) == ["Xin", "chào"]


def test_every_state_with_a_sign_has_a_name() -> None:
    assert {kind: set(tones) - set(NAMES[kind]) for kind, tones in TONES.items()} == {kind: set() for kind in TONES}
