"""What is asked of Twilio, word by word, and what each of its answers means to the outbox."""

import asyncio
import base64
from collections.abc import Awaitable
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from dispatch import twilio
from dispatch.phone import PhoneError
from dispatch.twilio import Twilio

ACCOUNT, TOKEN = "AC" + "a" * 32, "b" * 32
PUBLIC = "https://help.example"
OURS, SAM = "+3197010200001", "+31612345601"
TAKEN = {"sid": "SM1", "status": "queued"}
CALLS = {"next_page_uri": None, "uri": ""}


class Network(httpx2.AsyncBaseTransport):
    """Answers every request the same way, and keeps what was asked."""

    def __init__(self, answer: Any = None, status: int = 201) -> None:
        """`answer` is JSON, text, or an exception that stands for no answer."""
        self.answer = TAKEN if answer is None else answer
        self.status = status
        self.asked: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request."""
        self.asked.append(request)
        if isinstance(self.answer, BaseException):
            raise self.answer
        if isinstance(self.answer, str):
            return httpx2.Response(self.status, text=self.answer)
        return httpx2.Response(self.status, json=self.answer)

    def form(self) -> dict[str, list[str]]:
        """The form of the last request."""
        return parse_qs(self.asked[-1].content.decode())


def phone(network: Network, **more: str) -> Twilio:
    """Twilio behind this network."""
    return Twilio(ACCOUNT, TOKEN, "https://api.twilio.com", PUBLIC, transport=network, **more)


def text(to: Twilio) -> Awaitable[Any]:
    """Send a text."""
    return to.text(OURS, SAM, "HELP", "tok")


async def test_a_text_is_kept_for_two_minutes_and_reported_on() -> None:
    network = Network()
    receipt = await text(phone(network))
    assert (receipt.sid, receipt.status) == ("SM1", "queued")
    assert str(network.asked[0].url) == (
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    )
    assert network.form() == {
        "To": [SAM],
        "From": [OURS],
        "Body": ["HELP"],
        "ValidityPeriod": ["120"],
        "StatusCallback": [f"{PUBLIC}/twilio/status/tok"],
    }


@pytest.mark.parametrize(("ring", "seconds"), [(20.0, "20"), (0.2, "1"), (2.6, "3")])
async def test_a_call_says_where_its_words_are_and_reports_each_step(
    ring: float, seconds: str
) -> None:
    network = Network()
    await phone(network).call(OURS, SAM, "tok", ring)
    assert network.form() == {
        "To": [SAM],
        "From": [OURS],
        "Url": [f"{PUBLIC}/twilio/voice/tok"],
        "FallbackUrl": [f"{PUBLIC}/twilio/voice/tok"],
        "StatusCallback": [f"{PUBLIC}/twilio/status/tok"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "Timeout": [seconds],
    }


@pytest.mark.parametrize(
    ("given", "user"),
    [({}, f"{ACCOUNT}:{TOKEN}"), ({"key": "SK1", "secret": "s3"}, "SK1:s3")],
)
async def test_a_key_sends_where_there_is_one(given: dict[str, str], user: str) -> None:
    network = Network()
    await text(phone(network, **given))
    sent = network.asked[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == user
    assert ACCOUNT in str(network.asked[0].url)


@pytest.mark.parametrize(
    ("status", "code", "refused", "ours", "unclear"),
    [
        (400, 21211, True, False, False),
        (400, 21610, True, False, False),
        (404, 20404, True, False, False),
        (401, 20003, True, True, False),
        (403, 20403, True, True, False),
        (429, 20429, False, False, False),
        (500, 20500, False, False, True),
        (503, 0, False, False, True),
    ],
)
async def test_what_an_error_means(
    status: int, code: int, refused: bool, ours: bool, unclear: bool
) -> None:
    """A refusal is for good, ours to mend, or to be tried again; after a 5xx it may be there."""
    answer = {"code": code, "message": "no", "more_info": "", "status": status}
    with pytest.raises(PhoneError) as raised:
        await text(phone(Network(answer, status)))
    error = raised.value
    assert (error.refused, error.ours, error.unclear) == (refused, ours, unclear)
    assert error.code == code


@pytest.mark.parametrize(
    ("answer", "unclear"),
    [
        (httpx2.ConnectError("nobody"), False),
        (httpx2.ConnectTimeout("nobody yet"), False),
        (httpx2.ReadTimeout("late"), True),
        (httpx2.RemoteProtocolError("cut"), True),
        ("no JSON", True),
        ("{}", True),
    ],
)
async def test_no_answer_may_be_a_yes_unless_nobody_was_reached(answer: Any, unclear: bool) -> None:
    with pytest.raises(PhoneError) as raised:
        await text(phone(Network(answer)))
    assert (raised.value.refused, raised.value.unclear) == (False, unclear)


async def test_whoever_cannot_be_reached_is_given_up_before_whoever_is_slow() -> None:
    """In seconds: a connection that does not come about has taken nothing."""
    network = Network()
    await text(phone(network))
    limits = network.asked[0].extensions["timeout"]
    assert (limits["connect"], limits["read"], limits["write"]) == (2.0, 3.5, 3.5)


async def _head(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request; empty when the other side is gone."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def test_connections_are_kept_alive() -> None:
    """One request at a time takes one connection, also after an error; two at once take two."""
    connected: list[asyncio.StreamWriter] = []
    body = b'{"sid": "SM1", "status": "queued"}'
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    statuses = [b"201 Created", b"500 Oh", b"201 Created", b"201 Created", b"201 Created"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(writer)
        while asked := await _head(reader):
            length = int(asked.lower().partition(b"content-length: ")[2].split()[0])
            await reader.readexactly(length)
            writer.write(head % (statuses.pop(0), len(body)) + body)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        one = Twilio(ACCOUNT, TOKEN, f"http://127.0.0.1:{port}", PUBLIC)
        await text(one)
        with pytest.raises(PhoneError):
            await text(one)
        await text(one)
        assert len(connected) == 1
        await asyncio.gather(text(one), text(one))
        assert len(connected) == 2
        await one.close()
        for writer in connected:
            writer.close()


async def test_a_request_that_hangs_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever holds it up."""
    monkeypatch.setattr(twilio, "SEND_SECONDS", 0.05)

    class Hangs(Network):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await asyncio.Event().wait()
            raise AssertionError

    async with asyncio.timeout(5):
        with pytest.raises(PhoneError) as raised:
            await text(phone(Hangs()))
    assert raised.value.unclear


