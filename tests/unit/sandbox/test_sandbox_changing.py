"""PUT, DELETE and the actions of a loan (LoanPro reference 2)."""

import pytest

PAYMENT = {"amount": 100, "date": "2021-07-01", "info": "July", "paymentMethodId": 2, "paymentTypeId": 1}


def test_a_customer_is_linked_by_id_or_by_metadata(desk):
    """Both documented shapes write the link with its role (LoanPro reference 2.5)."""
    first, second = desk.customer(1)["id"], desk.customer(2)["id"]
    loan = desk.loan(Customers={"results": [{"__id": first, "__setLoanRole": "loan.customerRole.primary"}]})
    uri = f"/api/1/odata.svc/Customers(id={second})"
    link = {
        "__metadata": {"uri": uri, "type": "Entity.Customer"},
        "__setLoanRole": "loan.customerRole.secondary",
    }
    desk.ask("PUT", f"odata.svc/Loans({loan['id']})", {"Customers": {"results": [link]}})
    read = desk.ask("GET", f"odata.svc/Loans({loan['id']})", query="$expand=Customers")
    assert {item["id"]: item["loanRole"] for item in read["Customers"]["results"]} == {
        first: "loan.customerRole.primary",
        second: "loan.customerRole.secondary",
    }


@pytest.mark.parametrize(
    "links",
    [{"results": [{"customerId": 5001, "isPrimary": True}]}, [{"__id": 5001}], {"__id": 5001}, None],
)
def test_a_made_up_link_answers_and_writes_nothing(desk, links):
    """The silent-drop trap (LoanPro reference 1.7)."""
    assert desk.customer(1)["id"] == 5001
    loan = desk.loan()
    assert desk.ask("PUT", f"odata.svc/Loans({loan['id']})", {"Customers": links})["id"] == loan["id"]
    read = desk.ask("GET", f"odata.svc/Loans({loan['id']})", query="$expand=Customers")
    assert read["Customers"]["results"] == []


def test_a_link_to_nobody_is_refused(desk):
    """A customer that does not exist is a 409."""
    loan = desk.loan()
    refusal = desk.refused("PUT", f"odata.svc/Loans({loan['id']})", {"Customers": {"results": [{"__id": 9}]}})
    assert (refusal.status, refusal.body) == (409, {"error": {"message": "Customers(9) does not exist"}})


def test_destroy_takes_the_link_and_leaves_the_customer(desk):
    """`__destroy` unlinks (LoanPro reference 1.7)."""
    customer = desk.customer(1)["id"]
    loan = desk.loan(Customers={"results": [{"__id": customer}]})["id"]
    desk.ask(
        "PUT", f"odata.svc/Loans({loan})", {"Customers": {"results": [{"__id": customer, "__destroy": True}]}}
    )
    assert desk.ask("GET", f"odata.svc/Loans({loan})/Customers")["results"] == []
    assert desk.ask("GET", f"odata.svc/Customers({customer})")["id"] == customer


def test_payments_are_added_each_time_they_are_put(desk):
    """A PUT that adds is not repeatable: the same payment twice is two payments (LoanPro reference 4.5)."""
    loan = desk.loan()["id"]
    for _ in range(2):
        answer = desk.ask("PUT", f"odata.svc/Loans({loan})", {"Payments": {"results": [PAYMENT]}})
        assert answer["__metadata"]["type"] == "Entity.Loan"
    found = desk.ask("GET", "odata.svc/Payments", query=f"$filter=entityId eq {loan}")
    assert [payment["amount"] for payment in found["results"]] == ["100.00", "100.00"]
    assert found["results"][0]["date"] == "/Date(1625097600)/"


def test_a_nested_record_changes_and_goes_by_its_id(desk):
    """`__id` with `__update` changes, with `__destroy` removes (LoanPro reference 1.7)."""
    loan = desk.loan(Payments={"results": [PAYMENT]})["id"]
    key = desk.ask("GET", f"odata.svc/Loans({loan})/Payments")["results"][0]["id"]
    path = f"odata.svc/Loans({loan})"
    desk.ask("PUT", path, {"Payments": {"results": [{"__id": key, "__update": True, "amount": "99.99"}]}})
    assert [item["amount"] for item in desk.ask("GET", f"{path}/Payments")["results"]] == ["99.99"]
    desk.ask("PUT", path, {"Payments": {"results": [{"__id": key, "__destroy": True}]}})
    assert desk.ask("GET", f"{path}/Payments")["results"] == []


def test_the_setup_changes_by_its_id_and_not_while_active(desk):
    """`__id` and `__update` are needed; an active loan refuses (LoanPro reference 2.2)."""
    loan = desk.loan()
    path = f"odata.svc/Loans({loan['id']})"
    change = {"LoanSetup": {"__id": loan["setupId"], "__update": True, "loanTerm": 48}}
    assert desk.refused("PUT", path, {"LoanSetup": {"loanTerm": 48}}).reason == "invalid"
    desk.ask("PUT", path, change)
    assert desk.ask("GET", f"{path}/LoanSetup")["loanTerm"] == "48"
    desk.ask("POST", f"Loans({loan['id']})/AutoPal.Activate()")
    refusal = desk.refused("PUT", path, change)
    assert (refusal.status, refusal.reason) == (409, "state")
    desk.ask("PUT", path, {"LoanSetup": {"__id": loan["setupId"], "__update": True, "active": 0}})
    assert desk.ask("PUT", path, change)["id"] == loan["id"]


