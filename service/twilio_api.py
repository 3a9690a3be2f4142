"""What Twilio calls: statuses, texts and calls to us, and what is said in our calls.

Nothing here believes a request that is not signed over the public URL.
"""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportIncompatibleMethodOverride=false
# The twilio package has no types; what it returns is checked where it enters.

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from alerts import words
from alerts.alert import Alert, Ladder
from alerts.events import What
from alerts.site import Person, Site
from dispatch import line_tests, outbox_rows
from dispatch.answers import Heard
from dispatch.codec import decode
from dispatch.database import Connection
from dispatch.inbound import Status, asking_of
from dispatch.outbox_rows import Mail
from dispatch.setup import site_of_number
from dispatch.store import read_alert
from service.line_api import PLAYS, LineVoice
from service.storing import stored
from service.twiml import VOICES, field, say_to, signed, xml
from service.wiring import Wiring

TIMES = 2
PAUSE_SECONDS = 2
KEYS = {"1": What.ON_MY_WAY, "0": What.CANNOT_GO}
NINE = "9"


def build(wiring: Wiring) -> APIRouter:
    """The webhooks; without phones there are none."""
    router = APIRouter(prefix="/twilio", include_in_schema=False)
    _add_texts(router, wiring)
    _add_calls(router, wiring)
    return router


def _add_texts(router: APIRouter, wiring: Wiring) -> None:
    @router.post("/status/{token}")
    async def status(request: Request, token: str) -> Response:
        """A text or call of ours fares so."""
        form = await signed(wiring, request)
        mail = await wiring.reader.ask(outbox_rows.find, token)
        if mail is not None:
            await stored(wiring, wiring.inbound.status(mail, _status(mail, form)))
        return Response(status_code=204)

    @router.post("/sms")
    async def text(request: Request) -> Response:
        """A text to one of our numbers; our answer goes back from that number."""
        form = await signed(wiring, request)
        heard = Heard(
            sid=field(form, "MessageSid"),
            phone=field(form, "From"),
            to=field(form, "To"),
            text=field(form, "Body"),
            opt_out=field(form, "OptOutType"),
        )
        site = await wiring.reader.ask(site_of_number, heard.to)
        said = await stored(wiring, wiring.inbound.text(site, heard)) if site else None
        twiml = MessagingResponse()
        if said:
            twiml.message(said)
        return xml(twiml)


def _add_calls(router: APIRouter, wiring: Wiring) -> None:
    voice = _Voice(wiring)

    @router.post("/voice/{token}")
    async def speak(request: Request, token: str) -> Response:
        """Somebody picked up a call of ours: what is said to them."""
        form = await signed(wiring, request)
        return xml(await voice.of_call(token, field(form, "CallSid"), _plays(request)))

    @router.post("/keys/{token}")
    async def key(request: Request, token: str) -> Response:
        """A key was pressed in a call of ours."""
        form = await signed(wiring, request)
        nine = request.query_params.get("nine") == "1"
        return xml(
            await voice.key_of_call(token, field(form, "Digits"), _plays(request), nine=nine)
        )

    @router.post("/call")
    async def call(request: Request) -> Response:
        """Somebody rings one of our numbers."""
        form = await signed(wiring, request)
        return xml(await voice.to_us(field(form, "To"), field(form, "From"), ""))

    @router.post("/call/{alert}")
    async def key_to_us(request: Request, alert: str) -> Response:
        """Somebody who rang us pressed a key about this alert."""
        form = await signed(wiring, request)
        return xml(
            await voice.to_us(field(form, "To"), field(form, "From"), alert, field(form, "Digits"))
        )