async def test_ending_a_call_that_is_over_is_no_error() -> None:
    """It is what was wanted. Where nobody knows whether it was ended, it is tried again."""
    over = {"code": 21220, "message": "not in progress", "status": 400}
    network = Network(over, 400)
    await phone(network).hang_up("CA1")
    assert network.form() == {"Status": ["completed"]}
    with pytest.raises(PhoneError):
        await phone(Network({"code": 0, "message": "", "status": 500}, 500)).hang_up("CA1")


@pytest.mark.parametrize(
    ("muted", "form"),
    [
        (True, {"Muted": ["true"]}),
        (False, {"Muted": ["false"]}),
        (None, {"AnnounceUrl": ["https://say"], "AnnounceMethod": ["POST"]}),
    ],
)
async def test_somebody_in_a_room_is_muted_let_speak_or_told(
    muted: bool | None, form: dict[str, list[str]]
) -> None:
    network = Network()
    await phone(network).in_room("CA1", "room", muted, "https://say")
    assert network.form() == form
    assert str(network.asked[0].url).endswith("/Conferences/room/Participants/CA1.json")


async def test_a_call_that_is_turned_fetches_its_words_anew() -> None:
    network = Network()
    await phone(network).turn("CA1", "https://voice")
    assert network.form() == {"Url": ["https://voice"], "Method": ["POST"]}


async def test_only_the_room_that_is_open_now_is_asked_for() -> None:
    """One of that name may have ended before."""
    network = Network({"conferences": [], **CALLS}, 200)
    assert await phone(network).people("alert-1") == ("", frozenset())
    asked = network.asked[0].url.params
    assert (asked["FriendlyName"], asked["Status"]) == ("alert-1", "in-progress")


async def test_calls_since_then_with_two_seconds_for_clocks_that_differ() -> None:
    at = 1_764_000_000.0

    def call(sid: str, second: int) -> dict[str, str]:
        return {"sid": sid, "date_created": f"Mon, 24 Nov 2025 16:00:{second:02} +0000"}

    network = Network({"calls": [call("CA3", 3), call("CA1", 1), call("CA0", 0)], **CALLS}, 200)
    found = await phone(network).calls_to(OURS, SAM, at + 3)
    assert found == ["CA3", "CA1"]
    asked = network.asked[0].url.params
    assert (asked["To"], asked["From"]) == (SAM, OURS)


@pytest.mark.parametrize(
    ("channel", "known"), [("text", ("undelivered", 30003)), ("call", ("undelivered", None))]
)
async def test_what_became_of_it(channel: str, known: tuple[str, int | None]) -> None:
    said = {"sid": "SM1", "status": "undelivered", "error_code": 30003}
    assert await phone(Network(said, 200)).status(channel, "SM1") == known
