"""The tree of expected failures. Anything else is a bug.

::

    HubError(code, **facts)
    ├── Invalid            what a person gave cannot be used          (fix the input)
    ├── Denied             not allowed, or not there: looks the same
    ├── Conflict           changed by somebody else meanwhile
    ├── Unavailable        our own ground is missing: disk full, database gone, file broken
    ├── LeaseLost          another worker holds this shop now         (stop at once, write nothing)
    └── RemoteError        what a platform answered, one consequence each (decided in sync/work.py)
        ├── Unreachable    no usable answer: later                    (effect unknown when ``sent``)
        ├── Throttled      asked to slow down: later, no attempt counted
        ├── Unauthorised   refresh once, then the shop needs its owner
        ├── Refused        that one thing will not be done: a person is told what to fix
        ├── Vanished       the thing is not there: ask, never recreate silently
        └── Garbled        we did not understand the answer: ours to mend

``code`` is a key of ``hub/problems.py``; ``facts`` are what its words need. No sentence lives here.
"""


class HubError(Exception):
    """An expected failure: a problem code and the facts its words need (JSON-able)."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        inside = ", ".join(f"{k}={v!r}" for k, v in self.facts.items())
        return f"{self.code}({inside})"


class Invalid(HubError):
    """What a person gave cannot be used."""


class Denied(HubError):
    """Not allowed, or not there."""


class Conflict(HubError):
    """Changed by somebody else meanwhile."""


class Unavailable(HubError):
    """Our own ground is missing: disk, database, file."""


class LeaseLost(HubError):
    """Another worker holds this shop now."""


class RemoteError(HubError):
    """What a platform answered, or failed to."""


class Unreachable(RemoteError):
    """No usable answer. ``sent`` says whether the request may have had its effect."""

    def __init__(self, code: str = "remote_unreachable", *, sent: bool = True, **facts: object) -> None:
        super().__init__(code, **facts)
        self.sent = sent


class Throttled(RemoteError):
    """Asked to slow down for ``seconds``; the request had no effect."""

    def __init__(self, code: str = "remote_throttled", *, seconds: float, **facts: object) -> None:
        super().__init__(code, seconds=seconds, **facts)
        self.seconds = seconds


class Unauthorised(RemoteError):
    """The credentials are not accepted. ``refreshable``: a token refresh may help."""

    def __init__(self, code: str = "shop_needs_owner", *, refreshable: bool = False, **facts: object) -> None:
        super().__init__(code, **facts)
        self.refreshable = refreshable


class Refused(RemoteError):
    """This one thing will not be done; the facts say what to fix."""


class Vanished(RemoteError):
    """The listing or order is not there (any more)."""


class Garbled(RemoteError):
    """The answer was not understood; ``path`` names where, a redacted sample is kept."""
