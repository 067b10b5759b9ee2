"""Who uses the hub: how people come in and what they may see. Stores no passwords of anybody's."""
