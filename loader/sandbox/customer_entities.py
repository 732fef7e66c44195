"""What the tenant keeps of a customer, and what it insists on (LoanPro reference 2.4)."""

from loader.sandbox.entities import CUSTOM, NOTE, OWNER, Entity, fields
from loader.sandbox.values import DATE, FLAG, INTEGER, MONEY, TEXT

ADDRESS = Entity(
    "Address",
    fields(
        {
            "address1 address2 city zipcode": TEXT,
            "geoLat geoLon": TEXT,
            "active isVerified isStandardized verify": FLAG,
        },
        {"state": "geo.state", "country": "company.country"},
    ),
    required={
        "address1": "Address",
        "city": "City",
        "state": "State",
        "zipcode": "Zipcode",
        "country": "Country",
    },
    defaults={"active": 1},
)
PHONE = Entity(
    "Phone",
    fields(
        {
            "phone carrierName": TEXT,
            "isPrimary isSecondary active carrierVerified isLandLine dndEnabled": FLAG,
        },
        {"type": "customer.phoneType"},
    ),
    required={"phone": "Phone"},
    ours=OWNER,
    defaults={"active": 1},
)
EMPLOYER = Entity(
    "CustomerEmployer",
    fields(
        {"companyName title phone": TEXT, "income": MONEY, "hireDate payDate": DATE},
        {
            "incomeFrequency": "customerEmployer.incomeFrequency",
            "payDateFrequency": "customerEmployer.payDateFrequency",
        },
    ),
    required={"companyName": "Company Name"},
    objects={"Address": ADDRESS},
)
REFERENCE = Entity(
    "CustomerReference",
    fields({"name primaryPhone secondaryPhone": TEXT}, {"relation": "customerReference.relation"}),
    required={"name": "Name"},
    objects={"Address": ADDRESS},
    ours=OWNER,
)
CUSTOMER = Entity(
    "Customer",
    fields(
        {
            "firstName lastName middleName companyName contactName ssn email status customId driverLicense": TEXT,
            "accessUserName accessPassword": TEXT,
            "birthDate": DATE,
            "creditLimit": MONEY,
            "creditScoreId mcId": INTEGER,
            "active hasAvatar ofacMatch ofacTested": FLAG,
        },
        {
            "customerType": "customer.type",
            "customerIdType": "customer.idType",
            "gender": "customer.gender",
            "generationCode": "customer.generationCode",
        },
    ),
    required={"email": "Email", "PrimaryAddress": "Primary Address", "MailAddress": "Mail Address"},
    objects={"PrimaryAddress": ADDRESS, "MailAddress": ADDRESS, "Employer": EMPLOYER},
    lists={"Phones": PHONE, "References": REFERENCE, "Notes": NOTE, **CUSTOM},
    ours=fields({"deleted": FLAG, "created lastUpdate": DATE}),
    defaults={"active": 1, "customerType": "customer.type.individual"},
)
