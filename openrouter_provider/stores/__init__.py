"""Where services read their keys: one module a store, each loaded only by a program that uses it."""
