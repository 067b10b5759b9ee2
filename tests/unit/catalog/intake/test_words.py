"""Every code intake can give has its words, in both languages, with facts that exist."""

import re
from pathlib import Path

from hub.catalog import intake
from hub.catalog.intake.words import all_words
from hub.problems.files import FILES

SOURCE = {p.name: p.read_text(encoding="utf-8") for p in Path(intake.__file__).parent.glob("*.py")}
BUILT = {
    f"{field}_{problem}"
    for field, problem in (
        *(("decision_date", p) for p in ("missing", "invalid", "incomplete")),
        *((f, "unreadable") for f in ("expires_on", "extended_until", "revoked_on")),
        *((f, "missing") for f in ("product_name", "subject_name", "decision_no")),
    )
}
"""Codes put together from a field's name and what is wrong with it."""


def used() -> set[str]:
    text = "\n".join(SOURCE.values())
    warned = re.findall(r"warn\(\s*\"(\w+)\"", text) + re.findall(r"code=\"(\w+)\"", text)
    marks = [c for group in re.findall(r"marks=\(([^)]*)\)", text) for c in re.findall(r"\"(\w+)\"", group)]
    reasons = re.findall(r"(?:None, |reason = )\"([a-z]+(?:_[a-z]+)+)\"", text)
    return {*warned, *marks, *reasons, *BUILT} - {"decision_date", "decision_no", "product_name"}


def test_every_code_has_words() -> None:
    assert used() - set(all_words()) == set()


def test_no_words_are_idle() -> None:
    text = "\n".join(SOURCE.values())
    assert {code for code in all_words() if f'"{code}"' not in text} - BUILT == set()


def test_every_refusal_of_a_file_has_words() -> None:
    raised = {c for text in SOURCE.values() for c in re.findall(r"(?:Invalid|Unavailable)\(\s*\"(\w+)\"", text)}
    assert raised - set(FILES) == set()


def test_words_are_whole_sentences_in_two_languages() -> None:
    for code, words in all_words().items():
        for text in (words.vi_what, words.vi_do, words.en_what, words.en_do):
            assert text.endswith("."), code
            assert "{" not in text, code
        assert words.vi_what != words.en_what, code
        assert any(c > "\x7f" for c in words.vi_what + words.vi_do), code
