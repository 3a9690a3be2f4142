"""Health for machines: the names of the metrics, readiness, and what is never in a label."""

import re
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.contract import guarded
from tests.world import World

NAMES = {
    "directline_presses": {"result"},
    "directline_press_store_seconds": set[str](),
    "directline_open_alerts": {"state"},
    "directline_step_late_seconds": set[str](),
    "directline_steps_late": set[str](),
    "directline_sends": {"channel", "result"},
    "directline_sends_duplicate": set[str](),
    "directline_answer_seconds": set[str](),
    "directline_screens": {"able"},
    "directline_live_evicted": set[str](),
    "directline_writer_batch_items": set[str](),
    "directline_commit_seconds": set[str](),
}
"""Those of `wire.md`; counters end in `_total` where they are read."""


async def samples(world: World) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name and the values of its labels."""
    answer = await world.to_us.get("/metrics")
    guarded(answer)
    return {
        (one.name, tuple(one.labels.values())): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


async def test_the_names_are_those_of_the_contract(world: World) -> None:
    """No more, no fewer, and no label that could name a site or a person."""
    await world.press(3)
    await world.advance(35)
    await world.act("on_my_way")
    answer = await world.to_us.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = {one.name: one for one in text_string_to_metric_families(answer.text)}
    assert set(families) == set(NAMES)
    for name, family in families.items():
        assert family.documentation
        for one in family.samples:
            assert set(one.labels) - {"le"} <= NAMES[name]
            for value in one.labels.values():
                assert re.fullmatch(r"[a-z_]+|[0-9.e+-]+|\+Inf", value), value
    for word in ("AMC4", "sam", "Sam", "+31", "TV-1"):
        assert word not in answer.text


async def test_they_count_what_happens(world: World) -> None:
    """Presses by result, open alerts by state, sends, screens and the first answer."""
    begun = await samples(world)
    assert begun["directline_presses_total", ("stored",)] == 0
    assert begun["directline_open_alerts", ("unanswered",)] == 0
    await world.press(3, press_id="p")
    await world.press(3, press_id="p")
    await world.request("POST", "/v1/presses", "never-issued")
    await world.advance(7)
    told = await samples(world)
    assert told["directline_presses_total", ("stored",)] == 1
    assert told["directline_presses_total", ("repeated",)] == 1
    assert told["directline_presses_total", ("unauthenticated",)] == 1
    assert told["directline_press_store_seconds_count", ()] == 2
    assert told["directline_open_alerts", ("unanswered",)] == 1
    assert told["directline_screens", ("yes",)] == 1
    assert told["directline_answer_seconds_count", ()] == 0
    sent = {key: value for key, value in told.items() if key[0] == "directline_sends_total"}
    assert sum(sent.values()) >= 2
    await world.act("on_my_way", "guest")
    await world.act("on_my_way", "kim")
    await world.advance(1)
    await world.act("on_my_way", "sam")
    told = await samples(world)
    assert told["directline_open_alerts", ("on_the_way",)] == 1
    assert told["directline_open_alerts", ("unanswered",)] == 0
    assert told["directline_answer_seconds_count", ()] == 1
    assert told["directline_answer_seconds_sum", ()] == 7


async def test_alive_and_ready(world: World) -> None:
    """200, and what is degraded is told without taking the node out."""
    alive = await world.to_us.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"ok": True})
    await world.settle()
    said = await ready(world)
    assert set(said) == {
        "ready",
        "why",
        "degraded",
        "oldest_overdue_s",
        "oldest_unsent_s",
        "node",
        "time_scale",
    }
    assert (said["ready"], said["why"], said["time_scale"]) == (True, [], 1)
    assert "no_screen" not in said["degraded"]
    world.disarm()
    await world.press(3)
    assert "no_screen" in (await ready(world))["degraded"]
    world.clock.move(60)
    said = await ready(world)
    assert "lateness" in said["degraded"]
    assert said["oldest_overdue_s"] > 1


async def ready(world: World) -> dict[str, Any]:
    """What `/readyz` says of a node that is ready."""
    answer = await world.to_us.get("/readyz")
    assert answer.status_code == 200
    return answer.json()


async def test_a_node_that_is_stopping_is_not_ready(world: World) -> None:
    """503, so that a load balancer sends presses elsewhere."""
    world.service.stopping = True
    answer = await world.to_us.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["why"] == ["stopping"]
    guarded(answer)
    assert (await world.to_us.get("/healthz")).status_code == 200
