"""Which models a key may call: slugs, prices, and the list that a ceiling of price leaves."""
