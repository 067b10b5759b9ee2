"""`make connector NAME=x`: the skeletons of a new connector, and what to do next."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

CONNECTOR = '''"""{title}: how the platform speaks. Documentation: (address), read on (date).

What could not be checked is marked UNCONFIRMED. Hosts, limits and error codes stand in ``{id}.toml``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel

from hub.connectors.api import Credentials, Dialect, Request, complaint, json_object
from hub.connectors.base import Connector
from hub.connectors.manifest import read_manifest
from hub.connectors.model import Manifest, ShopCard
from hub.connectors.shapes import Text
from hub.errors import RemoteError

MANIFEST = read_manifest(__file__)


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """Pure: the request as the platform wants it signed."""
    return request.plus(headers=(("Authorization", f"Bearer {{credentials['token']}}"),))


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    """The failure hidden in an answer, None when it is fine or the status alone says it."""
    told = json_object(body)
    if not told.get("error"):
        return None
    return complaint(MANIFEST.errors, told["error"], str(told.get("message", "")), status=status)


class ShopAnswer(BaseModel):
    """What we need of the cheapest signed call."""

    id: Text
    name: str


class {name}(Connector):
    """One shop on {title}."""

    manifest: ClassVar[Manifest] = MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judge)

    async def check(self) -> ShopCard:
        """The cheapest signed call."""
        answer = await self.api.read(ShopAnswer, "GET", "/shop")
        return ShopCard(remote_id=answer.id, name=answer.name, currency="VND", live=True)
