"""The rule itself: facts in, a decision out. Pure: it asks nobody, so that
`python3 -m unittest` tests it without a host.

    backlog                        answer
    missing                        no decision: the host holds
    wants more workers than there  the difference
    wants fewer, stale             hold: a fresh reading is needed to shrink
    wants fewer, fresh             the difference
"""

import json
from dataclasses import dataclass

PER_WORKER = 100
U32_MAX = 2**32 - 1
S32_MIN, S32_MAX = -(2**31), 2**31 - 1


class InvalidSettings(Exception):
    """Everything wrong with the settings, as pairs of path and message."""

    def __init__(self, problems):
        super().__init__("; ".join(f"{path}: {message}" if path else message for path, message in problems))
        self.problems = problems


class MissingData(Exception):
    """A fact that the rule rests on is missing."""


@dataclass
class Settings:
    """Messages ready for each worker."""

    per_worker: int = PER_WORKER


@dataclass
class Facts:
    """All that the rule looks at. `ready` is None when it is not known."""

    quality: str  # "fresh", "stale" or "missing"
    ready: int | None
    capacity: int


def parse(text):
    """The settings out of their JSON; raises InvalidSettings with all problems."""
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidSettings([("", f"the settings are no JSON: {error}")])
    if not isinstance(given, dict):
        raise InvalidSettings([("", "the settings must be a table")])
    problems = [(key, "is not known; there is: per_worker") for key in sorted(given) if key != "per_worker"]
    per_worker = given.get("per_worker", PER_WORKER)
    whole = isinstance(per_worker, int) and not isinstance(per_worker, bool)
    if not whole or not 1 <= per_worker <= U32_MAX:
        problems.append(("per_worker", f"must be a whole number from 1 to {U32_MAX}, such as 100"))
    if problems:
        raise InvalidSettings(problems)
    return Settings(per_worker)


def decide(settings, facts):
    """Workers more or fewer, and why; raises MissingData."""
    if facts.quality == "missing" or facts.ready is None:
        raise MissingData("the backlog is missing")
    wanted = -(-facts.ready // settings.per_worker)
    delta = max(S32_MIN, min(wanted - facts.capacity, S32_MAX))
    reason = (
        f"backlog {facts.ready} at {settings.per_worker} for each worker wants {wanted} workers, "
        f"there are {facts.capacity}"
    )
    if delta < 0 and facts.quality == "stale":
        return 0, f"{reason}: the reading is stale, hold"
    return delta, reason
