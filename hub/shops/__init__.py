"""Where we sell: shops and their sealed credentials."""
