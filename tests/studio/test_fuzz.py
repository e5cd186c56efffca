"""Whatever a program sends by the interface's own description, it gets an answer, never a 5xx."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from huegram.studio.app import create_app
from huegram.studio.settings import Settings

HERE = {"Host": "localhost"}

app = create_app(Settings(max_pixels=1_000_000, max_bytes=1_000_000))
schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=HERE)


@schema.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_answer_is_a_failure(case):
    answer = case.call(headers=HERE)
    case.validate_response(answer, checks=[not_a_server_error])
