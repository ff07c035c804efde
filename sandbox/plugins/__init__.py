"""What the stand-ins for provider plugins share: Pulumi's provider protocol over tables of resource types."""
