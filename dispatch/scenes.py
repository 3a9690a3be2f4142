"""The surroundings of something that happens: all that deciding must know from outside."""

from alerts.alert import Alert
from alerts.events import Scene
from alerts.site import Site
from dispatch import outbox_rows
from dispatch.book import Book
from dispatch.store import Store


def read_scene(
    store: Store, site: Site, alert: Alert | None, book: Book, *, phones: bool, others: bool
) -> Scene:
    """The scene of this alert, or of a press that raises one.

    `others`: the site's other asking alerts are looked at as well.
    """
    busy: frozenset[str] = frozenset()
    count = 0
    taken = False
    if alert is not None and others:
        # A drill is in nobody's way.
        asking = store.asking(site.code)
        rest = [one for one in asking if one.id != alert.id and not one.drill]
        count = len(rest)
        busy = frozenset(person for one in rest for person in one.there)
        taken = alert.booth is not None and any(one.booth == alert.booth for one in rest)
    return Scene(
        site=site,
        duty=book.duty(site, store.now),
        busy=busy,
        others=count,
        booth_taken=taken,
        phones=phones,
        zone=book.zone(site),
        attempts=outbox_rows.attempts(store, site.code, alert.id) if alert and phones else (),
    )