'''

MANIFEST = """# {title}: what is true of it whoever the seller is. Every figure with its source and the day it was read.
name = "{title}"
kind = "marketplace"                # marketplace, social_shop, own_site, provincial_portal, file
base_url = "https://api.example.com"
docs = "https://example.com/docs"

[auth]
kind = "keys"                       # keys | oauth (access_seconds, refresh_single_use, pkce) | nothing

[[asks]]
key = "token"
label_vi = "Mã truy cập"
label_en = "Access token"
secret = true

[limits]
parallel = 4
# create_batch, update_batch, stock_batch, price_batch, read_batch, withdraw_batch, order_window_days, sku_length
# pace = {{ per_second = 10, burst = 10, source = "where the figure stands" }}

# The platform's codes by what follows from them (hub/errors.py) and our word for it (hub/problems).
# [errors.expired] is for tokens that a refresh may heal. A code nobody listed refuses that one thing.
[errors.unauthorised]
shop_needs_owner = ["bad_token"]
[errors.throttled]
remote_throttled = ["too_many"]
[errors.vanished]
remote_vanished = ["not_found"]
[errors.refused]
remote_value_refused = ["bad_value"]

[proof]
rung = "documented"                 # "sandbox" only when the contract suite passes
checked = "2026-01-31"

[access]
days = 0
url = "https://example.com"
steps_vi = ["Chủ gian hàng làm gì trước, làm gì sau."]
steps_en = ["What the owner does first and next."]
"""

SANDBOX = '''"""The pretend {title}: a second reading of its documents, sharing no code with the connector.

It must refuse what the documents say the platform refuses: one test for each in ``tests/connectors/sandbox``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from hub.sandbox.kit import SandboxShop, World
from hub.sandbox.plain import PlainShop


@dataclass(frozen=True, kw_only=True)
class {name}Config:
    """One shop and the token that opens it; every key here is made up."""

    key: str = "htx-mot"
    shop: str = "Hợp tác xã Một"
    token: str = "sandbox-token-1"


class {name}Refusal(Exception):
    """The platform's own no."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class {name}Sandbox:
    """The platform. ``routes`` is its whole language; what the buyer does stands in :class:`PlainShop`."""

    id = "{id}"

    def __init__(self, config: {name}Config, world: World) -> None:
        self.config = config
        self.world = world
        self.shop = PlainShop(world, config.key, config.shop)

    def shops(self) -> Sequence[SandboxShop]:
        return (self.shop,)

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return (web.route("*", "/{{path:.*}}", self._answer),)

    async def _answer(self, request: web.Request) -> web.Response:
        """Every call: who asks, what is asked, and how this platform says no."""
        try:
            if request.headers.get("Authorization") != f"Bearer {{self.config.token}}":
                raise {name}Refusal(401, "bad_token", "the token is not known")
            path = request.path.removeprefix(f"/{{self.id}}")
            told = self.called(request.method, path, request.query, await request.read())
        except {name}Refusal as no:
            return web.json_response({{"error": no.code, "message": no.message}}, status=no.status)
        return web.json_response(told)

    def called(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> object:
        """The answer of one call. Raises {name}Refusal."""
        sent = json.loads(body) if body else {{}}
        if not isinstance(sent, dict):
            raise {name}Refusal(400, "bad_body", "a JSON object is expected")
        match method, path.strip("/").split("/"):
            case "GET", ["shop"]:
                return {{"id": self.shop.key, "name": self.shop.name}}
        raise {name}Refusal(404, "not_found", path)
'''

TEST = '''"""{title} over real HTTP against its sandbox: the shared contract, the signature, what it can do."""

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.connectors import abilities
from hub.connectors.api import Credentials, HttpTransport, Request
from hub.connectors.{id} import {name}, judge, sign
from hub.errors import Unauthorised
from hub.sandbox.{id} import {name}Config, {name}Sandbox
from hub.sandbox.kit import World
from hub.sync.rulepack import parse
from tests.connectors.contract import START
from tests.connectors.stages import Growing, Staged, staged

CONFIG = {name}Config()
SECRETS = {{"token": CONFIG.token}}
RULES = Path(__file__).parents[2] / "config"


@pytest.fixture
async def stage(transport: HttpTransport) -> AsyncIterator[Staged[{name}Sandbox]]:
    def make(world: World) -> {name}Sandbox:
        return {name}Sandbox(CONFIG, world)

    async with staged({name}, make, transport, secrets=SECRETS, category="1") as made:
        yield made


class Test{name}(Growing):
    """What the connector is not able to do yet is skipped; `test_what_it_can_do` says what it is."""


def test_what_it_can_do() -> None:
    assert set(abilities({name})) == set()


def test_the_signature_is_as_printed() -> None:
    """Replace by the vector that the platform's documents print, or say that they print none."""
    request = Request(method="GET", base_url="https://api.example.com", path="/shop")
    signed = sign(request, Credentials(secrets={{"token": "t-1"}}), START, "nonce")
    assert signed.headers == (("Authorization", "Bearer t-1"),)


def test_a_failure_is_judged_by_its_code() -> None:
    found = judge(401, {{}}, b'{{"error": "bad_token", "message": "..."}}')
    assert isinstance(found, Unauthorised)
    assert judge(200, {{}}, b'{{"id": 1, "name": "..."}}') is None


def test_the_rule_pack_parses() -> None:
    tables = [tomllib.loads((RULES / f"{{one}}/{id}.toml").read_text("utf-8")) for one in ("channels", "categories")]
    assert parse("{id}", *tables).title.max > 0
'''

RULES = """# Rule pack: what {title} asks of a listing. See config/channels/woocommerce.toml for every rule.
version = 1
ships = true
alcohol = false
markup = "text"

[title]
min = 1
max = 255
source = "to be found"
checked = 2026-01-31
unconfirmed = true

[description]
min = 0
max = 5000
source = "to be found"
checked = 2026-01-31
unconfirmed = true

[pictures]
min = 0
max = 9
source = "to be found"
checked = 2026-01-31
unconfirmed = true

[price]
min = 1000
max = 1000000000
source = "to be found"
checked = 2026-01-31
unconfirmed = true

[variants]
max = 50
sku_max = 60
source = "to be found"
checked = 2026-01-31
unconfirmed = true

[words]
forbidden = []
source = "to be found"
checked = 2026-01-31
unconfirmed = true
"""


CATEGORIES = """# The 26 product sets -> {title}'s own category. An unknown or missing set is held, never guessed.
[sets]
# 4 = "the platform's id or name of the category for honey"
"""

GUIDE = """# {title}

**Tiếng Việt.** Chủ gian hàng làm gì trước, làm gì sau; mất bao lâu; ngắt kết nối thế nào;
làm được gì, chưa làm được gì.

**English.** What the owner does first and next; how long it takes; how to disconnect; what works and what does not.
Works against our own sandbox; never tried on the real platform.
"""

TEMPLATES = {
    "hub/connectors/{id}.py": CONNECTOR,
    "hub/connectors/{id}.toml": MANIFEST,
    "hub/sandbox/{id}.py": SANDBOX,
    "tests/connectors/test_{id}.py": TEST,
    "config/channels/{id}.toml": RULES,
    "config/categories/{id}.toml": CATEGORIES,
    "docs/guides/connect-{id}.md": GUIDE,
}
"""Where each file of a connector stands, and how it begins."""

NEXT = """
Now it runs:   pytest -n0 tests/connectors/test_{id}.py    (what is not written yet is skipped)
Next:          docs/guides/write-a-connector.md goes on from here.
At the end:    add "hub.connectors.{id}:{name}" to CONNECTORS in hub/connectors/__init__.py
"""


def generate(root: Path, word: str) -> list[str]:
    """Write the files that are not there yet, under ``root``; never overwrite one. One line for each."""
    facts = {"id": word, "name": "".join(p.title() for p in word.split("_")), "title": word.replace("_", " ").title()}
    told: list[str] = []
    fresh: list[str] = []
    for template, text in TEMPLATES.items():
        name = template.format(**facts)
        path = root / name
        told.append(f"{'kept   ' if path.exists() else 'written'}  {name}")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(**facts), encoding="utf-8")
            fresh.append(name)
    tidy(root, [name for name in fresh if name.endswith(".py")])
    return [*told, NEXT.format(**facts)]


def tidy(root: Path, names: list[str]) -> None:
    """Imports and long lines depend on the length of the word: the linter puts them right."""
    ruff = Path(sys.executable).parent / "ruff"
    if names and ruff.exists():
        for words in (
            ("check", "--quiet", "--no-cache", "--select", "I", "--fix"),
            ("format", "--quiet", "--no-cache"),
        ):
            subprocess.run([str(ruff), *words, *names], cwd=root, check=False)


def main() -> int:
    """The word on the command line is the connector's id."""
    if len(sys.argv) != 2 or not re.fullmatch(r"[a-z][a-z0-9_]{1,20}", sys.argv[1]):
        sys.stderr.write("make connector NAME=x, where x is lower-case letters, digits and _\n")
        return 2
    sys.stdout.write("\n".join(generate(ROOT, sys.argv[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
