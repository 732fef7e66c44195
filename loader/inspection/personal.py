"""Which columns tell who people are and where they live: their headers say so, or what stands in them."""

import re
from collections.abc import Sequence
from typing import Final

from loader.masking import names_sensitive

_WORD: Final = re.compile(r"[^\W\d_]+")
_HUMP: Final = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# In English, German, Spanish and French. Each stands for the column wherever it is among the words of a header.
_TELLING: Final = _words(
    "name names firstname lastname middlename maidenname fullname fname lname mname surname forename given",
    "mail email emailaddress phone phones telephone tel mobile cell cellphone cellular fax",
    "street street1 address addresses addr address1 city town zip zipcode postal postcode residence",
    "vorname nachname familienname zuname strasse straße hausnummer anschrift adresse wohnort ort stadt plz postleitzahl",
    "telefon handy mobil mobilnummer telefonnummer rufnummer geburtsdatum geburtstag geburtsname geburtsort geboren",
    "nombre nombres apellido apellidos calle direccion dirección domicilio ciudad correo telefono teléfono movil móvil nacimiento",
    "nom prenom prénom rue ville courriel téléphone naissance",
)
_OF_NO_PERSON: Final = _words(
    "product program branch portfolio lender bank company employer dealer file sheet template loan"
)
_NAME: Final = frozenset({"name", "names", "nom", "nombre"})
# These stand for a person where the header holds nothing else: `Borrower No` and `Customer Type` name none.
_PERSONS: Final = _words(
    "first last middle borrower coborrower customer client debtor obligor applicant guarantor cosigner contact spouse member person",
    "primary secondary co joint kunde schuldner kreditnehmer bürge cliente deudor emprunteur",
)

# Their words are few and needed for the choices of a template, however many there are.
_CHOICES: Final = _words("state st province country status type class frequency freq currency product")

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE: Final = re.compile(r"(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,5}\)|\d{3})[ ./-]\d{3,4}[ .-]\d{3,4}")
_LETTERS: Final = re.compile(r"[^\W\d_][^\W\d_'\u2019.-]{2,}")
_CHOICES_AT_MOST: Final = 30
_FEW: Final = 5


def header_tells_person(header: str) -> bool:
    """
    True for the header of a column that holds personal data, secrets, or people's names, addresses, telephones or e-mail addresses.

    Such as `SSN`, `First Name`, `borrowerEmail`, `Cell Phone`, `Straße` or `Borrower`; not `Borrower No` or `Product Name`.
    """
    words = _header_words(header)
    telling = words & _TELLING
    if telling <= _NAME and words & _OF_NO_PERSON:
        telling = set()
    numbered = bool(re.search(r"\d|#", header))
    return bool(telling) or names_sensitive(header) or (bool(words) and words <= _PERSONS and not numbered)


def _header_words(header: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(_HUMP.sub(" ", header))}


def texts_tell_person(header: str, examples: Sequence[str], distinct: int, filled: int) -> bool:
    """
    True for a column of text that may tell who people are, whatever its header says.

    E-mail addresses and telephone numbers are known by their shape. Names, streets and remarks are only known to be free text: words,
    nearly all of them different, where a column of choices repeats a few.

    Args:
        header: Of the column. Without one, no more than a few words are taken for choices; one such as `State` says that they are.
        examples: Some different texts of the column.
        distinct: How many different texts there are.
        filled: How many cells are not blank.
    """
    if any(_EMAIL.search(text) or _PHONE.fullmatch(text) for text in examples):
        return True
    if not _header_words(header).isdisjoint(_CHOICES):
        return False
    most = _CHOICES_AT_MOST if header else _FEW
    many = distinct > most or (distinct > _FEW and 2 * distinct > filled)
    return many and any(_LETTERS.fullmatch(word) for text in examples for word in text.split())
