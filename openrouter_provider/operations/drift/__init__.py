"""What changed behind Pulumi's back, or is not as the config wants it; nothing here writes."""
