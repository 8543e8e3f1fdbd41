"""Says back what it is told, by the README of `policies/conformance`."""

import functools

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import policy
from wit_world.imports import cloud, log, memory, metrics, settings, types

import facts
import past
from text import answer, outcome, value

# Text of one, two, three and four bytes a character.
TEXT = "é漢🦀"
NOBODY = f"nobody {TEXT}"

ERRORS = {
    "invalid-settings": types.PolicyError_InvalidSettings,
    "missing-data": types.PolicyError_MissingData,
    "unsupported": types.PolicyError_Unsupported,
    "internal": types.PolicyError_Internal,
    "other": types.PolicyError_Other,
}


def told(function):
    """Writes an exception that is no answer to the log, and lets it pass."""

    @functools.wraps(function)
    def guarded(*arguments):
        try:
            return function(*arguments)
        except Err:
            raise
        except Exception as error:
            log.write(log.Level.ERROR, f"{type(error).__name__}: {error}")
            raise

    return guarded


class Policy(exports.Policy):
    @told
    def describe(self):
        return policy.Description(
            name=f"conformance {TEXT}",
            version=f"0.1.0+{TEXT}",
            summary=f"Says back what it is told: {TEXT}.",
            settings_schema=f'{{"title":"{TEXT}","type":"object"}}',
        )

    @told
    def validate_settings(self, given):
        match mode_of(given):
            case "problems":
                problems = [("", f"whole: {TEXT}"), ("mode", given), (f"a.{TEXT}", "")]
                raise Err([policy.SettingProblem(*problem) for problem in problems])
            case "no-problems":
                raise Err([])

    @told
    def evaluate_needs(self, profile):
        given = settings.json()
        mode = mode_of(given)
        match mode:
            case "facts":
                return remember(mode, facts.text(given, profile, NOBODY))
            case "past":
                return remember(mode, past.text(profile, TEXT))
            case "cloud":
                return remember(mode, actions(profile))
            case "low":
                return types.Needs(-(2**31), "")
            case "high":
                return types.Needs(2**31 - 1, "🦀" * 1000)
            case "store":
                return types.Needs(0, outcome(memory.store, b""))
            case "store-max":
                return types.Needs(0, store_max())
            case "log":
                return log_all()
            case "panic":
                raise RuntimeError(f"panic: {TEXT}")
        if mode not in ERRORS:
            raise Err(types.PolicyError_Unsupported("no mode"))
        # Things that the error is to undo.
        answer(cloud.launch, "nobody", "")
        answer(memory.store, bytes([1]))
        raise Err(ERRORS[mode](f"{mode}: {TEXT}"))


def mode_of(given):
    """The mode that settings name. Found and not parsed, as a guest in C would."""
    _, found, rest = given.partition('"mode":"')
    mode, ended, _ = rest.partition('"')
    return mode if found and ended else ""


def remember(mode, said):
    """Stores what was said, for the test to read."""
    stored = outcome(memory.store, said.encode())
    if stored != "ok":
        raise Err(types.PolicyError_Internal(f"store: {stored}"))
    return types.Needs(0, mode)


def store_max():
    def store(length):
        return memory.store(bytes(at % 256 for at in range(length)))

    try:
        store(65_537)
        return "ok"
    except Err as error:
        said = f"err {value(error.value)}"
        if isinstance(error.value, memory.MemoryError_TooLarge):
            said += f", {outcome(store, error.value.value)}"
        return said


def actions(profile):
    """Every action that a policy may ask for, with its answer as text."""
    vms, _ = answer(metrics.vms, profile)
    lines = []
    for vm, image in [(NOBODY, NOBODY), *((vm.id, vm.image) for vm in vms or [])]:
        lines.append(f'launch "{image}" {outcome(cloud.launch, image, f"why {TEXT}")}')
        for action in cloud.resume, cloud.suspend, cloud.terminate, cloud.start_worker, cloud.stop_worker:
            name = action.__name__.replace("_", "-")
            lines.append(f'{name} "{vm}" {outcome(action, vm, f"why {TEXT}")}')
    return "".join(f"{line}\n" for line in lines)


def log_all():
    for level in log.Level:
        log.write(level, f"{value(level)}: {TEXT}")
    log.write(log.Level.INFO, "")
    return types.Needs(0, "log")