class _Voice:
    """What calls say, from the alert as it is at that moment."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._line = LineVoice(wiring)

    async def of_call(self, token: str, sid: str, plays: int) -> VoiceResponse:
        """The question, twice; or that nobody is asked any more."""
        mail, alert, site = await self._look(token)
        twiml = VoiceResponse()
        if mail is None or site is None:
            return _say(twiml, "en", "call_over", {})
        if mail.channel in outbox_rows.OF_LINE:
            return await self._line.picked_up(mail, sid, plays)
        if mail.channel == line_tests.CHANNEL:
            return self._test(mail, site)
        over = ("call_over", site.language, {})
        code, language, slots = decode(mail.body) if mail.body else over
        if mail.asking and (alert is None or not alert.open):
            return _say(twiml, language, "call_over", slots)
        if not mail.asking:
            return _say(twiml, language, code, slots)
        return _ask(twiml, language, code, slots, f"{self._wiring.public_url}/twilio/keys/{token}")

    async def key_of_call(
        self, token: str, digits: str, plays: int, *, nine: bool
    ) -> VoiceResponse:
        """Thanks, and what the key did. `nine` says that a 9 was pressed just before."""
        mail, alert, site = await self._look(token)
        twiml = VoiceResponse()
        if mail is not None and site is not None and mail.channel == line_tests.CHANNEL:
            return await self._test_key(mail, site, digits)
        if mail is None or alert is None or site is None:
            return _say(twiml, "en", "call_over", {})
        if mail.channel in outbox_rows.OF_LINE:
            return await self._line.keyed(mail, digits, plays)
        person = site.person(mail.person)
        language = person.language if person else site.language
        slots = words.about(site, alert.number, alert.booth, drill=alert.drill)
        if digits == NINE and alert.drill:
            return _say(twiml, language, "call_drill", slots)
        if digits == NINE and nine:
            return await self._open_line(mail, language, slots)
        what = KEYS.get(digits)
        if digits == NINE:
            action = f"{self._wiring.public_url}/twilio/keys/{token}?nine=1"
            return _ask(twiml, language, "line_nine", slots, action)
        if what is None:
            code = decode(mail.body)[0] if mail.body else "call_question"
            return _ask(
                twiml,
                language,
                code,
                slots,
                f"{self._wiring.public_url}/twilio/keys/{token}",
            )
        answered = await stored(self._wiring, self._wiring.inbound.key(mail, what))
        return _thank(twiml, language, what, slots, answered)

    async def _open_line(self, mail: Mail, language: str, slots: dict[str, Any]) -> VoiceResponse:
        """9, then 9 again: whoever is on the phone is on the line at once, if there is one."""
        item = self._wiring.inbound.key(mail, What.OPEN_LINE)
        opened = await stored(self._wiring, item)
        now = await self._wiring.reader.ask(outbox_rows.find, mail.id)
        if opened is None or now is None:
            return _say(VoiceResponse(), language, "call_no_line", slots)
        return await self._line.picked_up(now, now.sid or "", 0)

    def _test(self, mail: Mail, site: Site) -> VoiceResponse:
        """A test of the line: that it is one, twice."""
        action = f"{self._wiring.public_url}/twilio/keys/{mail.id}"
        language = site.line.language or site.language
        twiml = VoiceResponse()
        slots = {"name": site.spoken_name or site.name}
        for _ in range(TIMES):
            _question(twiml, language, "line_drill", slots, action)
        return _say(twiml, language, "line_over", {})

    async def _test_key(self, mail: Mail, site: Site, digits: str) -> VoiceResponse:
        """1 says that it was heard, and ends it."""
        if digits != "1":
            return self._test(mail, site)
        await stored(self._wiring, line_tests.heard(self._wiring.desk, mail))
        language = site.line.language or site.language
        return _say(VoiceResponse(), language, "line_drill_heard", {})

    async def to_us(self, to: str, phone: str, alert: str, digits: str = "") -> VoiceResponse:
        """A known phone hears its asking alerts; an unknown one that nobody listens here."""
        code = await self._wiring.reader.ask(site_of_number, to)
        site = await self._wiring.views.site_of(code) if code else None
        person = next((one for one in site.people if one.phone == phone), None) if site else None
        twiml = VoiceResponse()
        if site is None or person is None:
            slots = words.about(site) if site else {"emergency": "112"}
            return _say(twiml, site.language if site else "en", "call_unknown", slots)
        asking = await self._wiring.reader.ask(asking_of, site.code, person.id)
        if alert and (what := KEYS.get(digits)) is not None:
            item = self._wiring.inbound.key_in(site.code, alert, person.id, what)
            answered = await stored(self._wiring, item)
            booth = answered.booth if answered else None
            drill = answered is not None and answered.drill
            slots = words.about(site, None, booth, drill=drill)
            return _thank(twiml, person.language, what, slots, answered)
        return _tell_asking(twiml, site, person, asking, self._wiring.public_url)

    async def _look(self, token: str) -> tuple[Mail | None, Alert | None, Site | None]:
        def question(connection: Connection) -> tuple[Mail | None, Alert | None]:
            mail = outbox_rows.find(connection, token)
            return mail, read_alert(connection, mail.site, mail.alert) if mail else None

        mail, alert = await self._wiring.reader.ask(question)
        return mail, alert, await self._wiring.views.site_of(mail.site) if mail else None


def _tell_asking(
    twiml: VoiceResponse, site: Site, person: Person, asking: list[Alert], public_url: str
) -> VoiceResponse:
    if not asking:
        return _say(twiml, person.language, "call_none_open", words.about(site))
    # The one that still seeks people comes first; others follow when no key is pressed.
    for alert in sorted(asking, key=lambda one: (one.ladder is Ladder.STOPPED, one.number)):
        slots = words.about(site, alert.number, alert.booth, drill=alert.drill)
        _question(
            twiml, person.language, "call_question", slots, f"{public_url}/twilio/call/{alert.id}"
        )
    return _say(twiml, person.language, "call_no_key", words.about(site))


def _thank(
    twiml: VoiceResponse, language: str, what: What, slots: dict[str, Any], answered: Alert | None
) -> VoiceResponse:
    if answered is None:
        return _say(twiml, language, "call_over", slots)
    return _say(twiml, language, "call_coming" if what is What.ON_MY_WAY else "call_cannot", slots)


def _ask(
    twiml: VoiceResponse, language: str, code: str, slots: dict[str, Any], action: str
) -> VoiceResponse:
    for _ in range(TIMES):
        _question(twiml, language, code, slots, action)
    return _say(twiml, language, "call_no_key", slots)


def _question(
    twiml: VoiceResponse, language: str, code: str, slots: dict[str, Any], action: str
) -> None:
    gather = Gather(num_digits=1, timeout=PAUSE_SECONDS, action=action, method="POST")
    gather.say(words.speak(code, language, slots), language=VOICES[words.choose_language(language)])
    twiml.append(gather)


def _say(twiml: VoiceResponse, language: str, code: str, slots: dict[str, Any]) -> VoiceResponse:
    return say_to(twiml, language, words.speak(code, language, slots))


def _plays(request: Request) -> int:
    """How often a call of the line has heard everything, as we have told the network to say."""
    said = request.query_params.get("plays", "0")
    return min(PLAYS, int(said)) if said in {"0", "1", "2"} else PLAYS


def _status(mail: Mail, form: FormData) -> Status:
    word = "MessageStatus" if mail.channel == "text" else "CallStatus"
    sid = "MessageSid" if mail.channel == "text" else "CallSid"
    code = field(form, "ErrorCode")
    return Status(
        mail.id,
        field(form, sid),
        field(form, word),
        int(code) if code.isdecimal() and len(code) < 8 else None,
    )
