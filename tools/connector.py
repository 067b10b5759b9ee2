"""`make connector NAME=x`: the skeletons of a new connector, and what to do next."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

CONNECTOR = '''"""{title}: how the platform speaks. Documentation: (address), read on (date).

Sources of every limit stand beside it; what could not be checked is marked UNCONFIRMED.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel

from hub.connectors.api import Credentials, Dialect, Request
from hub.connectors.base import Connector
from hub.connectors.model import Ask, KeyPair, Kind, Limits, Manifest, Proof, ShopCard, Verdict
from hub.errors import RemoteError


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """Pure: the request as the platform wants it signed."""
    return request.plus(headers=(("Authorization", f"Bearer {{credentials['token']}}"),))


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    """The failure hidden in an answer, None when it is fine or the status alone says it."""
    return None


class ShopAnswer(BaseModel):
    """What we need of the cheapest signed call."""

    id: str
    name: str


class {name}(Connector):
    """One shop on {title}."""

    manifest: ClassVar[Manifest] = Manifest(
        id="{id}",
        name="{title}",
        kind=Kind.MARKETPLACE,
        base_url="https://api.example.com",
        sandbox_url=None,
        auth=KeyPair(),
        asks=(Ask(key="token", label_vi="Mã truy cập", label_en="Access token", secret=True),),
        limits=Limits(pace=None),
        errors={{"shop_closed": Verdict(kind="refused", problem="shop_closed")}},
        proof=Proof(rung="documented", checked="2026-01-31"),
        docs="https://example.com/docs",
    )
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judge)

    async def check(self) -> ShopCard:
        """The cheapest signed call."""
        answer = await self.api.read(ShopAnswer, "GET", "/shop")
        return ShopCard(remote_id=answer.id, name=answer.name, currency="VND", live=True)
'''

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
        f"tests/connectors/test_{word}.py": TEST,
        f"config/channels/{word}.toml": RULES,
        f"config/categories/{word}.toml": "# Product set (1-26) -> category on the channel.\n[sets]\n",
    }
    for name, template in files.items():
        path = ROOT / name
        if path.exists():
            sys.stdout.write(f"kept     {name}\n")
            continue
        path.write_text(template.format(**facts) if name.endswith((".py", f"channels/{word}.toml")) else template)
        sys.stdout.write(f"written  {name}\n")
    sys.stdout.write(
        f'\nNow: add "hub.connectors.{word}:{facts["name"]}" to CONNECTORS in hub/connectors/__init__.py,\n'
        f"write hub/sandbox/{word}.py, and make the contract suite in tests/connectors/contract.py pass.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
