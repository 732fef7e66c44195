"""What the sandbox puts on the wire: statuses, headers, bodies, and connections that end without an answer."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest

from loader.sandbox.limits import Limits


def test_a_loan_goes_in_and_comes_out(serve):
    """POST, then GET in both key forms; every success has `d` at the root (LoanPro reference 1.6)."""
    tenant = serve()
    created = tenant.loan("L001000")
    assert created.status_code == 200
    key = created.json()["d"]["id"]
    for path in (f"odata.svc/Loans({key})", f"odata.svc/Loans(id={key})"):
        assert tenant.http.get(path).json()["d"]["displayId"] == "L001000"
    found = tenant.http.get("odata.svc/Loans", params={"$filter": "displayId eq 'L001000'", "$top": "2"})
    assert [item["id"] for item in found.json()["d"]["results"]] == [key]
    assert tenant.http.post(f"Loans({key})/AutoPal.Activate()").json() == {"d": {"success": True}}
    assert tenant.http.delete(f"odata.svc/Loans({key})").json()["d"]["deleted"] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer wrong"},
        {"Authorization": "sandbox"},
        {"Autopal-Instance-Id": "1"},
        {"Authorization": ""},
    ],
)
def test_wrong_credentials_are_a_401_in_the_documented_shape(serve, headers):
    """Root `code` of HTTP code, dash, product letters and number (LoanPro reference 4.2)."""
    answer = serve().http.get("odata.svc/Loans", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "401-CN0001"
    assert answer.json()["context"].keys() == {"ip", "uri", "user_id", "errors"}


def test_a_missing_loan_is_a_200_without_d(serve):
    """Status alone is never proof (LoanPro reference 4.2, point 3)."""
    answer = serve().http.get("odata.svc/Loans(-1)")
    assert answer.status_code == 200
    assert answer.json()["error"]["message"]["value"] == "Resource not found for the segment 'Loans'"
    assert "d" not in answer.json()


def test_a_warning_stands_beside_the_error(serve):
    """409 with `error` and the list `warnings` (LoanPro reference 4.2, point 2)."""
    tenant = serve()
    tenant.loan("L1")
    answer = tenant.loan("L1")
    assert answer.status_code == 409
    assert answer.json().keys() == {"error", "warnings"}


@pytest.mark.parametrize(("as_date", "expected"), [(False, "1"), (True, "Sun, 13 Sep 2020 12:26:41 GMT")])
def test_the_throttle_lets_in_so_many_in_any_second(serve, as_date, expected):
    """The one over the limit gets 429 with Retry-After; a second after the first there is room for one."""
    tenant = serve(limits=Limits(requests_per_second=2, retry_after_as_date=as_date))
    assert [tenant.loan(name).status_code for name in "ab"] == [200, 200]
    refused = tenant.loan("c")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, expected)
    tenant.clock.seconds += 1
    assert tenant.loan("c").status_code == 200
    assert tenant.loans() == ["a", "b", "c"]
    assert tenant.counts()["most_in_one_second"] == 3


@pytest.mark.parametrize(
    ("fault", "status", "kept"),
    [
        ("500-before", 500, []),
        ("500-after", 500, ["L1"]),
        ("html-before", 502, []),
        ("html-after", 502, ["L1"]),
    ],
)
def test_an_error_may_come_before_or_after_the_commit(serve, fault, status, kept):
    """The caller sees the same, the tenant knows better."""
    tenant = serve(faults=f"{fault}=1")
    answer = tenant.loan("L1")
    assert answer.status_code == status
    assert tenant.loans() == kept
    assert answer.text.startswith("<html>" if "html" in fault else '{"code":"500-')


@pytest.mark.parametrize(("fault", "status"), [("429", 429), ("503", 503)])
def test_a_refusal_on_purpose_says_when_to_come_back(serve, fault, status):
    """429 and 503 take no effect and carry Retry-After."""
    tenant = serve(faults=f"{fault}=1")
    answer = tenant.loan("L1")
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "1")
    assert tenant.loans() == []


def test_a_200_may_lack_d(serve):
    """The loan is there, the answer does not say so."""
    tenant = serve(faults="no-d=1")
    answer = tenant.loan("L1")
    assert (answer.status_code, answer.json()) == (200, {})
    assert tenant.loans() == ["L1"]
    again = tenant.loan("L1")
    assert (again.status_code, bool(again.json()["warnings"])) == (409, True)


def test_a_slow_answer_and_latency_take_their_time(serve):
    """Both go by the clock that the sandbox was given."""
    tenant = serve(faults="slow=1,slow-s=3", limits=Limits(latency_ms=(20, 20)))
    assert tenant.loan("L1").status_code == 200
    assert tenant.clock.slept == [3.02]


def test_faults_spare_reads_unless_told_otherwise(serve):
    """`reads=true` extends them to GET and to searches."""
    spared, struck = serve(faults="500=1"), serve(faults="500=1,reads=true")
    assert spared.http.get("odata.svc/Loans").status_code == 200
    assert spared.http.post("Loans/Autopal.Search()", json={}).status_code == 200
    assert struck.http.get("odata.svc/Loans").status_code == 500
    assert struck.http.post("Loans/Autopal.Search()", json={}).status_code == 500


def raw_request(tenant, body: bytes) -> bytes:
    headers = "".join(f"{name}: {value}\r\n" for name, value in tenant.http.headers.items() if name != "host")
    start = f"POST /api/public/api/1/odata.svc/Loans HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return start.encode() + body


@pytest.mark.parametrize(("fault", "kept"), [("drop-before", []), ("drop-after", ["L1"])])
def test_a_dropped_connection_closes_without_a_byte(serve, payload, fault, kept):
    """TCP ends, no status line ever came, and the tenant took it or did not."""
    tenant = serve(faults=f"{fault}=1")
    with socket.create_connection(("127.0.0.1", tenant.port), timeout=5) as connection:
        connection.sendall(raw_request(tenant, json.dumps(payload("L1")).encode()))
        try:
            received = connection.recv(1024)
        except ConnectionResetError:
            received = b""
    assert received == b""
    assert tenant.loans() == kept
    assert tenant.counts()["faults"] == {fault: 1}


def test_a_dropped_connection_takes_no_other_with_it(serve, payload):
    """A neighbour on its own connection is answered as ever."""
    tenant = serve(faults="drop-after=1")
    with pytest.raises(httpx.RemoteProtocolError):
        tenant.loan("L1")
    assert tenant.http.get("odata.svc/Loans").json()["d"]["summary"]["total"] == 1


@pytest.mark.parametrize(("fault", "kept"), [("hang-before", []), ("hang-after", ["L1"])])
def test_a_hanging_request_waits_until_the_client_gives_up(serve, fault, kept):
    """No answer within the client's own time; the server goes on serving, and can stop."""
    tenant = serve(faults=f"{fault}=1")
    with pytest.raises(httpx.ReadTimeout):
        tenant.http.post("odata.svc/Loans", json=_loan("L1"), timeout=0.2)
    assert tenant.http.get("odata.svc/Loans").status_code == 200
    assert tenant.loans() == kept


