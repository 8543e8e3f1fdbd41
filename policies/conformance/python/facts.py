"""Every question that a policy may ask, with its answer as text."""

from wit_world.imports import log, memory, metrics

from text import answer, option, value

U32_MAX, U64_MAX = 2**32 - 1, 2**64 - 1


def text(settings, profile, nobody):
    enabled = (f"{value(level)}={value(log.enabled(level))}" for level in log.Level)
    lines = [
        f"settings {value(settings)}",
        f"asked {value(profile)}",
        "enabled " + " ".join(enabled),
        f"memory {option(memory.load())}",
        f"now-ms {metrics.now_ms()}",
        f"site {value(metrics.site())}",
        *several("profiles", metrics.profiles()),
    ]
    for each in profile, nobody:
        lines += of_profile(each)
    return "".join(f"{line}\n" for line in lines)


def of_profile(profile):
    for name in "bounds", "backlog", "workers":
        given, failed = answer(getattr(metrics, name), profile)
        yield f"{name} {failed or 'ok ' + value(given)}"
    yield from asked("queues", metrics.queues, profile)
    yield from asked("vms", metrics.vms, profile)
    yield from asked("idle-vms", metrics.idle_vms, profile, 0, U32_MAX)
    yield from asked("idle-vms", metrics.idle_vms, profile, U64_MAX, 0)


def asked(name, function, *arguments):
    given, failed = answer(function, *arguments)
    return [f"{name} {failed}"] if failed else several(f"{name} ok", given)


def several(name, items):
    return [f"{name} {len(items)}", *(f"- {value(item)}" for item in items)]
