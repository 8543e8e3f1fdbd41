"""The component: carries facts to `rule` and the decision back. Decides
nothing itself. `wit_world` is made from the `wit` folder when it is built."""

import functools
from pathlib import Path

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import policy
from wit_world.imports import log, metrics, settings, types

import rule

# Read while the component is built; it has no files when it runs.
SCHEMA = Path(__file__).with_name("settings.schema.json").read_text(encoding="utf-8")


def told(function):
    """Writes an exception that nobody caught to the host's log, and answers
    `internal` with it: left alone it would be a trap that says nothing."""

    @functools.wraps(function)
    def guarded(*args):
        try:
            return function(*args)
        except Err:
            raise
        except Exception as error:
            at = error.__traceback__
            while at.tb_next:
                at = at.tb_next
            place = f"{Path(at.tb_frame.f_code.co_filename).name}, line {at.tb_lineno}"
            message = f"{type(error).__name__}: {error} ({place})"
            log.write(log.Level.ERROR, message)
            raise Err(types.PolicyError_Internal(message))

    return guarded


class Policy(exports.Policy):
    """What the host calls. The name is that of the exported interface."""

    @told
    def describe(self):
        return policy.Description(
            name="my-policy",
            version="0.1.0",
            summary="Asks for one worker for each so many messages ready.",
            settings_schema=SCHEMA,
        )

    @told
    def validate_settings(self, text):
        try:
            rule.parse(text)
        except rule.InvalidSettings as wrong:
            raise Err([policy.SettingProblem(path, message) for path, message in wrong.problems])

    @told
    def evaluate_needs(self, profile):
        try:
            return types.Needs(*rule.decide(rule.parse(settings.json()), facts(profile)))
        except rule.InvalidSettings as wrong:
            raise Err(types.PolicyError_InvalidSettings(str(wrong)))
        except rule.MissingData as missing:
            raise Err(types.PolicyError_MissingData(str(missing)))


def facts(profile):
    """The facts that the rule looks at, asked of the host."""
    try:
        backlog, workers = metrics.backlog(profile), metrics.workers(profile)
    except Err as error:
        match error.value:
            case metrics.MetricsError_UnknownProfile(name):
                raise rule.MissingData(f"the site has no profile {name}")
            case metrics.MetricsError_Other(why):
                raise rule.MissingData(why)
    return rule.Facts(backlog.quality.name.lower(), backlog.ready, workers.capacity)
