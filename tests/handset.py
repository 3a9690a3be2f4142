"""A person's handset in a story, in verbs: what it was texted, what it rings, what it does."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world import World

Json = dict[str, Any]


class Phone:
    """A person's handset, in verbs."""

    def __init__(self, world: "World", number: str) -> None:
        """The handset of this number."""
        self.world = world
        self.number = number
        self._read = 0

    async def texts(self) -> list[Json]:
        """Every text that reached the network for this phone, oldest first."""
        answer = await self.world.sim.get("/sim/texts", params={"to": self.number, "after": 0})
        return answer.json()["texts"]

    async def calls(self) -> list[Json]:
        """Every call to this phone, oldest first."""
        answer = await self.world.sim.get("/sim/calls", params={"to": self.number, "after": 0})
        return answer.json()["calls"]

    async def expect_text(self, part: str) -> Json:
        """The next text, which holds this; texts are read in order."""
        texts = await self.texts()
        assert len(texts) > self._read, (
            f"no text with {part!r}; so far {[t['body'] for t in texts]}"
        )
        text = texts[self._read]
        self._read += 1
        assert part in text["body"], text["body"]
        return text

    async def expect_no_text(self) -> None:
        """Nothing unread."""
        unread = (await self.texts())[self._read :]
        assert unread == [], [text["body"] for text in unread]

    async def reply(self, text: str, to: str | None = None) -> str | None:
        """Text back to the number of the last text (or `to`); our answer."""
        if to is None:
            to = (await self.texts())[-1]["from"]
        answer = await self.world.sim.post(
            "/sim/texts", json={"from": self.number, "to": to, "body": text}
        )
        assert answer.status_code < 300, answer.text
        said = answer.json()["answer"]
        if said is not None:
            self._read = len(await self.texts())
        await self.world.settle()
        return said

    async def ringing(self) -> Json | None:
        """The call that rings now."""
        calls = [call for call in await self.calls() if call["status"] == "ringing"]
        return calls[-1] if calls else None

    async def does(self, what: str, keys: str | None = None) -> None:
        """Answer, hang up, be busy, let voicemail answer, or press keys in the newest call."""
        sid = (await self.calls())[-1]["sid"]
        order: Json = {"do": what} | ({"keys": keys} if keys else {})
        answer = await self.world.sim.post(f"/sim/calls/{sid}", json=order)
        assert answer.status_code < 300, answer.text
        await self.world.settle()

    async def habit(self, **habit: Any) -> None:
        """What this handset does by itself (`wire.md`, PUT /sim/handsets)."""
        answer = await self.world.sim.put(f"/sim/handsets/{self.number}", json=habit)
        assert answer.status_code < 300, answer.text