def test_activation_says_whether_it_was_needed(desk):
    """True the first time, false the second (LoanPro reference 2.12)."""
    loan = desk.loan()["id"]
    path = f"Loans({loan})/AutoPal.Activate()"
    assert desk.ask("POST", path) == {"success": True}
    assert desk.ask("POST", path, {"__ignoreWarnings": True}) == {"success": False}


def test_a_modification_lets_the_setup_of_an_active_loan_change(desk):
    """LoanPro reference 2.12."""
    loan = desk.loan()
    desk.ask("POST", f"Loans({loan['id']})/AutoPal.Activate()")
    assert desk.ask("POST", f"Loans({loan['id']})/Autopal.CreateModification()") == {"success": True}
    change = {"LoanSetup": {"__id": loan["setupId"], "__update": True, "loanTerm": 48}}
    assert desk.ask("PUT", f"odata.svc/Loans({loan['id']})", change)["modTotal"] == 1


def test_custom_fields_live_in_the_settings(desk):
    """Added, then changed by their own id; 255 characters at most (LoanPro reference 2.11)."""
    loan = desk.loan()
    path = f"odata.svc/Loans({loan['id']})"

    def put(*fields):
        settings = {
            "__id": loan["settingsId"],
            "__update": True,
            "CustomFieldValues": {"results": list(fields)},
        }
        return {"LoanSettings": settings}

    desk.ask("PUT", path, put({"customFieldId": 7, "customFieldValue": "one"}))
    read = desk.ask("GET", path, query="$expand=LoanSettings/CustomFieldValues")
    (value,) = read["LoanSettings"]["CustomFieldValues"]["results"]
    assert (value["customFieldId"], value["customFieldValue"]) == (7, "one")
    desk.ask("PUT", path, put({"__id": value["id"], "__update": True, "customFieldValue": "two"}))
    read = desk.ask("GET", path, query="$expand=LoanSettings/CustomFieldValues")
    assert [item["customFieldValue"] for item in read["LoanSettings"]["CustomFieldValues"]["results"]] == [
        "two"
    ]
    assert (
        desk.refused("PUT", path, put({"customFieldId": 7, "customFieldValue": "x" * 256})).reason
        == "invalid"
    )


def test_an_archived_loan_is_resurrected_before_it_is_deleted(desk):
    """LoanPro reference 2.13."""
    loan = desk.loan("L1")["id"]
    path = f"odata.svc/Loans({loan})"
    assert desk.ask("PUT", path, {"archived": 1})["archived"] == 1
    assert desk.refused("DELETE", path).reason == "state"
    desk.ask("PUT", path, {"archived": 0})
    assert desk.ask("DELETE", path)["deleted"] == 1
    assert desk.ask("GET", path)["deleted"] == 1
    assert desk.ask("GET", "odata.svc/Loans")["results"] == []
    assert desk.loan("L1")["id"] != loan


@pytest.mark.parametrize("path", ["odata.svc/Loans(9)", "odata.svc/Loans(id=9)", "odata.svc/Customers(-1)"])
def test_a_record_that_is_not_there(desk, path):
    """GET answers 200 with an error body, a change 409 with the error inside `d` (LoanPro reference 4.2)."""
    name = path.split("/")[1].split("(")[0]
    message = {"lang": "en-US", "value": f"Resource not found for the segment '{name}'"}
    read = desk.refused("GET", path)
    assert (read.status, read.body["error"]["message"]) == (200, message)
    changed = desk.refused("PUT", path, {})
    assert (changed.status, changed.body["d"]["error"]["message"]) == (409, message)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "odata.svc/Loan(1)"),
        ("POST", "odata.svc/Payments"),
        ("GET", "Loans(1)/AutoPal.Activate()"),
        ("POST", "Loans(1)/AutoPal.Explode()"),
        ("PATCH", "odata.svc/Loans(1)"),
        ("GET", ""),
    ],
)
def test_a_wrong_endpoint_is_a_404(desk, method, path):
    """LoanPro reference 4.1."""
    refusal = desk.refused(method, path, {})
    assert (refusal.status, refusal.body["code"]) == (404, "404-CN0002")


def test_a_changed_email_warns_and_an_unchanged_one_does_not(desk):
    """A customer is no duplicate of itself."""
    first, second = desk.customer(1)["id"], desk.customer(2)["id"]
    assert desk.ask("PUT", f"odata.svc/Customers({first})", {"email": "ada1@example.com", "firstName": "A."})[
        "id"
    ]
    refusal = desk.refused("PUT", f"odata.svc/Customers({second})", {"email": "ada1@example.com"})
    assert refusal.body["warnings"] == ["A customer with this email already exists"]
    assert desk.ask("GET", f"odata.svc/Customers({second})")["email"] == "ada2@example.com"


def test_the_values_of_an_enumeration_can_be_asked_for(desk):
    """`collections(<group>)/items` (LoanPro reference 1.9)."""
    found = desk.ask("GET", "collections(loan.class)/items")["results"]
    assert [item["key"] for item in found] == [
        "loan.class.carLoan",
        "loan.class.consumer",
        "loan.class.mortgage",
        "loan.class.other",
    ]
    assert desk.refused("GET", "collections(loan.colour)/items").status == 409
