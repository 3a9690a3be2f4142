"""The OpenAPI document matches what runs: no 5xx, no undocumented answer, whatever is sent.

`DIRECTLINE_EXAMPLES` sets how many examples each operation gets for each kind of caller; what is
found with many more is written down as a test of its own.
"""

import asyncio
import itertools
import os
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.schemas import APIOperation, BaseSchema

from service import app
from tests.contract import MEDIA
from tests.world import World, open_world

EXAMPLES = int(os.environ.get("DIRECTLINE_EXAMPLES", "12"))
CALLERS = ("tablet", "booth", "nobody")
load_all_checks()
ALWAYS = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
REFUSAL = CHECKS.get_by_names(["negative_data_rejection"])
MODES = {"well": GenerationMode.POSITIVE, "badly": GenerationMode.NEGATIVE}
PATHS = {
    "/v1/presses": {"post"},
    "/v1/heartbeats": {"post"},
    "/v1/alerts": {"get"},
    "/v1/alerts/{alert}": {"get"},
    "/v1/alerts/{alert}/actions": {"post"},
    "/v1/site": {"get"},
    "/v1/site/address": {"get"},
    "/v1/whoami": {"get"},
    "/v1/pair": {"post", "delete"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}
"""Every route of this version; one whose issue has not come yet is absent."""


@dataclass(frozen=True)
class House:
    """A running application, its document, an alert in it and a token for each kind of caller."""

    world: World
    schema: BaseSchema
    document: dict[str, Any]
    alert: str
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """One for all examples: what many of them leave behind is part of the trial."""
    with asyncio.Runner() as runner:
        opening = open_world(tmp_path_factory.mktemp("openapi"), phones=False)
        world = runner.run(opening.__aenter__())
        alert = runner.run(world.press(3))["alert"]["id"]
        tokens = {
            "tablet": world.device("tablet"),
            "booth": world.device("booth", 3),
            "nobody": "never-issued",
        }
        schema = schemathesis.openapi.from_asgi("/openapi.json", app.outermost(world.service))
        document = world.service.app.openapi()
        yield House(world, schema, document, alert, tokens)
        runner.run(opening.__aexit__(None, None, None))


def operation_of(house: House, path: str, method: str) -> APIOperation[Any, Any, Any, Any]:
    """The operation, as schemathesis knows it."""
    return house.schema[path][method.upper()]


TAKES_NOTHING = {"/healthz", "/readyz", "/metrics"}
TRIALS = [
    (path, method, caller, mode)
    for path, methods in PATHS.items()
    for method in sorted(methods)
    for caller in CALLERS
    for mode in MODES
    if mode == "well" or path not in TAKES_NOTHING
]


@pytest.mark.parametrize(("path", "method", "caller", "mode"), TRIALS)
def test_every_answer_is_documented(
    house: House, path: str, method: str, caller: str, mode: str
) -> None:
    """Shaped as the document says or not, each answer is one that the document knows."""
    count = itertools.count()
    headers = {"Authorization": f"Bearer {house.tokens[caller]}"}
    # A press is never refused for its shape; everything else is.
    checks = ALWAYS if mode == "well" or path == "/v1/presses" else [*ALWAYS, *REFUSAL]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation_of(house, path, method).as_strategy(MODES[mode]))
    def trial(case: Case) -> None:
        if next(count) % 2 and case.path_parameters.get("alert"):
            # Half of them about an alert that is there, by somebody who is.
            case.path_parameters["alert"] = house.alert
            if isinstance(case.body, dict) and "person" in case.body:
                case.body["person"] = "jo"
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=checks, headers=headers)

    trial()
