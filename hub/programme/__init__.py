"""What the office tracks: indicators and reports."""
