"""People and platforms come in here: pages, API, webhooks. Server-rendered; no HTTP client."""
