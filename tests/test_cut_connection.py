"""A connection of the phone network that is cut as soon as it stands."""

from pathlib import Path

import httpx2
import pytest

from clients.clock import SystemClock
from clients.phones.callbacks import Outgoing
from clients.phones.network import Network
from dispatch.phone import PhoneError
from service.network import twilio_of
from service.settings import read_settings
from tests.process import ACCOUNT, AUTH, HOST


class Cut(httpx2.AsyncBaseTransport):
    """What the HTTP library does on uvloop when a connection is cut as soon as it stands."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise AttributeError("'NoneType' object has no attribute 'getpeername'")


async def test_a_connection_cut_as_soon_as_it_stands_is_only_no_answer(tmp_path: Path) -> None:
    url = f"http://{HOST}:1"
    settings = read_settings(
        _env_file=None,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=AUTH,
        twilio_url=url,
        public_url=url,
    )
    phone = twilio_of(settings, url, Cut())
    with pytest.raises(PhoneError) as raised:
        await phone.text("+3197010200001", "+31612345601", "HELP", "token")
    assert raised.value.unclear
    await phone.close()
    async with httpx2.AsyncClient(transport=Cut()) as http:
        network = Network(SystemClock(), http, ACCOUNT, AUTH, f"{url}/sms", f"{url}/call")
        asked = Outgoing("voice", "voice", f"{url}/twilio/voice/x", {}, {"phone": "+1"})
        assert (await network.core.callbacks.ask(asked)).status is None