def _loan(display_id):
    return {
        "displayId": display_id,
        "LoanSetup": {
            "loanClass": "loan.class.consumer",
            "loanType": "loan.type.installment",
            "loanAmount": 0.10,
            "loanRate": 1,
            "contractDate": "2021-05-12",
            "firstPaymentDate": "2021-06-12",
        },
    }


def test_counts_and_sums_are_exact(serve):
    """Ten times ten cents are a dollar; created, refused and seen are told apart."""
    tenant = serve()
    for number in range(10):
        assert tenant.http.post("odata.svc/Loans", json=_loan(f"L{number}")).status_code == 200
    assert tenant.http.post("odata.svc/Loans", json=_loan("L0")).status_code == 409
    root = f"http://127.0.0.1:{tenant.port}/_sandbox"
    answer = httpx.get(f"{root}/sum", params={"entity": "Loans", "field": "LoanSetup.loanAmount"}).json()
    assert (Decimal("1.00"), 10) == (Decimal(answer["sum"]), answer["count"])
    assert httpx.get(f"{root}/sum", params={"entity": "Boats", "field": "x"}).status_code == 409
    counts = tenant.counts()
    assert counts["requests"] == {"POST odata.svc/Loans": 11}
    assert counts["created"] == {"Loans": 10}
    assert counts["refused"] == {"warning": 1}


def test_many_at_once_are_kept_once_each(serve):
    """Requests that share commits keep their own answers: each id belongs to its own display id."""
    tenant = serve()
    names = [f"L{number:03}" for number in range(200)]

    def create(part):
        with httpx.Client(base_url=tenant.http.base_url, headers=tenant.http.headers) as http:
            return [(name, http.post("odata.svc/Loans", json=_loan(name)).json()["d"]) for name in part]

    with ThreadPoolExecutor(8) as pool:
        answers = [pair for part in pool.map(create, (names[at::8] for at in range(8))) for pair in part]
    assert sorted(tenant.loans()) == names
    assert all(name == answer["displayId"] for name, answer in answers)
    assert len({answer["id"] for _, answer in answers}) == 200
    kept = dict(tenant.app.state.store.select("SELECT id, display_id FROM loans"))
    assert all(kept[answer["id"]] == name for name, answer in answers)
