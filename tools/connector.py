"""`make connector NAME=x`: the skeletons of a new connector, and what to do next."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

CONNECTOR = '''"""{title}: how the platform speaks. Documentation: (address), read on (date).

What could not be checked is marked UNCONFIRMED. Hosts, limits and error codes stand in ``{id}.toml``.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel

from hub.connectors.api import Credentials, Dialect, Request, complaint, looks_json
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
    told = json.loads(body) if looks_json(body) else {{}}
    if not isinstance(told, dict) or not told.get("error"):
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
[errors.expired]                    # a token refresh may help
shop_needs_owner = ["token_expired"]
[errors.throttled]
remote_throttled = ["too_many"]
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

TEST = '''"""{title}: contract suite, vectors, recorded answers. The ladder: seed todo, grown todo, fruit todo."""

from hub import connectors
from hub.connectors.{id} import {name}


def test_it_can_be_loaded_by_its_id() -> None:
    assert connectors.load("{id}") is {name}
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


def main() -> int:
    """Write the files that are not there yet; never overwrite one."""
    if len(sys.argv) != 2 or not re.fullmatch(r"[a-z][a-z0-9_]{1,20}", sys.argv[1]):
        sys.stderr.write("make connector NAME=x, where x is lower-case letters, digits and _\n")
        return 2
    word = sys.argv[1]
    facts = {"id": word, "name": "".join(p.title() for p in word.split("_")), "title": word.replace("_", " ").title()}
    files = {
        f"hub/connectors/{word}.py": CONNECTOR,
        f"hub/connectors/{word}.toml": MANIFEST,
        f"tests/connectors/test_{word}.py": TEST,
        f"config/channels/{word}.toml": RULES,
        f"config/categories/{word}.toml": "# Product set (1-26) -> category on the channel.\n[sets]\n",
    }
    for name, template in files.items():
        path = ROOT / name
        if path.exists():
            sys.stdout.write(f"kept     {name}\n")
            continue
        path.write_text(template if name.startswith("config/categories/") else template.format(**facts))
        sys.stdout.write(f"written  {name}\n")
    sys.stdout.write(
        f'\nNow: add "hub.connectors.{word}:{facts["name"]}" to CONNECTORS in hub/connectors/__init__.py,\n'
        f"write hub/sandbox/{word}.py, and make the contract suite in tests/connectors/contract.py pass:\n"
        "docs/guides/write-a-connector.md goes through it step by step.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
