"""Whatever a program sends by the interface's own description, it gets an answer, never a 5xx."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error

from huegram.studio.app import create_app
from huegram.studio.settings import Settings

HERE = {"Host": "localhost"}

app = create_app(Settings(max_pixels=1_000_000, max_bytes=1_000_000))
schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=HERE)
# Not `schema.parametrize`: its tests share one name, and one of a name is run where tests are
# shared among processes.
OPERATIONS = {found.ok().label: found.ok() for found in schema.get_all_operations()}


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_answer_is_a_failure(operation, data):
    case = data.draw(OPERATIONS[operation].as_strategy())
    answer = case.call(headers=HERE)
    case.validate_response(answer, checks=[not_a_server_error])
