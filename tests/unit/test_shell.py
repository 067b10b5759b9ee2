import pytest
import structlog

from hub.commands.shell import log_plainly


def test_a_stack_trace_in_the_log_shows_no_values_and_spoils_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        log_plainly()
        cookie = "-".join(["value", "of", "a", "session"])
        try:
            raise RuntimeError(len(cookie))
        except RuntimeError:
            structlog.get_logger("x").exception("page_broken", reference="r1")
    finally:
        structlog.reset_defaults()
    told = capsys.readouterr()
    assert told.out == ""
    assert "page_broken" in told.err
    assert "RuntimeError" in told.err
    assert cookie not in told.err
