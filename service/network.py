"""The phone network of the settings: the one place where Twilio is chosen and given its secrets."""

import httpx2

from dispatch.twilio import Twilio
from service.settings import Settings


def twilio_of(
    settings: Settings, public_url: str, transport: httpx2.AsyncBaseTransport | None = None
) -> Twilio:
    """Twilio, or whatever `twilio_url` says stands in for it; callbacks come to `public_url`."""
    return Twilio(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_url,
        public_url,
        settings.twilio_api_key,
        settings.twilio_api_secret.get_secret_value(),
        transport,
    )
