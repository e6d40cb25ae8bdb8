"""The unified social credit code (统一社会信用代码) and its check digit."""

_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18


def credit_code(text: object) -> bool:
    """Say whether a text is a unified social credit code: 18 characters, the last one the check digit.

    Source:
        GB 32100-2015: weights 3^(i-1) mod 31, check digit (31 - sum mod 31) mod 31.
    """
    if not isinstance(text, str) or len(text) != _LENGTH or any(char not in _DIGITS for char in text):
        return False
    total = sum(_DIGITS.index(char) * pow(3, n, 31) for n, char in enumerate(text[:-1]))
    return _DIGITS[(31 - total % 31) % 31] == text[-1]
