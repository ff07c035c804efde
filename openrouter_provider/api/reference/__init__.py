"""What the API tells and nobody manages: models, who serves them, presets, and what was used."""
