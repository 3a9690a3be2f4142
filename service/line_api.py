"""What the calls of the direct line say and do, from the alert as it is at that moment.

Our own side goes straight into the room. The control room is briefed before it joins, because
no key can be gathered inside a conference; its calls are ended by us and never recorded.
"""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
# The twilio package has no types.

from fastapi import APIRouter, Request
from starlette.responses import Response
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from alerts import line_says, words
from alerts.alert import Alert
from alerts.line import CONTROL, Leg, LineState
from alerts.site import Site
from dispatch import outbox_rows
from dispatch.inbound import Status
from dispatch.outbox_rows import Mail
from dispatch.site_numbers import national
from service.storing import stored
from service.twiml import VOICES, field, say_to, signed, xml
from service.wiring import Wiring

PLAYS = 2
KEY_SECONDS = 4
"""So long after the first part a key is waited for, before the second part is said."""
AGAIN_SECONDS = 2
KEPT_SECONDS = 15
KEYS = frozenset("129")
EVENTS = "start end join leave"


def build(wiring: Wiring) -> APIRouter:
    """The webhooks of the line's room."""
    router = APIRouter(prefix="/twilio", include_in_schema=False)
    line = LineVoice(wiring)

    @router.post("/room/{token}")
    async def room(request: Request, token: str) -> Response:
        """Somebody came into the room of a line, or went."""
        form = await signed(wiring, request)
        await line.room(
            token,
            field(form, "CallSid"),
            field(form, "ConferenceSid"),
            field(form, "StatusCallbackEvent"),
        )
        return Response(status_code=204)

    @router.post("/say/{token}")
    async def say(request: Request, token: str) -> Response:
        """What is said to one of us who is in the room."""
        await signed(wiring, request)
        return xml(await line.announce(token))

    return router


