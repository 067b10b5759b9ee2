"""Migrations, forward only. Run by :mod:`hub.migrate`; written by hand, checked against the tables by a test."""
