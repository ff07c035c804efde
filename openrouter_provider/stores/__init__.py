"""Where services read their keys: what stores have in common; each of them is a module of `known`."""
