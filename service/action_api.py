"""Staff actions: what somebody with a name does to an alert, from a tablet."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from alerts.alert import Alert
from alerts.events import By, What
from alerts.line import LINE_PHONE
from alerts.site import Role, Site
from dispatch import drills
from dispatch.desk import Action
from service.callers import ACT, Caller
from service.pins import Pins
from service.problems import Problem, documented
from service.storing import stored
from service.wire import alert_to_wire
from service.wiring import Wiring

GUEST = "guest"
BEYOND_64_BITS = 2**63
VISITS_MOST = 99


def _clean(text: str) -> str:
    """Text that every database can keep."""
    if "\x00" in text:
        raise ValueError("must not hold a NUL")
    return text


Id = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_clean)]
Short = Annotated[str, Field(max_length=280), AfterValidator(_clean)]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Kind = Literal["unclear", "overdose", "overamp", "medical"]
NEEDED: dict[str, tuple[str, ...]] = {
    "take_job": ("job",),
    "classify": ("kind",),
    "oxygen": ("on",),
    "naloxone": ("route",),
    "breathing": ("breathing", "awake"),
    "ems": ("ems",),
    "stand_down": ("reason",),
    "close": ("outcome",),
    "correct": ("of",),
    "line_mute": ("muted",),
    "wrong_booth": ("visits",),
    "line_add": ("add",),
}
MAY = {
    "naloxone": ("dose_mg",),
    "ems": ("minutes",),
    "correct": ("field", "value", "note"),
    "close": ("second_person", "second_pin"),
}
ALWAYS = frozenset({"action_id", "action", "person", "pin", "at"})
CORRECTABLE = (
    "person",
    "at",
    "job",
    "kind",
    "on",
    "route",
    "dose_mg",
    "breathing",
    "awake",
    "ems",
    "minutes",
    "reason",
    "outcome",
)
"""What a correction may speak of at a site without notes, in the words of the action itself."""
MISTAKE = frozenset({"booth"})


class ActionBody(BaseModel):
    """An action as it is posted (`wire.md`, actions): each takes its own fields and no others."""

    model_config = ConfigDict(extra="forbid")
    action_id: Id
    action: Literal[
        "on_my_way",
        "at_booth",
        "more_people",
        "cannot_go",
        "safe",
        "take_job",
        "classify",
        "oxygen",
        "naloxone",
        "breathing",
        "open_line",
        "line_reached",
        "line_talk",
        "line_mute",
        "line_add",
        "end_line",
        "ems",
        "stand_down",
        "close",
        "reopen",
        "correct",
        "mistake",
        "make_real",
        "wrong_booth",
    ]
    person: Id
    pin: Annotated[str, Field(max_length=16)] | None = None
    at: datetime | None = None
    job: Literal["lead", "second", "caller", "door", "room"] | None = None
    kind: Kind | None = None
    on: bool | None = None
    route: Literal["nasal", "intramuscular"] | None = None
    dose_mg: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None
    breathing: Literal["normal", "slow", "none"] | None = None
    awake: bool | None = None
    ems: Literal["accepted", "on_the_way", "arrived", "left"] | None = None
    minutes: Annotated[int, Field(ge=0, le=120)] | None = None
    reason: Literal["false_press", "nothing_wrong", "duplicate"] | None = None
    outcome: (
        Literal[
            "monitored",
            "oxygen",
            "naloxone",
            "stimulant_care",
            "ems_stayed",
            "ems_transported",
            "other_medical",
            "not_medical",
            "death",
        ]
        | None
    ) = None
    muted: bool | None = None
    visits: Annotated[int, Field(ge=0, le=VISITS_MOST)] | None = None
    add: Id | None = None
    second_person: Id | None = None
    second_pin: Annotated[str, Field(max_length=16)] | None = None
    of: Annotated[int, Field(ge=1, lt=BEYOND_64_BITS)] | None = None
    field: Annotated[str, Field(max_length=32), AfterValidator(_clean)] | None = None
    value: bool | Number | Short | None = None
    note: Short | None = None

    def misfits(self) -> list[tuple[str, str]]:
        """Fields that this action lacks or does not take: pairs of a place and why."""
        needed = NEEDED.get(self.action, ())
        allowed = {*needed, *MAY.get(self.action, ()), *ALWAYS}
        missing = [name for name in needed if getattr(self, name) is None]
        if self.outcome == "death" and self.second_person is None:
            missing.append("second_person")
        extra = sorted(self.model_fields_set - allowed)
        return [(f"body.{name}", f"{self.action} needs it") for name in missing] + [
            (f"body.{name}", f"{self.action} does not take it") for name in extra
        ]

    def details(self) -> dict[str, object]:
        """The fields that the action is about, without anything secret."""
        names = (*NEEDED.get(self.action, ()), *MAY.get(self.action, ()))
        return {
            name: getattr(self, name)
            for name in names
            if name != "second_pin" and name in self.model_fields_set
        }

    def fingerprint(self) -> str:
        """Tells two uses of one `action_id` apart without keeping a PIN."""
        said = self.model_dump(mode="json", exclude={"pin", "second_pin"})
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def build(wiring: Wiring, pins: Pins) -> APIRouter:
    """The route of actions."""
    router = APIRouter()

    @router.post(
        "/v1/alerts/{alert}/actions",
        tags=["alerts"],
        responses=documented(
            "unauthenticated",
            "not_allowed",
            "pin_needed",
            "wrong_pin",
            "not_found",
            "closed",
            "not_at_booth",
            "no_agreement",
            "drill",
            "booth_busy",
            "drill",
            "line_open",
            "id_reused",
            "invalid",
            "pin_wait",
            "not_stored",
        ),
    )
    async def act(
        caller: Annotated[Caller, Depends(wiring.callers.needed(ACT | MISTAKE))],
        alert: Annotated[str, Path(max_length=64)],
        body: ActionBody,
    ) -> dict[str, Any]:
        """Do something to an alert, in somebody's name. `mistake` is the booth's own."""
        if caller.device.kind not in (MISTAKE if body.action == "mistake" else ACT):
            raise Problem("not_allowed", f"A {caller.device.kind} may not do this.")
        after = await _act(wiring, pins, caller, alert, body)
        return {"alert": alert_to_wire(after, caller.audience)}

    return router


async def _act(wiring: Wiring, pins: Pins, caller: Caller, alert: str, body: ActionBody) -> Alert:
    site = await wiring.views.site_of(caller.site)
    errors = [*body.misfits(), *_people(site, body), *_correction(site, body)]
    if errors:
        raise Problem("invalid", errors=errors)
    action = Action(
        site=caller.site,
        alert=_clean_path(alert),
        what=What(body.action),
        person=body.person,
        by=By("person", body.person)
        if body.action != "mistake"
        else By("device", caller.device.id),
        action_id=body.action_id,
        body=body.fingerprint(),
        at=body.at,
        details=body.details(),
    )
    if body.action == "make_real":
        return await stored(wiring, drills.make_real(wiring.desk, caller.device, action))
    rehearsal = await wiring.views.rehearse(wiring.desk, action, caller)
    if rehearsal.repeated is not None:
        return rehearsal.repeated
    if rehearsal.refused is not None:
        raise Problem(rehearsal.refused)
    if rehearsal.pin:
        if body.outcome == "death":
            _check_two(site, body)
        await pins.check(caller.site, body.person, body.pin)
        if body.outcome == "death":
            await pins.check(caller.site, str(body.second_person), body.second_pin, "second_pin")
    # Only a PIN that was checked counts, should it take one by the time it is carried out.
    return await stored(wiring, wiring.desk.act(replace(action, pin_shown=rehearsal.pin)))


def _clean_path(alert: str) -> str:
    return alert if alert.isprintable() else ""


def _people(site: Site, body: ActionBody) -> list[tuple[str, str]]:
    """The people named who are not of this site."""
    named = {"body.person": body.person, "body.second_person": body.second_person}
    wrong = [
        (at, "nobody of this site has this id")
        for at, person in named.items()
        if person not in {None, GUEST} and site.person(str(person)) is None
    ]
    if body.add not in {None, LINE_PHONE} and site.person(str(body.add)) is None:
        wrong.append(("body.add", f"must be somebody of this site, or {LINE_PHONE}"))
    return wrong


def _correction(site: Site, body: ActionBody) -> list[tuple[str, str]]:
    """What is wrong with a correction. Where notes are off, nothing of it may be free text."""
    if body.action != "correct":
        return []
    if body.note is not None:
        return [] if site.notes else [("body.note", "this site keeps no notes")]
    if body.field is None or body.value is None:
        missing = "body.field" if body.field is None else "body.value"
        return [(missing, "correct needs field and value, or a note where the site keeps notes")]
    if site.notes:
        return []
    if body.field not in CORRECTABLE:
        return [("body.field", f"is none of {', '.join(CORRECTABLE)}")]
    if body.field == "person":
        known = body.value == GUEST or site.person(str(body.value)) is not None
        return [] if known else [("body.value", "nobody of this site has this id")]
    try:
        TypeAdapter[Any](ActionBody.model_fields[body.field].rebuild_annotation()).validate_python(
            body.value
        )
    except ValidationError:
        return [("body.value", f"is no {body.field}")]
    return []


def _check_two(site: Site, body: ActionBody) -> None:
    """A death takes two people, one of them a coordinator. Raises Problem: not_allowed."""
    if body.person == body.second_person:
        raise Problem("not_allowed", "A death is closed by two people.")
    both = [site.person(body.person), site.person(str(body.second_person))]
    if not any(person and Role.COORDINATOR in person.roles for person in both):
        raise Problem("not_allowed", "One of the two must be a coordinator.")
