import pytest
from fastapi.testclient import TestClient

from huegram.studio.app import create_app
from huegram.studio.settings import Settings
from tests.studio.conftest import assert_problem


@pytest.fixture(scope="module")
def guarded():
    return create_app(Settings(host="0.0.0.0", token="open-sesame"))


@pytest.fixture
def stranger(guarded):
    return TestClient(guarded, base_url="http://pictures.example", follow_redirects=False)


class TestToken:
    @pytest.mark.parametrize("path", ["/", "/api/models", "/metrics", "/page/index.html"])
    def test_nothing_without_it(self, stranger, path):
        assert_problem(stranger.get(path), 401, "token")

    def test_health_needs_none(self, stranger):
        assert stranger.get("/healthz").text == "ok\n"

    @pytest.mark.parametrize("offered", ["Bearer wrong", "Bearer", "Basic open-sesame", "Bearer é"])
    def test_a_wrong_one_is_refused(self, stranger, offered):
        answer = stranger.get("/api/models", headers={"Authorization": offered.encode()})
        assert_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_programs_send_it_as_bearer(self, stranger):
        answer = stranger.get("/api/models", headers={"Authorization": "Bearer open-sesame"})
        assert answer.status_code == 200

    def test_the_pages_address_gives_it_once(self, stranger):
        answer = stranger.get("/?token=open-sesame")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
        assert stranger.get("/api/models").status_code == 200
        assert_problem(stranger.get("/api/models?token=open-sesame", headers={"Cookie": ""}), 401)

    def test_cookies_are_for_this_site_and_no_script(self, stranger):
        for cookie in stranger.get("/?token=open-sesame").headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie


class TestHost:
    @pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "[::1]:99"])
    def test_this_computer(self, client, host):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io", "[::1", "a:b:c"]
    )
    def test_another_name_that_leads_here(self, client, host):
        assert_problem(client.get("/healthz", headers={"Host": host}), 400, "localhost")

    def test_the_name_of_a_proxy_before_it(self):
        app = create_app(Settings(names=("pictures.example",), token="open-sesame"))
        visitor = TestClient(app, base_url="https://pictures.example")
        headers = {"Authorization": "Bearer open-sesame"}
        assert visitor.get("/api/examples", headers=headers).status_code == 200
        answer = visitor.get("/?token=open-sesame", follow_redirects=False)
        assert all("; Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
        stranger = TestClient(app, base_url="https://evil.example")
        assert_problem(stranger.get("/api/examples", headers=headers), 400)


class TestOtherSites:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost:81"},
            {"Sec-Fetch-Site": "cross-site"},
        ],
    )
    def test_they_send_nothing(self, client, content, headers):
        answer = client.post("/api/colorize", files={"file": ("a.png", content)}, headers=headers)
        assert_problem(answer, 403)

    def test_the_page_itself_does(self, client, content):
        headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        answer = client.post("/api/colorize", files={"file": ("a.png", content)}, headers=headers)
        assert answer.status_code == 200


class TestSessions:
    def test_one_visitor_cannot_read_anothers(self, client, other, predicted):
        thing = predicted["id"]
        assert client.get(f"/api/predictions/{thing}/gray").status_code == 200
        for answer in (
            other.get(f"/api/predictions/{thing}/gray"),
            other.post("/api/render", json={"prediction": thing}),
            other.post("/api/save", json={"prediction": thing}),
            other.post("/api/archive", json={"items": [{"prediction": thing}]}),
            other.delete(f"/api/predictions/{thing}"),
        ):
            assert assert_problem(answer, 404)["type"] == "urn:huegram:unknown-prediction"

    def test_a_session_that_was_not_given_is_none(self, running, content):
        headers = {"Cookie": "huegram_session=chosen"}
        visitors = [TestClient(running, base_url="http://localhost") for _ in range(2)]
        answer = visitors[0].post("/api/predict", files={"file": content}, headers=headers)
        thing = answer.json()["id"]
        answer = visitors[1].get(f"/api/predictions/{thing}/gray", headers=headers)
        assert_problem(answer, 404)

    def test_it_stays(self, client):
        assert "set-cookie" in client.get("/api/models").headers
        assert "set-cookie" not in client.get("/api/models").headers


def test_headers_keep_everything_on_this_computer(client):
    headers = client.get("/api/models").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers
