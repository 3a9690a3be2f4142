"""Nonsense from those we believe: a paired screen's proofs, and forms the phone network signed.

None of it may end a part of the service, be a fault of ours, or be kept where it cannot be.
"""

from pathlib import Path
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from tests.contract import guarded, routes_of
from tests.live import served
from tests.postgres import Postgres
from tests.world import AUTH, PUBLIC_URL, Json, World, open_world

KIM, SENDER, VOICE = "+31612345603", "+3197010200001", "+31201230000"
HALF = "\ud800"
PROOFS: dict[str, Json] = {
    "half a pair in a time": {"silenced_until": f"2026-11-24{HALF}13:00:00Z", "silenced_by": HALF},
    "NUL in a time": {"silenced_until": "2026-11-24\x0013:00:00Z", "silenced_by": "\x00"},
    "a time before time": {"silenced_until": "0001-01-01T00:00:00+14:00", "silenced_by": "kim"},
    "a time without its zone": {"silenced_until": "2026-11-24T13:00:00", "silenced_by": "kim"},
    "names of nothing": {
        "sounding": [HALF, "\x00", "x" * 900, None, 7, {}],
        "silenced_by": "x" * 9,
    },
    "wrong types": {"armed": "yes", "sound": [], "visible": 1, "volume_ok": {}, "sounding": "all"},
    "beyond 63 bits": {"seq": 2**70, "sounding": [2**70], "silenced_until": 2**70},
    "half a pair as a key": {HALF: {HALF: HALF}, "clock": HALF},
}


async def test_no_proof_of_a_screen_ends_the_feed(world: World) -> None:
    """A paired screen may say anything in the shape of a proof; the others are told what holds."""
    await prove(world)


async def test_no_proof_of_a_screen_ends_the_feed_on_postgres(
    tmp_path: Path, postgres: Postgres
) -> None:
    """Its text holds neither NUL nor half of a pair."""
    async with open_world(tmp_path, database_url=postgres.create_database()) as world:
        await prove(world)


async def prove(world: World) -> None:
    """Every one of them; after each a true proof still counts."""
    async with served(world) as live:
        other = await live.follower(world.device("monitor"))
        wall = await live.follower(world.device("screen", None, "TV-9"))
        for what, proof in PROOFS.items():
            await wall.prove(**{"armed": False} | proof)
            await other.until(lambda one: shown(one.state.site, "able") is False)
            await wall.prove()
            await other.until(lambda one: shown(one.state.site, "able") is True)
            assert shown(other.state.site, "able"), what
        assert wall.closed_with is None
        await wall.socket.send("[" * 2000)
        assert await wall.is_closed() == 1008


def shown(site: Json | None, name: str) -> Any:
    """What the site says of the screen; None while it says nothing of it."""
    screens: list[Json] = (site or {})["screens"]
    return next((one[name] for one in screens if one["name"] == "TV-9"), None)


FIELDS = (
    *("From", "To", "Body", "MessageSid", "CallSid", "ConferenceSid", "MessageStatus"),
    *("CallStatus", "ErrorCode", "Digits", "StatusCallbackEvent", "OptOutType"),
)
WORDS = {
    "nothing": "",
    "NUL": "1\x00",
    "beyond 63 bits": str(2**63),
    "very many digits": "9" * 4000,
    "other digits": "٣",
    "markup": "</Say>&\"'<Hangup/>",
    "deep": "[" * 1500,
    "marks": "\u200f#\u202e99 👍\n",
}
KNOWN: dict[str, dict[str, str]] = {
    "of nobody": {},
    "of Kim": {"From": KIM, "To": SENDER},
    "a call of Kim": {"From": KIM, "To": VOICE, "CallStatus": "failed"},
    "a failure": {"MessageStatus": "failed", "CallStatus": "in-progress"},
    "an answer": {"MessageStatus": "delivered", "Digits": "9", "CallStatus": "completed"},
}


async def test_no_signed_form_breaks_a_webhook(world: World) -> None:
    """What the network signs is believed, and still may be nonsense."""
    await call_back(world)


async def test_no_signed_form_breaks_a_webhook_on_postgres(
    tmp_path: Path, postgres: Postgres
) -> None:
    """Every word of it is kept somewhere."""
    async with open_world(tmp_path, database_url=postgres.create_database()) as world:
        await call_back(world)


async def call_back(world: World) -> None:
    """Every form to every webhook, about a text, a call, and attempts that never were."""
    await world.press(3)
    await world.advance(31)
    rows = world.connection.execute("SELECT id FROM outbox ORDER BY attempt")
    tokens = [rows[0][0], rows[-1][0], "x" * 22, "%00", "%ED%A0%80"]
    for route in (path for _, path in routes_of(world) if path.startswith("/twilio")):
        alerts = [world.newest(), "%00"] if "{alert}" in route else [""]
        for token in tokens if "{token}" in route else alerts:
            path = route.replace("{token}", token).replace("{alert}", token)
            for query in ("", "?plays=-1", f"?plays={'9' * 5000}&nine=1&nine=%00"):
                for word in WORDS.values():
                    for form in KNOWN.values():
                        await post(world, path + query, dict.fromkeys(FIELDS, word) | form)
    assert (await world.request("GET", "/readyz")).status_code == 200
    await world.press(5)
    await world.settle()


async def post(world: World, path: str, form: dict[str, str]) -> None:
    """This form, signed as the network would."""
    signer: Any = RequestValidator(AUTH)
    signature = signer.compute_signature(f"{PUBLIC_URL}{path}", form)
    headers = {"X-Twilio-Signature": signature}
    answer = await world.to_us.post(path, data=form, headers=headers)
    assert answer.status_code in {200, 204, 404}, (path, form, answer.text)
    guarded(answer)


@pytest.mark.parametrize("size", [70_000, 5_000_000])
async def test_a_form_that_is_too_large_is_refused_unread(world: World, size: int) -> None:
    """413, before anybody asks who signed it."""
    for route in (path for _, path in routes_of(world) if path.startswith("/twilio")):
        path = route.replace("{token}", "x" * 22).replace("{alert}", "x")
        answer = await world.to_us.post(path, data={"Body": "x" * size})
        assert answer.status_code == 413, path
        guarded(answer)
