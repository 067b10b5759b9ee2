"""A pretend Lazada for Vietnam, read from the platform's documentation apart from the connector."""

from hub.sandbox.lazada.config import LazadaApp, LazadaConfig, LazadaShop, default_lazada
from hub.sandbox.lazada.platform import Lazada, lazada

__all__ = ["Lazada", "LazadaApp", "LazadaConfig", "LazadaShop", "default_lazada", "lazada"]
