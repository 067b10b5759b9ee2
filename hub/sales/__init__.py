"""What was sold: orders, ledger, rollups, shares."""
