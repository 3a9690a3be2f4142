"""Writes a site down: as JSON for the database, as a site file for people, and what changed.

A site written down here was read and checked before; nothing is checked again. No PIN is known
here, so none can leak.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from alerts.site import Address, Booth, Clocks, DirectLine, Do, Person, Repeat, Role, Rung, Site


def site_to_json(site: Site) -> dict[str, Any]:
    """The site in the words and the shape of the site file, ready for `json.dumps`."""
    top: dict[str, Any] = {
        "code": site.code,
        "name": site.name,
        "spoken_name": site.spoken_name,
        "language": site.language,
        "timezone": site.timezone,
        "emergency_number": site.emergency_number,
        "sender_numbers": list(site.sender_numbers),
        "voice_number": site.voice_number,
        "test_phone": site.test_phone,
        "place_word": dict(site.place_word),
        "booth_languages": list(site.booth_languages),
        "notes": site.notes,
        "retention_days": site.retention_days,
        "hidden_below": site.hidden_below,
    }
    if site.address is not None:
        top["address"] = {
            "line": site.address.line,
            "entrance": site.address.entrance,
            "call_back": site.address.call_back,
        }
    return {
        "site": top,
        "booths": [_booth(booth) for booth in site.booths],
        "people": [_person(person) for person in site.people],
        "ladder": [_rung(rung) for rung in site.ladder],
        "ladder_repeat": {"from": site.repeat.from_rung, "every": _seconds(site.repeat.every)},
        "clocks": {
            "arrival": _seconds(site.clocks.arrival),
            "reassess": _seconds(site.clocks.reassess),
            "ems_prompt": _seconds(site.clocks.ems_prompt),
            "recovery": _seconds(site.clocks.recovery),
            "recovery_check": _seconds(site.clocks.recovery_check),
        },
        "direct_line": _line(site.line),
    }


def _booth(booth: Booth) -> dict[str, Any]:
    named = {"name": booth.name, "place": booth.place}
    return {"number": booth.number} | {key: text for key, text in named.items() if text is not None}


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "phone": person.phone,
        "roles": [role.value for role in person.roles],
        "language": person.language,
        "on_duty": list(person.shifts) or "always",
    }


def _rung(rung: Rung) -> dict[str, Any]:
    return {
        "after": _seconds(rung.after),
        "do": [do.value for do in rung.do],
        "who": [role.value for role in rung.who],
    }


def _line(line: DirectLine) -> dict[str, Any]:
    return {
        "numbers": list(line.numbers),
        "language": line.language,
        "join": _seconds(line.join),
        "ring": _seconds(line.ring),
        "rounds": line.rounds,
        "test_numbers": list(line.test_numbers),
        "agreement": line.agreement,
        "line_phone": line.line_phone,
        "test_every": line.test_every,
    }


def _seconds(seconds: float) -> float:
    """Whole seconds without a fraction, as people write them."""
    return int(seconds) if seconds == int(seconds) else seconds


def site_from_json(document: Mapping[str, Any]) -> Site:
    """The site that `site_to_json` wrote down.

    Raises KeyError or ValueError for anything else.
    """
    top, line = document["site"], document["direct_line"]
    repeat = document["ladder_repeat"]
    return Site(
        code=top["code"],
        name=top["name"],
        spoken_name=top["spoken_name"],
        language=top["language"],
        timezone=top["timezone"],
        emergency_number=top["emergency_number"],
        sender_numbers=tuple(top["sender_numbers"]),
        voice_number=top["voice_number"],
        test_phone=top["test_phone"],
        place_word=dict(top["place_word"]),
        booth_languages=tuple(top.get("booth_languages", ())),
        notes=top["notes"],
        retention_days=top["retention_days"],
        hidden_below=top["hidden_below"],
        address=Address(**top["address"]) if "address" in top else None,
        booths=tuple(Booth(**booth) for booth in document["booths"]),
        people=tuple(_person_from(person) for person in document["people"]),
        ladder=tuple(_rung_from(rung) for rung in document["ladder"]),
        repeat=Repeat(repeat["from"], float(repeat["every"])),
        clocks=Clocks(**{key: float(value) for key, value in document["clocks"].items()}),
        line=DirectLine(
            numbers=tuple(line["numbers"]),
            language=line["language"],
            join=float(line["join"]),
            ring=float(line["ring"]),
            rounds=line["rounds"],
            test_numbers=tuple(line["test_numbers"]),
            agreement=line["agreement"],
            line_phone=line["line_phone"],
            test_every=line.get("test_every", DirectLine.test_every),
        ),
    )


def _person_from(person: Mapping[str, Any]) -> Person:
    return Person(
        id=person["id"],
        name=person["name"],
        phone=person["phone"],
        roles=tuple(Role(role) for role in person["roles"]),
        language=person["language"],
        shifts=() if person["on_duty"] == "always" else tuple(person["on_duty"]),
    )


def _rung_from(rung: Mapping[str, Any]) -> Rung:
    do = tuple(Do(word) for word in rung["do"])
    return Rung(float(rung["after"]), do, tuple(Role(word) for word in rung["who"]))


def export_site(site: Site) -> str:
    """The site as a site file without PINs, which reads back as the same site."""
    blocks: list[str] = []
    for name, value in site_to_json(site).items():
        if isinstance(value, list):
            # An empty list of tables is not written: no such table is no such thing.
            tables = cast("list[Mapping[str, Any]]", value)
            blocks += [_block(f"[[{name}]]", table) for table in tables]
            continue
        inner = value.pop("address", None)
        blocks.append(_block(f"[{name}]", value))
        if inner is not None:
            blocks.append(_block(f"[{name}.address]", inner))
    return "\n".join(blocks)


def _block(header: str, table: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in table.items()]
    return "\n".join([header, *lines, ""])


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in table.items()) + " }"
    # For text, numbers, true, false and lists of them TOML reads what JSON writes.
    return json.dumps(value, ensure_ascii=False)


def changes(old: Site | None, new: Site) -> list[str]:
    """What a load changes, in short lines for people; empty when nothing changes.

    No line has a phone number, an address or a person's name in it. PINs are not part of a site,
    so what becomes of them is not told here.
    """
    if old is None:
        return [f"new site, {len(new.booths)} booths, {len(new.people)} people"]
    before, after = site_to_json(old), site_to_json(new)
    lines = [f"site: {key} changed" for key in _differing(before["site"], after["site"])]
    lines += _list_changes("booths", before["booths"], after["booths"], "number")
    lines += _list_changes("people", before["people"], after["people"], "id")
    lines += [
        f"{part.replace('_', ' ')} changed"
        for part in ("ladder", "ladder_repeat")
        if before[part] != after[part]
    ]
    for part in ("clocks", "direct_line"):
        lines += [f"{part}: {key} changed" for key in _differing(before[part], after[part])]
    return lines


def _list_changes(
    part: str, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], key: str
) -> list[str]:
    before = {table[key]: table for table in old}
    after = {table[key]: table for table in new}
    lines = [f"{part}.{name}: retired" for name in before if name not in after]
    lines += [f"{part}.{name}: added" for name in after if name not in before]
    kept = [name for name in before if name in after]
    for name in kept:
        differing = _differing(before[name], after[name])
        lines += [f"{part}.{name}: {field.replace('_', ' ')} changed" for field in differing]
    if kept != [name for name in after if name in before]:
        lines.append(f"{part}: order changed")
    return lines


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
