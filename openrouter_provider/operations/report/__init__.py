"""What the services have spent, as text, JSON, CSV or a page."""
