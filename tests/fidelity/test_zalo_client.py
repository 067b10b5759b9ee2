"""The pretend Zalo's sign-in driven by an OAuth client written by others: PyPI ``Authlib``, over ``requests``.

No package speaks the OA calls of today: ``zalo-official-sdk`` 1.0.1 signs by an older scheme for a host that is gone,
``pyzalo`` and ``python-zalo-bot`` speak the Bot platform. The vendor's own SDK is PHP; its vectors are tests elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from aiohttp.test_utils import TestServer
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]

from hub.clock import RealClock
from hub.sandbox.app import create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.zalo.config import default_zalo

pytestmark = pytest.mark.fidelity

APP = default_zalo().apps[0]
BACK = "http://127.0.0.1/back"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with TestServer(create_sandbox(SandboxConfig(zalo=default_zalo()), RealClock())) as server:
        yield str(server.make_url("/zalo"))


def secret_in_a_header(client: Any, method: str, uri: str, headers: Any, body: str) -> tuple[str, Any, str]:
    """Zalo's own way to say who calls, as Authlib's extension point for it."""
    headers["secret_key"] = client.client_secret
    return uri, headers, body


def session() -> Any:
    made = OAuth2Session(
        APP.app_id, APP.secret_key, redirect_uri=BACK, code_challenge_method="S256", token_endpoint_auth_method="zalo"
    )
    made.register_client_auth_method(("zalo", secret_in_a_header))
    return made


def consent(client: Any, address: str) -> str:
    """The code an agreeing admin comes back with; Authlib makes state and challenge."""
    link, state = client.create_authorization_url(
        f"{address}/v4/oa/permission", code_verifier=VERIFIER, app_id=APP.app_id
    )
    answer = requests.get(link, allow_redirects=False, timeout=10)
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert told["state"] == [state]
    return told["code"][0]


def whole_flow(address: str) -> None:
    with session() as client:
        url = f"{address}/v4/oa/access_token"
        first = client.fetch_token(url, code=consent(client, address), code_verifier=VERIFIER, app_id=APP.app_id)
        assert first["expires_in"] == "90000"
        second = client.refresh_token(url, refresh_token=first["refresh_token"], body=f"app_id={APP.app_id}")
        assert second["refresh_token"] != first["refresh_token"]
        with pytest.raises(OAuthError) as spent:
            client.refresh_token(url, refresh_token=first["refresh_token"], body=f"app_id={APP.app_id}")
        assert spent.value.error == -14014
        told = requests.get(
            f"{address}/v2.0/oa/getoa", headers={"access_token": second["access_token"]}, timeout=10
        ).json()
        assert told["data"]["name"] == "Hợp tác xã Hai"


async def test_authlib_signs_in_with_pkce_and_refreshes_once(address: str) -> None:
    await asyncio.to_thread(whole_flow, address)


def wrong_verifier(address: str) -> None:
    with session() as client:
        code = consent(client, address)
        with pytest.raises(OAuthError) as refused:
            client.fetch_token(f"{address}/v4/oa/access_token", code=code, code_verifier="x" * 43, app_id=APP.app_id)
        assert refused.value.error == -14005


async def test_another_verifier_is_refused(address: str) -> None:
    await asyncio.to_thread(wrong_verifier, address)
