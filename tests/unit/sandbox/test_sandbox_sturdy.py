"""Whatever is sent, the tenant answers: by content or by a refusal, never by a failure of its own."""

import asyncio
import contextlib
import json
import os
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.sandbox.app import LoopbackOnly
from loader.sandbox.refusals import Refusal

_ENDURING = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None
)
_KEYS = st.sampled_from(
    [
        *(
            "displayId",
            "LoanSetup",
            "LoanSettings",
            "Customers",
            "Payments",
            "Collateral",
            "results",
            "__id",
            "vin",
        ),
        *(
            "__update",
            "__destroy",
            "__metadata",
            "uri",
            "loanAmount",
            "contractDate",
            "loanClass",
            "amount",
            "date",
        ),
        *(
            "CustomFieldValues",
            "customFieldId",
            "PrimaryAddress",
            "Phones",
            "phone",
            "email",
            "ssn",
            "birthDate",
        ),
        *(
            "query",
            "bool",
            "must",
            "should",
            "match",
            "query_string",
            "fields",
            "default_operator",
            "firstName",
        ),
        *(
            "active",
            "archived",
            "customerType",
            "MailAddress",
            "address1",
            "state",
            "__ignoreWarnings",
            "Insurance",
        ),
    ]
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["loan.class.consumer", "2021-05-12", "0001-01-01", "1E+999999", "NaN", "*", '"', "a* AND -b"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=25,
)


@_ENDURING
@given(payload=st.dictionaries(_KEYS, _JSON, max_size=6), path=st.sampled_from(["Loans", "Customers"]))
def test_no_payload_breaks_the_tenant(desk, payloads, payload, path):
    """Create and change with any JSON whatever under the names that mean something, alone and in a good payload."""
    good = payloads.loan() if path == "Loans" else payloads.customer(3)
    with contextlib.suppress(Refusal):
        desk.ask(
            "POST", f"odata.svc/{path}", json.dumps({**good, **payload, "__ignoreWarnings": True}).encode()
        )
    for method, address in (
        ("POST", f"odata.svc/{path}"),
        ("PUT", f"odata.svc/{path}({_known(desk, path)})"),
    ):
        with contextlib.suppress(Refusal):
            desk.ask(method, address, json.dumps(payload).encode())
    desk.ask(
        "GET", f"odata.svc/{path}", query="$top=3&$expand=" + ("Payments" if path == "Loans" else "Phones")
    )


def _known(desk, path):
    page = desk.ask("GET", f"odata.svc/{path}", query="$top=1")["results"]
    return page[0]["id"] if page else (desk.loan() if path == "Loans" else desk.customer())["id"]


@_ENDURING
@given(query=_JSON, name=st.sampled_from(["Loans", "Customers"]))
def test_no_search_breaks_the_tenant(desk, query, name):
    """Any JSON as a query, and any text in the fields that are searched."""
    _known(desk, name)
    bodies = [{"query": query}, {"query": {"query_string": {"query": str(query)}}}]
    bodies.append({"query": {"match": {"displayId": query}}})
    for body in bodies:
        with contextlib.suppress(Refusal):
            desk.ask("POST", f"{name}/Autopal.Search()", body)


_WORDS = [
    "displayId",
    "eq",
    "ne",
    "gt",
    "and",
    "or",
    "not",
    "(",
    ")",
    ",",
    "'x'",
    "5",
    "9" * 30,
    "datetime'2021-01-01'",
]
_WORDS += [
    "null",
    "true",
    "startswith",
    "substringof",
    "LoanSetup/loanAmount",
    "id",
    "'NaN'",
    "created",
    "''",
    "/",
]


@_ENDURING
@given(words=st.lists(st.sampled_from(_WORDS) | st.text(max_size=4), max_size=12))
def test_no_filter_breaks_the_tenant(desk, words):
    """Any row of words is a condition or a refusal."""
    with contextlib.suppress(Refusal):
        desk.ask(
            "GET", "odata.svc/Loans", query="$filter=" + quote(" ".join(words).encode("utf-8", "replace"))
        )


@pytest.mark.parametrize("path", [f"odata.svc/Loans({'9' * 30})", f"Loans({'9' * 30})/AutoPal.Activate()"])
def test_an_id_beyond_all_bounds_is_no_endpoint(desk, path):
    """A number that no record can have is a 404, in every family of paths."""
    assert desk.refused("POST", path).status == 404


@pytest.mark.parametrize(
    ("client", "status"), [("127.0.0.1", 200), ("127.9.9.9", 200), ("192.0.2.7", 403), (None, 403)]
)
def test_only_this_machine_is_answered(client, status):
    """Whoever comes from elsewhere gets 403, however the application is served."""
    sent = []

    async def inner(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "client": client and (client, 1), "method": "GET", "headers": []}
    asyncio.run(LoopbackOnly(inner)(scope, None, send))
    assert sent[0]["status"] == status


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_the_file_is_for_its_owner_alone(desk):
    """What is submitted to a sandbox may be real."""
    assert desk.store.path.stat().st_mode & 0o077 == 0
