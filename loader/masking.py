"""Hides secrets and personal data in whatever may be shown, logged or kept."""

import re
from collections.abc import Iterable

_SSN = re.compile(r"(?<![\d.])(?:\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}|\d{9})(?![\d.])")
_CARD_OR_ACCOUNT = re.compile(r"(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d.])")
_BEARER = re.compile(r"(?i)\bbearer\s+[^\s\"',}]+")
_NAMED = re.compile(
    r"(?i)(\"?\b(?:ssn|birthDate|accessPassword|accessUserName|accountNumber|driverLicense|password|token)\b\"?\s*[:=]\s*)"
    r"(\"[^\"]*\"|[^\s,;}&]+)"
)
_SENSITIVE_NAME = re.compile(
    r"ssn|social|birth|\bborn\b|\bdob\b|\b(?:sin|tin|itin|ein|pin|cvv|cvc|iban|aba)\b|tax ?id|tax ?no|tax ?num|acc(?:oun)?t|"
    r"routing|\bcards?\b|passport|licen[cs]e|passw|secret|token|credential|log ?in|user ?name|policy"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

HIDDEN = "***"
_RECOGNISABLE_LENGTH = 6
_SHORTEST_SECRET = 4


def masked(value: str) -> str:
    """A sensitive value for a person who must recognise it: the last two characters of six or more, else none."""
    return HIDDEN + value[-2:] if len(value) >= _RECOGNISABLE_LENGTH else HIDDEN


def masked_text(text: str, secrets: Iterable[str] = ()) -> str:
    """
    Foreign text with everything in it hidden that must not be shown.

    Hidden are the given values wherever they occur, whatever looks like a social security, card or account
    number, a bearer token, and the values of fields with a telling name.

    Args:
        text: A message of the service or of a library.
        secrets: Values known to be sensitive in this place; shorter ones than four characters are passed over,
            since they would hide half of any sentence.
    """
    for secret in sorted((s for s in secrets if len(s) >= _SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _BEARER.sub(f"Bearer {HIDDEN}", text)
    text = _NAMED.sub(rf"\g<1>{HIDDEN}", text)
    text = _CARD_OR_ACCOUNT.sub(HIDDEN, text)
    return _SSN.sub(HIDDEN, text)


def names_sensitive(header: str) -> bool:
    """
    True for the header of a column that may hold personal data or a secret, such as `Borrower_SSN`, `DOB` or `accountNumber`.

    Known are the fields that LoanPro's reference marks so, in the words that people use for them; other personal data such as names is
    not among them.
    """
    words = " ".join(_WORD.findall(header.replace(".", "")))
    return _SENSITIVE_NAME.search(words.casefold()) is not None


def looks_sensitive(text: str) -> bool:
    """True for a value that looks like personal data, whatever column it stands in."""
    return masked_text(text) != text
