"""Pretend platforms: strict, remembering, with their own reading of the platforms' documents."""