class LineVoice:
    """The documents of the line's calls."""

    def __init__(self, wiring: Wiring) -> None:
        """Everything is read through this wiring."""
        self._wiring = wiring

    async def picked_up(self, mail: Mail, sid: str, plays: int) -> VoiceResponse:
        """A call of the line is on and asks what to say; `plays` says how often it has before."""
        status = Status(mail.id, sid, "in-progress")
        await stored(self._wiring, self._wiring.inbound.status(mail, status))
        alert, site = await self._look(mail)
        twiml = VoiceResponse()
        if alert is None or site is None:
            return say_to(twiml, "en", words.speak("line_over", "en", {}))
        language = _language(site, alert, mail)
        leg = alert.line.leg(mail.attempt)
        if leg is None:
            return say_to(twiml, language, words.speak("line_over", language, {}))
        if alert.line.state is LineState.NOT_REACHED and leg.who != CONTROL:
            text = words.speak("line_unreached", language, words.about(site))
            return say_to(twiml, language, text)
        if not alert.line.live or not leg.live:
            return say_to(twiml, language, words.speak("line_over", language, {}))
        if leg.who != CONTROL:
            slots = words.about(site, alert.number, alert.booth)
            _speak(twiml, language, words.speak("line_welcome", language, slots))
            return self._join(twiml, mail, alert, leg)
        return self._control(twiml, mail, alert, site, leg, plays)

    async def keyed(self, mail: Mail, key: str, plays: int) -> VoiceResponse:
        """The control room pressed a key."""
        if key not in KEYS:
            return _redirected(self._again(mail, plays))
        alert = await stored(self._wiring, self._wiring.inbound.line_key(mail, key))
        _, site = await self._look(mail)
        twiml = VoiceResponse()
        if alert is None or site is None:
            return say_to(twiml, "en", words.speak("line_over", "en", {}))
        language = _language(site, alert, mail)
        leg = alert.line.leg(mail.attempt)
        if leg is None or not alert.line.live or not leg.live:
            return say_to(twiml, language, words.speak("line_over", language, {}))
        if key == "1" and line_says.somebody_on(alert):
            _speak(twiml, language, words.speak("line_connecting", language, {}))
            return self._join(twiml, mail, alert, leg)
        text = line_says.short(alert, language)
        if key == "2":
            now = self._wiring.clock.now()
            text = f"{line_says.done(alert, language, now)} {text}"
        elif key == "9":
            accepted = words.speak("line_accepted", language, {})
            text = f"{accepted} {text}" if line_says.somebody_on(alert) else accepted
        self._gather(twiml, mail, language, text, KEY_SECONDS, PLAYS)
        twiml.redirect(self._again(mail, PLAYS), method="POST")
        return twiml

    async def announce(self, token: str) -> VoiceResponse:
        """Where the line stands, to one of us: a dispatcher is on, or was lost."""
        mail = await self._wiring.reader.ask(outbox_rows.find, token)
        twiml = VoiceResponse()
        alert, site = await self._look(mail) if mail else (None, None)
        if mail is None or alert is None or site is None:
            return twiml
        language = _language(site, alert, mail)
        if alert.line.state is LineState.BRIDGED:
            text = line_says.dispatcher(alert, site, language, self._wiring.clock.now())
        else:
            text = words.speak("line_redialled", language, words.about(site))
        _speak(twiml, language, text)
        return twiml

    async def room(self, token: str, sid: str, room: str, event: str) -> None:
        """The network says who came into the room or left it."""
        if event not in {"participant-join", "participant-leave"}:
            return
        mail = await self._wiring.reader.ask(outbox_rows.find, token)
        if mail is None:
            return
        of_call = await self._wiring.reader.ask(outbox_rows.of_call, mail.alert, sid)
        if of_call is not None:
            joined = event == "participant-join"
            await stored(self._wiring, self._wiring.inbound.room_is(of_call, room, joined=joined))

    def _control(
        self, twiml: VoiceResponse, mail: Mail, alert: Alert, site: Site, leg: Leg, plays: int
    ) -> VoiceResponse:
        language = _language(site, alert, mail)
        call_back = national(site.address.call_back) if site.address else ""
        if leg.lost and not line_says.somebody_on(alert):
            slots = {"call_back": line_says.digits(call_back)}
            _speak(twiml, language, words.speak("line_lost", language, slots))
            return self._join(twiml, mail, alert, leg)
        if leg.wants and line_says.somebody_on(alert):
            _speak(twiml, language, words.speak("line_connecting", language, {}))
            return self._join(twiml, mail, alert, leg)
        if plays < PLAYS:
            first = line_says.brief(alert, site, language)
            self._gather(twiml, mail, language, first, KEY_SECONDS, plays)
            second = line_says.address(alert, site, language, call_back)
            self._gather(twiml, mail, language, second, AGAIN_SECONDS, plays)
        else:
            # It has heard everything twice: the line is kept, in quiet, for a key.
            text = line_says.short(alert, language)
            self._gather(twiml, mail, language, text, KEPT_SECONDS, plays)
        twiml.redirect(self._again(mail, min(plays + 1, PLAYS)), method="POST")
        return twiml

    def _gather(
        self, twiml: VoiceResponse, mail: Mail, language: str, text: str, seconds: int, plays: int
    ) -> None:
        action = f"{self._wiring.public_url}/twilio/keys/{mail.id}?plays={plays}"
        gather = Gather(num_digits=1, timeout=seconds, action=action, method="POST")
        gather.say(text, language=VOICES[words.choose_language(language)])
        twiml.append(gather)

    def _join(self, twiml: VoiceResponse, mail: Mail, alert: Alert, leg: Leg) -> VoiceResponse:
        """Into the room: nobody's leaving ends it, no music, no beep, no recording."""
        dial = Dial()
        dial.conference(
            alert.room,
            beep=False,
            wait_url="",
            start_conference_on_enter=True,
            end_conference_on_exit=False,
            muted=leg.muted,
            status_callback=f"{self._wiring.public_url}/twilio/room/{mail.id}",
            status_callback_event=EVENTS,
        )
        twiml.append(dial)
        return twiml

    def _again(self, mail: Mail, plays: int) -> str:
        return f"{self._wiring.public_url}/twilio/voice/{mail.id}?plays={plays}"

    async def _look(self, mail: Mail) -> tuple[Alert | None, Site | None]:
        return await self._wiring.views.alert_of(mail.site, mail.alert)


def _language(site: Site, alert: Alert, mail: Mail) -> str:
    """The language of whoever this call is with."""
    if mail.person == CONTROL:
        return alert.plan.line.language or site.language
    person = site.person(mail.person)
    return person.language if person else site.language


def _speak(twiml: VoiceResponse, language: str, text: str) -> None:
    twiml.say(text, language=VOICES[words.choose_language(language)])


def _redirected(url: str) -> VoiceResponse:
    twiml = VoiceResponse()
    twiml.redirect(url, method="POST")
    return twiml
