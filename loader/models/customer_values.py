"""The enumerations of a customer and what is nested in it (LoanPro reference 2.4)."""

from typing import Annotated, Literal

from loader.models.enumerations import Group

CustomerType = Annotated[
    Literal["customer.type.company", "customer.type.flooringCustomer", "customer.type.individual"],
    Group("customer.type"),
]
"""A person, a company, or a dealer on a floor plan."""

CustomerIdType = Annotated[
    Literal["customer.idType.employerNumber", "customer.idType.sin", "customer.idType.ssn"],
    Group(
        "customer.idType",
        {
            "employerNumber": "EIN of a company or flooring customer",
            "sin": "Canadian social insurance number",
            "ssn": "US social security number",
        },
    ),
]
"""What the number in `ssn` is."""

Gender = Annotated[
    Literal["customer.gender.female", "customer.gender.male", "customer.gender.unknown"],
    Group("customer.gender"),
]
"""As the customer states it."""

GenerationCode = Annotated[
    Literal[
        "customer.generationCode.ii",
        "customer.generationCode.iii",
        "customer.generationCode.iv",
        "customer.generationCode.ix",
        "customer.generationCode.jr",
        "customer.generationCode.none",
        "customer.generationCode.sr",
        "customer.generationCode.v",
        "customer.generationCode.vi",
        "customer.generationCode.vii",
        "customer.generationCode.viii",
    ],
    Group("customer.generationCode"),
]
"""Suffix of the name."""

Country = Annotated[Literal["company.country.usa", "company.country.can"], Group("company.country")]
"""The two countries that the reference lists; their values are lower case."""

State = Annotated[
    Literal[
        "geo.state.AA",
        "geo.state.AE",
        "geo.state.AK",
        "geo.state.AL",
        "geo.state.AP",
        "geo.state.AR",
        "geo.state.AS",
        "geo.state.AZ",
        "geo.state.CA",
        "geo.state.CO",
        "geo.state.CT",
        "geo.state.DC",
        "geo.state.DE",
        "geo.state.FL",
        "geo.state.FM",
        "geo.state.GA",
        "geo.state.GU",
        "geo.state.HI",
        "geo.state.IA",
        "geo.state.ID",
        "geo.state.IL",
        "geo.state.IN",
        "geo.state.KS",
        "geo.state.KY",
        "geo.state.LA",
        "geo.state.MA",
        "geo.state.MD",
        "geo.state.ME",
        "geo.state.MH",
        "geo.state.MI",
        "geo.state.MN",
        "geo.state.MO",
        "geo.state.MP",
        "geo.state.MS",
        "geo.state.MT",
        "geo.state.NC",
        "geo.state.ND",
        "geo.state.NE",
        "geo.state.NH",
        "geo.state.NJ",
        "geo.state.NM",
        "geo.state.NV",
        "geo.state.NY",
        "geo.state.OH",
        "geo.state.OK",
        "geo.state.OR",
        "geo.state.PA",
        "geo.state.PR",
        "geo.state.PW",
        "geo.state.RI",
        "geo.state.SC",
        "geo.state.SD",
        "geo.state.TN",
        "geo.state.TX",
        "geo.state.UT",
        "geo.state.VA",
        "geo.state.VI",
        "geo.state.VT",
        "geo.state.WA",
        "geo.state.WI",
        "geo.state.WV",
        "geo.state.WY",
    ],
    Group("geo.state"),
]
"""The 50 states, DC, territories and military addresses; Canadian provinces are not in the reference."""

PhoneType = Annotated[
    Literal[
        "customer.phoneType.cell",
        "customer.phoneType.cellSmartPhone",
        "customer.phoneType.fax",
        "customer.phoneType.home",
        "customer.phoneType.office",
        "customer.phoneType.other",
    ],
    Group("customer.phoneType"),
]
"""What kind of line it is."""

IncomeFrequency = Annotated[
    Literal[
        "customerEmployer.incomeFrequency.annually",
        "customerEmployer.incomeFrequency.monthly",
        "customerEmployer.incomeFrequency.semiMonthly",
        "customerEmployer.incomeFrequency.biWeekly",
        "customerEmployer.incomeFrequency.weekly",
    ],
    Group("customerEmployer.incomeFrequency"),
]
"""How often the stated income is earned."""

PayDateFrequency = Annotated[
    Literal[
        "customerEmployer.payDateFrequency.monthly",
        "customerEmployer.payDateFrequency.semiMonthly",
        "customerEmployer.payDateFrequency.biWeekly",
        "customerEmployer.payDateFrequency.weekly",
    ],
    Group("customerEmployer.payDateFrequency"),
]
"""How often the employer pays."""

Relation = Annotated[
    Literal[
        "customerReference.relation.brother",
        "customerReference.relation.coWorker",
        "customerReference.relation.daughter",
        "customerReference.relation.father",
        "customerReference.relation.friend",
        "customerReference.relation.husband",
        "customerReference.relation.mother",
        "customerReference.relation.sister",
        "customerReference.relation.son",
        "customerReference.relation.wife",
    ],
    Group("customerReference.relation"),
]
"""What the reference person is to the customer."""
