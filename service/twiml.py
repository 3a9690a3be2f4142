"""What every webhook of the phone network shares: the signed form, and documents in answer."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
# The twilio package has no types; what it returns is checked where it enters.

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from alerts import words
from service.problems import Problem
from service.wiring import Wiring

VOICES = {"en": "en-GB", "nl": "nl-NL"}


async def signed(wiring: Wiring, request: Request) -> FormData:
    """The form, if it is signed. Raises Problem: not_allowed, not_found."""
    form = await request.form(max_files=0, max_fields=100)
    path = wiring.public_path + request.scope.get("raw_path", b"").decode("ascii", "replace")
    query = request.scope.get("query_string", b"").decode("ascii", "replace")
    if query:
        path += f"?{query}"
    signature = request.headers.get("x-twilio-signature", "")
    if wiring.signatures is None or not wiring.signatures.valid(path, form, signature):
        raise Problem("not_allowed", "Not signed by the phone network.")
    if not all(str(named).isprintable() for named in request.path_params.values()):
        raise Problem("not_found")  # We name nothing so, and no database could look for it.
    return form


def field(form: FormData, name: str) -> str:
    """One field as every database can keep it: no NUL and no half of a pair."""
    value = form.get(name, "")
    clean = value.replace("\x00", "") if isinstance(value, str) else ""
    return clean.encode("utf-8", "replace").decode("utf-8")[:2000]


def say_to(twiml: VoiceResponse, language: str, text: str) -> VoiceResponse:
    """Say this and hang up."""
    twiml.say(text, language=VOICES[words.choose_language(language)])
    twiml.hangup()
    return twiml


def xml(twiml: MessagingResponse | VoiceResponse) -> Response:
    """The document as an answer."""
    return Response(str(twiml), media_type="text/xml")
