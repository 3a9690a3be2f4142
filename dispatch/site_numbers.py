"""Reads the phone numbers of a site file into E.164 and refuses what must never be dialled.

`phonenumbers` is slow to import and only needed while a file is read, so it is imported there.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dispatch.site_fields import Table

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

# Dialled by hand in one country or another for the emergency services or the police; the library
# is asked as well, for the countries that the site and the number belong to.
EMERGENCY_NUMBERS = frozenset(
    {"112", "911", "999", "000", "110", "118", "119", "997", "998", "9008844"}
)
EMERGENCY_REGIONS = ("NL", "BE", "DE", "GB", "US")

EMERGENCY = "an emergency number, which is shown to people and never dialled by us"
UNREADABLE = "not a phone number; write it with + and the country code, as in +31612345601"
NOT_DIALABLE = "no phone can be reached at this number; write it in full with + and country code"
PREMIUM = "a premium-rate number, which is never dialled"
OWN = "this is one of our own numbers, and nobody picks up there"


class Dialling:
    """Which numbers may be dialled for one site, whose country is that of its voice number."""

    def __init__(self, emergency_number: str, voice_number: str) -> None:
        self._emergency = _digits(emergency_number)
        self._home = _region(_parsed(voice_number))
        self._own: set[str] = set()

    def own(self, table: Table, key: str, text: str) -> str:
        """One of our own numbers in E.164; from now on no phone of a person may be the same."""
        number = self._normalised(table, table.place(key), text)
        self._own.add(number)
        return number

    def read_own(self, table: Table, key: str, most: int) -> tuple[str, ...]:
        """A list of our own numbers in E.164, at least one."""
        numbers = self._read_list(table, key, most, needed=True)
        self._own.update(number for _, number in numbers)
        return tuple(number for _, number in numbers)

    def read(self, table: Table, key: str, *, needed: bool) -> str:
        """The number of somebody else in E.164; empty when it is absent or refused."""
        text = table.text(key, None if needed else "")
        number = self._normalised(table, table.place(key), text)
        self._refuse_own(table, table.place(key), number)
        return number

    def read_all(self, table: Table, key: str, most: int) -> tuple[str, ...]:
        """A list of numbers of somebody else in E.164."""
        numbers = self._read_list(table, key, most, needed=False)
        for at, number in numbers:
            self._refuse_own(table, at, number)
        return tuple(number for _, number in numbers)

    def _read_list(
        self, table: Table, key: str, most: int, *, needed: bool
    ) -> list[tuple[str, str]]:
        texts = table.texts(key, most, needed=needed)
        numbers = [(at, self._normalised(table, at, text)) for at, text in texts]
        table.faults.doubles(numbers, "this number is here twice")
        return numbers

    def _refuse_own(self, table: Table, at: str, number: str) -> None:
        if number and number in self._own:
            table.faults.add(at, OWN)

    def _normalised(self, table: Table, at: str, text: str) -> str:
        import phonenumbers

        if not text:
            return ""
        number = _parsed(text)
        why = self._why_not(text, number)
        if number is None or why is not None:
            table.faults.add(at, why or UNREADABLE)
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def _why_not(self, text: str, number: "PhoneNumber | None") -> str | None:
        import phonenumbers

        if self._calls_emergency(text, number):
            return EMERGENCY
        if number is None:
            return UNREADABLE
        kinds = phonenumbers.PhoneNumberType
        kind = phonenumbers.number_type(number)
        if kind == kinds.PREMIUM_RATE:
            return PREMIUM
        # A range may be newer than the library, so only the length is asked; and only the lengths
        # of ordinary phones, or a number with a digit too few could pass for a service number.
        ordinary = (kinds.FIXED_LINE, kinds.MOBILE, kinds.VOIP)
        possible = phonenumbers.ValidationResult.IS_POSSIBLE
        if kind != kinds.TOLL_FREE and not any(
            phonenumbers.is_possible_number_for_type_with_reason(number, type_) == possible
            for type_ in ordinary
        ):
            return NOT_DIALABLE
        return None

    def _calls_emergency(self, text: str, number: "PhoneNumber | None") -> bool:
        import phonenumbers

        forms = {_digits(text)}
        if number is not None:
            forms |= {str(number.national_number), f"{number.country_code}{number.national_number}"}
        # The same number is written with and without the 0 that is dialled before it at home.
        forms |= {form.removeprefix("0") for form in forms}
        forms -= {""}
        if forms & (EMERGENCY_NUMBERS | {self._emergency, self._emergency.removeprefix("0")}):
            return True
        regions = {*EMERGENCY_REGIONS, self._home, _region(number)} - {""}
        if any(phonenumbers.is_emergency_number(form, r) for form in forms for r in regions):
            return True
        # A number that no plan knows may still begin like an emergency number and connect there.
        return (
            number is not None
            and not phonenumbers.is_valid_number(number)
            and phonenumbers.connects_to_emergency_number(
                str(number.national_number), _region(number)
            )
        )


@lru_cache(maxsize=256)
def national(number: str) -> str:
    """An E.164 number as its own country writes it, in groups; any other text as it is."""
    import phonenumbers

    parsed = _parsed(number)
    if parsed is None:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _parsed(text: str) -> "PhoneNumber | None":
    import phonenumbers

    # The library would also read letters as keys, extensions and other people's digits.
    if re.fullmatch(r"\+[0-9 ()./-]{3,30}", text) is None:
        return None
    try:
        return phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None


def _region(number: "PhoneNumber | None") -> str:
    import phonenumbers

    if number is None:
        return ""
    # Numbers of no known range still belong to the country of their code.
    region = phonenumbers.region_code_for_number(number)
    return region or phonenumbers.region_code_for_country_code(number.country_code or 0)
