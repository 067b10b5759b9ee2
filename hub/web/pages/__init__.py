"""The pages people see: one module per noun, each handler parses the address, reads within the scope, renders."""

from types import ModuleType

from hub.web.pages import money, orders, overview, products, runs, shops

ALL: tuple[ModuleType, ...] = (overview, shops, orders, money, products, runs)
