"""Services go from one stack to another: their resources in both states, their settings in both config files."""
