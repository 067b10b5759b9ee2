"""A pretend Tiki: OAuth, product requests that are reviewed, orders, an event queue. Knows no connector."""

from hub.sandbox.tiki.config import TikiApp, TikiConfig, TikiShop
from hub.sandbox.tiki.platform import Tiki, tiki
from hub.sandbox.tiki.shop import TikiSandboxShop

__all__ = ["Tiki", "TikiApp", "TikiConfig", "TikiSandboxShop", "TikiShop", "tiki"]
