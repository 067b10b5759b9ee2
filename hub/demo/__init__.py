"""``ocop-hub demo``: the whole loop on this machine, from a registry spreadsheet to revenue per channel."""
