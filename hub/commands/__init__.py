"""What a person types. Each command: read settings, call one function, print what came of it."""
