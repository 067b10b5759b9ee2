"""OCOP Hub: one catalogue of certified products, kept in step with every channel."""

__version__ = "0.1.0"
