"""Lists, query options, filters and searches (LoanPro reference 1.5 and 7)."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.sandbox.searching import Searcher


def found(desk, text, name="Loans"):
    return [
        item["id"] for item in desk.ask("GET", f"odata.svc/{name}", query="$filter=" + quote(text))["results"]
    ]


def test_a_page_has_fifty_records_and_says_so(desk):
    """`d.results` and `d.summary`; $skip and $top and nopaging move the window."""
    keys = [desk.loan(f"L{number}")["id"] for number in range(55)]
    first = desk.ask("GET", "odata.svc/Loans")
    assert [item["id"] for item in first["results"]] == keys[:50]
    assert first["summary"] == {"start": 0, "pageSize": 50, "total": 55}
    rest = desk.ask("GET", "odata.svc/Loans()", query="$skip=50&$top=3&$orderby=id%20asc")
    assert [item["id"] for item in rest["results"]] == keys[50:53]
    assert len(desk.ask("GET", "odata.svc/Loans", query="nopaging")["results"]) == 55
    assert len(desk.ask("GET", "odata.svc/Loans", query="nopaging=true")["results"]) == 55


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("displayId eq 'A-1'", [0]),
        ("displayId eq 'O''Hara'", [2]),
        ("'A-1' eq displayId", [0]),
        ("displayId eq 'a-1'", []),
        ("displayId ne 'A-1'", [1, 2]),
        ("startswith(displayId,'A-')", [0, 1]),
        ("substringof('Hara', displayId) eq true", [2]),
        ("endswith(displayId, '-2')", [1]),
        ("not startswith(displayId,'A-')", [2]),
        ("LoanSetup/loanAmount gt 100.10 and LoanSetup/loanAmount le 100.20", [1]),
        ("LoanSetup/loanAmount eq 100.1", [0]),
        ("(displayId eq 'A-1' or displayId eq 'A-2') and not (displayId eq 'A-2')", [0]),
        ("LoanSetup/contractDate ge datetime'2021-01-01T00:00:00'", [0, 1, 2]),
        ("LoanSetup/contractDate lt datetime'2021-05-12'", []),
        ("loanAlert eq null and archived eq 0", [0, 1, 2]),
        ("deleted eq false", [0, 1, 2]),
    ],
)
def test_filters_find_what_they_say(desk, text, hits):
    """Operators, functions, literals and paths of the documented `$filter`."""
    keys = [
        desk.loan("A-1", setup={"loanAmount": "100.10"})["id"],
        desk.loan("A-2", setup={"loanAmount": "100.20"})["id"],
        desk.loan("O'Hara", setup={"loanAmount": "0.10"})["id"],
    ]
    assert found(desk, text) == [keys[hit] for hit in hits]


@pytest.mark.parametrize(
    "text",
    [
        "displayId",
        "displayId eq",
        "displayId like 'x'",
        "number eq 5",
        "displayId eq 'x",
        "displayId eq 'x' and",
        "(displayId eq 'x'",
        "displayId eq 'x')",
        "'a' eq 'b'",
        "id eq 'x'",
        "LoanSetup/contractDate gt datetime'yesterday'",
        "toupper(displayId) eq 'X'",
        "displayId eq 'x'; DROP TABLE loans",
        "(" * 500,
    ],
)
def test_a_filter_that_is_not_understood_is_refused(desk, text):
    """409, with the message as a list; never a guess."""
    refusal = desk.refused("GET", "odata.svc/Loans", query="$filter=" + quote(text))
    assert (refusal.status, refusal.reason) == (409, "query")
    assert isinstance(refusal.body["error"]["message"], list)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(display_id=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20))
def test_any_display_id_is_found_by_itself_alone(desk, display_id):
    """Quoting holds for whatever text a lender uses."""
    loan = desk.loan(display_id)["id"]
    quoted = display_id.replace("'", "''")
    assert found(desk, f"displayId eq '{quoted}'") == [loan]
    desk.ask("DELETE", f"odata.svc/Loans({loan})")


def test_order_select_and_expand(desk):
    """A list can be sorted by a number inside, trimmed, and deepened with a slash."""
    for display_id, amount in (("a", "9.00"), ("b", "10.00"), ("c", "-1.00")):
        desk.loan(display_id, setup={"loanAmount": amount})
    read = desk.ask(
        "GET", "odata.svc/Loans", query="$orderby=LoanSetup/loanAmount desc&$select=displayId,settingsId"
    )
    assert [item["displayId"] for item in read["results"]] == ["b", "a", "c"]
    assert read["results"][0].keys() == {"__metadata", "displayId", "settingsId"}
    deep = desk.ask("GET", "odata.svc/Loans", query="$expand=LoanSetup/CustomFieldValues,Payments&$top=1")
    assert deep["results"][0]["LoanSetup"]["CustomFieldValues"] == {"results": []}
    assert deep["results"][0]["Payments"] == {"results": []}
    for query in ("$expand=Wheels", "$select=colour", "$orderby=id up", "$top=many", "$compute=1"):
        assert desk.refused("GET", "odata.svc/Loans", query=query).reason == "query"


def test_nopaging_expands_to_bare_arrays(desk):
    """As observed with customers and their loans (LoanPro reference 1.6)."""
    customer = desk.customer(1)["id"]
    loan = desk.loan(Customers={"results": [{"__id": customer}]})["id"]
    read = desk.ask("GET", f"odata.svc/Customers({customer})", query="$expand=Loans&nopaging=true")
    assert [item["id"] for item in read["Loans"]] == [loan]


def search(desk, query, name="Customers", options=""):
    body = {"query": query} if query else {}
    answer = desk.ask("POST", f"{name}/Autopal.Search()", body, options)
    return [item.get("customId", item.get("displayId")) for item in answer["results"]]


def test_a_customer_is_found_by_number_or_name(desk):
    """query_string over fields, as the help page shows it (LoanPro reference 7)."""
    desk.customer(1)
    desk.customer(2, firstName="Grace", lastName="Hopper")

    def by(query, *fields, operator="AND"):
        return search(
            desk, {"query_string": {"query": query, "fields": fields, "default_operator": operator}}
        )

    assert by("000000002", "ssn") == ["B-0002"]
    assert by("B-0001", "customId") == ["B-0001"]
    assert by("grace hopper", "customerName") == ["B-0002"]
    assert by("grace byron", "customerName") == []
    assert by("grace byron", "customerName", operator="OR") == ["B-0001", "B-0002"]
    assert by("Hop*", "customerName", "email") == ["B-0002"]
    assert by("*oppe*", "customerName") == ["B-0002"]
    assert by("x", "shoeSize") == []
    assert by("1", "ssn") == []


def test_bool_clauses_join(desk):
    """must, should and must_not; a match finds any of its words, so it may find too much."""
    for number in (1, 2, 3):
        desk.loan(f"L-{number}")
    must = {"bool": {"must": [{"match": {"displayId": "L-1"}}]}}
    assert search(desk, must, "Loans") == ["L-1", "L-2", "L-3"]
    exact = {"bool": {"must": [{"match_phrase": {"displayId": "L-1"}}]}}
    assert search(desk, exact, "Loans") == ["L-1"]
    either = {"bool": {"should": [{"match": {"displayId": "1"}}, {"match": {"displayId": "2"}}]}}
    assert search(desk, either, "Loans") == ["L-1", "L-2"]
    without = {"bool": {"must": [{"match": {"displayId": "L"}}], "must_not": {"match": {"displayId": "2"}}}}
    assert search(desk, without, "Loans") == ["L-1", "L-3"]


def test_searches_page_by_ten_from_start(desk):
    """Ten by default, `$start` instead of `$skip` (LoanPro reference 1.5)."""
    for number in range(12):
        desk.loan(f"L{number:02}")
    assert search(desk, None, "Loans") == [f"L{number:02}" for number in range(10)]
    assert search(desk, None, "Loans", "$top=25&$start=10&$orderby=id%20asc") == ["L10", "L11"]


@pytest.mark.parametrize(
    "query", ["x", {"a": 1}, {"match": "x"}, {"bool": {"maybe": []}}, {"match": {}, "term": {}}]
)
def test_a_search_that_is_not_understood_is_refused(desk, query):
    """409, never everything."""
    assert desk.refused("POST", "Loans/Autopal.Search()", {"query": query}).reason == "query"


def test_a_new_loan_is_invisible_to_searches_until_the_lag_is_over(desk):
    """OData knows it at once, the index later; a change is no new record but waits too."""
    desk.router._searcher = Searcher(desk.store, desk.router._reader, desk.clock, 5.0)
    desk.loan("L1")
    assert search(desk, None, "Loans") == []
    assert len(desk.ask("GET", "odata.svc/Loans")["results"]) == 1
    desk.clock.seconds += 5
    assert search(desk, None, "Loans") == ["L1"]


def test_customers_of_one_day_and_of_one_number(desk):
    """Birth dates by their bounds; the search knows the number, and a part of it is another number."""
    born = [
        desk.customer(n, ssn=f"91283746{n}", birthDate=day)["id"]
        for n, day in enumerate(("1961-07-22", "1961-07-23", "1961-07-24"))
    ]
    one_day = "birthDate ge datetime'1961-07-23T00:00:00' and birthDate lt datetime'1961-07-24T00:00:00'"
    assert found(desk, one_day, "Customers") == born[1:2]

    def searched(number):
        wanted = {"query_string": {"query": number, "default_operator": "AND", "fields": ["ssn"]}}
        answer = desk.ask("POST", "Customers/Autopal.Search()", {"query": {"bool": {"must": [wanted]}}})
        return [(item["id"], item["ssn"], item["birthDate"]) for item in answer["results"]]

    assert searched("912837461") == [(born[1], "912837461", "/Date(-266457600)/")]
    assert searched("91283746") == []
