"""One test text to a site's test phone, straight to the phone network."""

import asyncio

from alerts import words
from alerts.site import Site
from alerts.words import Text
from dispatch.phone import PhoneError
from service.network import twilio_of
from service.settings import Settings


def send_test(settings: Settings, site: Site) -> str | None:
    """Send it; what went wrong in a sentence, or None."""
    if not settings.phones:
        return "texts and calls are off: DIRECTLINE_TWILIO_ACCOUNT_SID is empty"
    if not site.test_phone:
        return f"{site.code} has no test_phone in its site file"
    return asyncio.run(_send(settings, site))


async def _send(settings: Settings, site: Site) -> str | None:
    twilio = twilio_of(settings, settings.reached_at(settings.port))
    body = words.render(Text("T1", words.about(site)), site.language)
    try:
        await twilio.text(site.sender_numbers[0], site.test_phone, body, "test")
    except PhoneError as error:
        return f"the phone network did not take it: {error} (code {error.code})"
    finally:
        await twilio.close()
    return None
