"""States and countries as people write them, and LoanPro's values for them (LoanPro reference 2.4)."""

import re

STATE_NAMES = {
    "AA": "Armed Forces Americas", "AE": "Armed Forces Europe", "AK": "Alaska", "AL": "Alabama",
    "AP": "Armed Forces Pacific", "AR": "Arkansas", "AS": "American Samoa", "AZ": "Arizona", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DC": "District of Columbia", "DE": "Delaware", "FL": "Florida",
    "FM": "Federated States of Micronesia", "GA": "Georgia", "GU": "Guam", "HI": "Hawaii", "IA": "Iowa",
    "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MH": "Marshall Islands", "MI": "Michigan",
    "MN": "Minnesota", "MO": "Missouri", "MP": "Northern Mariana Islands", "MS": "Mississippi", "MT": "Montana",
    "NC": "North Carolina", "ND": "North Dakota", "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "PR": "Puerto Rico", "PW": "Palau", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia", "VI": "Virgin Islands",
    "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}  # fmt: skip
"""Names by the codes of the United States Postal Service (Publication 28, appendix B)."""

COUNTRY_NAMES = {"usa": "United States", "can": "Canada"}
"""The two countries that LoanPro's reference lists, by the ending of their value."""

_OTHER_STATE_NAMES = {
    "washington dc": "DC",
    "micronesia": "FM",
    "republic of palau": "PW",
    "republic of the marshall islands": "MH",
    "commonwealth of the northern mariana islands": "MP",
    "us virgin islands": "VI",
    "united states virgin islands": "VI",
}
_OTHER_COUNTRY_NAMES = {
    "us": "usa",
    "usa": "usa",
    "840": "usa",
    "united states of america": "usa",
    "ca": "can",
    "can": "can",
    "124": "can",
}


def _folded(text: str) -> str:
    """Lower case, without full stops, commas and doubled spaces: `Washington,  D.C.` is `washington dc`."""
    return " ".join(re.sub(r"[.,]", "", text).casefold().split())


_STATES = (
    {code.casefold(): code for code in STATE_NAMES}
    | {_folded(name): code for code, name in STATE_NAMES.items()}
    | {f"geostate{code.casefold()}": code for code in STATE_NAMES}
    | _OTHER_STATE_NAMES
)
_COUNTRIES = (
    {_folded(name): ending for ending, name in COUNTRY_NAMES.items()}
    | {f"companycountry{ending}": ending for ending in COUNTRY_NAMES}
    | _OTHER_COUNTRY_NAMES
)


def state(text: str) -> str | None:
    """LoanPro's value for a state's code or name, or for the value itself, in any case; None if there is none."""
    code = _STATES.get(_folded(text))
    return None if code is None else f"geo.state.{code}"


def country(text: str) -> str | None:
    """LoanPro's value for a country's code or name, or for the value itself, in any case; None if there is none."""
    ending = _COUNTRIES.get(_folded(text))
    return None if ending is None else f"company.country.{ending}"
