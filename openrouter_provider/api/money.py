"""How an amount of money is written: everywhere the same."""


def usd(amount: float | None) -> str:
    """Return an amount in USD for people, to the cent; none is a dash.

    >>> usd(50), usd(-0.5), usd(1234.5), usd(-0.001), usd(None)
    ('$50.00', '-$0.50', '$1,234.50', '$0.00', '-')
    """
    if amount is None:
        return "-"
    text = f"{abs(amount):,.2f}"
    return f"-${text}" if amount < 0 and text != "0.00" else f"${text}"
