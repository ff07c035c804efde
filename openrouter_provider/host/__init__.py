"""What knows the inside of Pulumi's SDK; each module says what happens where that is gone."""
