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
from dispatch import outbox_rows
from dispatch.codec import decode
from dispatch.database import Connection
from dispatch.inbound import Heard, Status, asking_of
from dispatch.outbox_rows import Mail
from dispatch.setup import site_of_number
from dispatch.store import read_alert
from service.problems import Problem
from service.storing import stored
from service.wiring import Wiring

VOICES = {"en": "en-GB", "nl": "nl-NL"}
TIMES = 2
PAUSE_SECONDS = 2
KEYS = {"1": What.ON_MY_WAY, "0": What.CANNOT_GO}


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
        form = await _signed(wiring, request)
        mail = await wiring.reader.ask(outbox_rows.find, token)
        if mail is not None:
            await stored(wiring, wiring.inbound.status(mail, _status(mail, form)))
        return Response(status_code=204)

    @router.post("/sms")
    async def text(request: Request) -> Response:
        """A text to one of our numbers; our answer goes back from that number."""
        form = await _signed(wiring, request)
        heard = Heard(
            sid=_field(form, "MessageSid"),
            phone=_field(form, "From"),
            to=_field(form, "To"),
            text=_field(form, "Body"),
            opt_out=_field(form, "OptOutType"),
        )
        site = await wiring.reader.ask(site_of_number, heard.to)
        said = await stored(wiring, wiring.inbound.text(site, heard)) if site else None
        twiml = MessagingResponse()
        if said:
            twiml.message(said)
        return _xml(twiml)


def _add_calls(router: APIRouter, wiring: Wiring) -> None:
    voice = _Voice(wiring)

    @router.post("/voice/{token}")
    async def speak(request: Request, token: str) -> Response:
        """Somebody picked up a call of ours: what is said to them."""
        await _signed(wiring, request)
        return _xml(await voice.of_call(token))

    @router.post("/keys/{token}")
    async def key(request: Request, token: str) -> Response:
        """A key was pressed in a call of ours."""
        form = await _signed(wiring, request)
        return _xml(await voice.key_of_call(token, _field(form, "Digits")))

    @router.post("/call")
    async def call(request: Request) -> Response:
        """Somebody rings one of our numbers."""
        form = await _signed(wiring, request)
        return _xml(await voice.to_us(_field(form, "To"), _field(form, "From"), ""))

    @router.post("/call/{alert}")
    async def key_to_us(request: Request, alert: str) -> Response:
        """Somebody who rang us pressed a key about this alert."""
        form = await _signed(wiring, request)
        return _xml(
            await voice.to_us(
                _field(form, "To"), _field(form, "From"), alert, _field(form, "Digits")
            )
        )


class _Voice:
    """What calls say, from the alert as it is at that moment."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    async def of_call(self, token: str) -> VoiceResponse:
        """The question, twice; or that nobody is asked any more."""
        mail, alert, site = await self._look(token)
        twiml = VoiceResponse()
        if mail is None or site is None:
            return _say(twiml, "en", "call_over", {})
        over = ("call_over", site.language, {})
        code, language, slots = decode(mail.body) if mail.body else over
        if mail.asking and (alert is None or not alert.open):
            return _say(twiml, language, "call_over", slots)
        if not mail.asking:
            return _say(twiml, language, code, slots)
        return _ask(twiml, language, code, slots, f"{self._wiring.public_url}/twilio/keys/{token}")

    async def key_of_call(self, token: str, digits: str) -> VoiceResponse:
        """Thanks, and what the key did."""
        mail, alert, site = await self._look(token)
        twiml = VoiceResponse()
        if mail is None or alert is None or site is None:
            return _say(twiml, "en", "call_over", {})
        person = site.person(mail.person)
        language = person.language if person else site.language
        slots = words.about(site, alert.number, alert.booth, drill=alert.drill)
        what = KEYS.get(digits)
        if what is None:
            return _ask(
                twiml,
                language,
                "call_question",
                slots,
                f"{self._wiring.public_url}/twilio/keys/{token}",
            )
        answered = await stored(self._wiring, self._wiring.inbound.key(mail, what))
        return _thank(twiml, language, what, slots, answered)

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
    twiml.say(words.speak(code, language, slots), language=VOICES[words.choose_language(language)])
    twiml.hangup()
    return twiml


async def _signed(wiring: Wiring, request: Request) -> FormData:
    """The form, if it is signed. Raises Problem: not_allowed."""
    form = await request.form(max_files=0, max_fields=100)
    path = wiring.public_path + request.scope.get("raw_path", b"").decode("ascii", "replace")
    query = request.scope.get("query_string", b"").decode("ascii", "replace")
    if query:
        path += f"?{query}"
    signature = request.headers.get("x-twilio-signature", "")
    if wiring.signatures is None or not wiring.signatures.valid(path, form, signature):
        raise Problem("not_allowed", "Not signed by the phone network.")
    return form


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    # What every database can keep: no NUL and no half of a pair.
    clean = value.replace("\x00", "") if isinstance(value, str) else ""
    return clean.encode("utf-8", "replace").decode("utf-8")[:2000]


def _status(mail: Mail, form: FormData) -> Status:
    word = "MessageStatus" if mail.channel == "text" else "CallStatus"
    sid = "MessageSid" if mail.channel == "text" else "CallSid"
    code = _field(form, "ErrorCode")
    return Status(
        mail.id,
        _field(form, sid),
        _field(form, word),
        int(code) if code.isdecimal() and len(code) < 8 else None,
    )


def _xml(twiml: MessagingResponse | VoiceResponse) -> Response:
    return Response(str(twiml), media_type="text/xml")
