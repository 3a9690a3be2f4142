"""Staff actions: what somebody with a name does to an alert, from a tablet."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from alerts.events import By, What
from alerts.site import Role, Site
from dispatch.desk import Action
from service.callers import ACT, Caller
from service.pins import Pins
from service.problems import Problem, documented
from service.storing import stored
from service.wire import alert_to_wire
from service.wiring import Wiring

GUEST = "guest"
BEYOND_64_BITS = 2**63


def _clean(text: str) -> str:
    """Text that every database can keep."""
    if "\x00" in text:
        raise ValueError("must not hold a NUL")
    return text


Id = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_clean)]
Short = Annotated[str, Field(max_length=280), AfterValidator(_clean)]
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
}
MAY = {
    "naloxone": ("dose_mg",),
    "ems": ("minutes",),
    "correct": ("field", "value", "note"),
    "close": ("second_person", "second_pin"),
}
LINE_ACTIONS = frozenset({"open_line", "line_reached", "end_line"})


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
        "end_line",
        "ems",
        "stand_down",
        "close",
        "reopen",
        "correct",
        "mistake",
    ]
    person: Id
    pin: Annotated[str, Field(max_length=16)] | None = None
    at: datetime | None = None
    job: Literal["lead", "second", "caller", "door", "room"] | None = None
    kind: Literal["unclear", "overdose", "overamp", "medical"] | None = None
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
    second_person: Id | None = None
    second_pin: Annotated[str, Field(max_length=16)] | None = None
    of: Annotated[int, Field(ge=1, lt=BEYOND_64_BITS)] | None = None
    field: Annotated[str, Field(max_length=32), AfterValidator(_clean)] | None = None
    value: Short | None = None
    note: Short | None = None

    @model_validator(mode="after")
    def _has_its_fields(self) -> "ActionBody":
        needed = NEEDED.get(self.action, ())
        allowed = {*needed, *MAY.get(self.action, ()), "action_id", "action", "person", "pin", "at"}
        missing = [name for name in needed if getattr(self, name) is None]
        extra = [name for name in self.model_fields_set if name not in allowed]
        if missing:
            raise ValueError(f"{self.action} needs {', '.join(missing)}")
        if extra:
            raise ValueError(f"{self.action} does not take {', '.join(sorted(extra))}")
        if self.outcome == "death" and not (self.second_person and self.second_pin):
            raise ValueError("death needs second_person and second_pin")
        return self

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
            "booth_busy",
            "id_reused",
            "invalid",
            "pin_wait",
            "not_stored",
        ),
    )
    async def act(
        request: Request, alert: Annotated[str, Path(max_length=64)], body: ActionBody
    ) -> dict[str, Any]:
        """Do something to an alert, in somebody's name."""
        kinds = ACT | {"booth"} if body.action == "mistake" else ACT
        caller = await wiring.callers.caller(request, kinds)
        return {
            "alert": alert_to_wire(await _act(wiring, pins, caller, alert, body), caller.audience)
        }

    return router


async def _act(wiring: Wiring, pins: Pins, caller: Caller, alert: str, body: ActionBody) -> Any:
    site = await wiring.views.site_of(caller.site)
    _check_people(site, body)
    action = Action(
        site=caller.site,
        alert=_clean_path(alert),
        what=_what(body.action),
        person=body.person,
        by=By("person", body.person)
        if body.action != "mistake"
        else By("device", caller.device.id),
        action_id=body.action_id,
        body=body.fingerprint(),
        at=body.at,
        details=body.details(),
    )
    rehearsal = await wiring.views.rehearse(wiring.desk, action, caller)
    if rehearsal.repeated is not None:
        return rehearsal.repeated
    if body.action in LINE_ACTIONS:
        raise Problem("no_agreement", "This version has no direct line: nothing was dialled.")
    if rehearsal.refused is not None:
        raise Problem(rehearsal.refused)
    if rehearsal.pin:
        await pins.check(caller.site, body.person, body.pin)
        if body.outcome == "death":
            await _second(pins, site, body)
    return await stored(wiring, wiring.desk.act(_with_pin(action)))


def _what(action: str) -> What:
    return What.MORE_PEOPLE if action in LINE_ACTIONS else What(action)


def _with_pin(action: Action) -> Action:
    return replace(action, pin_shown=True)


def _clean_path(alert: str) -> str:
    return alert if alert.isprintable() else ""


def _check_people(site: Site, body: ActionBody) -> None:
    for at, person in (("body.person", body.person), ("body.second_person", body.second_person)):
        if person not in {None, GUEST} and site.person(str(person)) is None:
            raise Problem("invalid", errors=[(at, "nobody of this site has this id")])
    if body.note is not None and not site.notes:
        raise Problem("invalid", errors=[("body.note", "this site keeps no notes")])


async def _second(pins: Pins, site: Site, body: ActionBody) -> None:
    """A death takes two people, one of them a coordinator."""
    assert body.second_person is not None
    both = [site.person(body.person), site.person(body.second_person)]
    if body.person == body.second_person:
        raise Problem("not_allowed", "A death is closed by two people.")
    if not any(person and Role.COORDINATOR in person.roles for person in both):
        raise Problem("not_allowed", "One of the two must be a coordinator.")
    await pins.check(site.code, body.second_person, body.second_pin)
