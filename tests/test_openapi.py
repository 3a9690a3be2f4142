"""The OpenAPI document matches what runs: no 5xx, no undocumented answer, whatever is sent.

`DIRECTLINE_EXAMPLES` sets how many examples each operation gets for each kind of caller; what is
found with many more is written down as a test of its own.
"""

import asyncio
import itertools
import os
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks
from starlette.testclient import TestClient

from service import app
from service.problems import NAMES
from tests.contract import MEDIA, routes_of
from tests.world import World, open_world

EXAMPLES = int(os.environ.get("DIRECTLINE_EXAMPLES", "15"))
CALLERS = ("tablet", "booth", "nobody")
checks.load_all_checks()
ALWAYS: list[Any] = [
    *cast(Any, checks).CHECKS.get_by_names(
        [
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        ]
    )
]
MODES = {"well": GenerationMode.POSITIVE, "badly": GenerationMode.NEGATIVE}
PATHS = {
    "/v1/presses": {"post"},
    "/v1/heartbeats": {"post"},
    "/v1/alerts": {"get"},
    "/v1/alerts/{alert}": {"get"},
    "/v1/alerts/{alert}/actions": {"post"},
    "/v1/drills": {"get", "post"},
    "/v1/drills/current": {"delete"},
    "/v1/site": {"get"},
    "/v1/site/address": {"get"},
    "/v1/line-tests": {"post"},
    "/v1/shift": {"get"},
    "/v1/shift/confirm": {"post"},
    "/v1/shift/takeover": {"post"},
    "/v1/button-tests": {"post"},
    "/v1/sound-tests": {"post"},
    "/v1/devices/health": {"get"},
    "/v1/devices/{device}/revoke": {"post"},
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
    schema: Any
    document: dict[str, Any]
    alert: str
    device: str
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
        spare = world.device_of(world.device("booth", 5)).id
        yield House(world, schema, document, alert, spare, tokens)
        runner.run(opening.__aexit__(None, None, None))


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

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[*cast(Any, HealthCheck)],
    )
    @given(case=house.schema[path][method.upper()].as_strategy(MODES[mode]))
    def trial(case: Any) -> None:
        there = {"alert": house.alert, "device": house.device}
        if next(count) % 2 and there.keys() & case.path_parameters.keys():
            # Half of them about an alert or a device that is there, by somebody who is.
            for name in there.keys() & case.path_parameters.keys():
                case.path_parameters[name] = there[name]
            body: Any = case.body
            if isinstance(body, dict) and "person" in body:
                body["person"] = "jo"
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=ALWAYS, headers=headers)

    trial()


def test_the_document_lists_what_runs_and_nothing_else(house: House) -> None:
    """Every route with its methods; pages, links and webhooks are no part of it."""
    listed = {path: set(methods) for path, methods in house.document["paths"].items()}
    assert listed == PATHS
    running = set(routes_of(house.world))
    assert {(m.upper(), path) for path, methods in PATHS.items() for m in methods} <= running
    others = {path for _, path in running} - set(PATHS)
    assert {path for path in others if path.startswith("/v1")} == set()


def test_every_operation_says_how_it_fails(house: House) -> None:
    """Who needs a token may be told 401 and 403; every refusal is a problem of a known name."""
    by_status: dict[str, set[str]] = {}
    for status, title in NAMES.values():
        by_status.setdefault(str(status), set()).add(title)
    for path, methods in house.document["paths"].items():
        for method, operation in methods.items():
            responses = operation["responses"]
            if path.startswith("/v1") and path != "/v1/pair":
                assert {"401", "403"} <= set(responses), (path, method)
                assert operation["security"] == [{"HTTPBearer": []}]
                assert "as" in {one["name"] for one in operation["parameters"]}
            else:
                assert operation["security"] == [], "said, not forgotten"
            for status, told in responses.items():
                if int(status) < 400 or (path, status) == ("/readyz", "503"):
                    continue
                assert set(told["content"]) == {MEDIA}, (path, method, status)
                assert set(told["description"].split("; ")) <= by_status[status]


def test_routes_of_later_issues_are_absent(house: House) -> None:
    """404, never a 501."""
    client = TestClient(app.outermost(house.world.service))
    headers = {"Authorization": f"Bearer {house.tokens['tablet']}"}
    for method, path in (
        ("GET", "/v1/reports/commission"),
        ("GET", "/docs"),
        ("GET", "/redoc"),
        ("GET", "/v1/alerts/"),
        ("POST", "/v1/presses/"),
        ("GET", "//v1/site"),
    ):
        answer = client.request(method, path, headers=headers, follow_redirects=False)
        assert answer.status_code == 404, (method, path)
        assert answer.headers["content-type"] == MEDIA
