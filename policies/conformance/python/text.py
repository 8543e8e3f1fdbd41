"""Values of the contract as text, by the table of the README."""

import re
import struct
from dataclasses import fields
from enum import Enum

from componentize_py_types import Err

# The fields that are options in the WIT: a value of them is `some`.
OPTIONS = {
    "ready", "unacked", "consumers", "arrival_rate", "service_rate", "idle_ms", "load", "value",
}
VARIANT = re.compile(r"[A-Za-z]+_([A-Za-z]+)")


def value(it):
    """A value of any type but an option."""
    match it:
        case bool():
            return "true" if it else "false"
        case int():
            return str(it)
        case float():
            return struct.pack(">d", it).hex()
        case str():
            return f'"{it}"'
        case bytes():
            return it.hex()
        case Enum():
            return it.name.lower()
        case list():
            return "[" + ",".join(f'"{key}"="{of}"' for key, of in it) + "]"
    if case := VARIANT.fullmatch(type(it).__name__):
        name = re.sub(r"(?<=[a-z])([A-Z])", r"-\1", case[1]).lower()
        return f"{name}({value(it.value)})" if hasattr(it, "value") else name
    return record(it)


def option(it):
    return "none" if it is None else f"some({value(it)})"


def record(it):
    def field(name):
        given = getattr(it, name)
        return option(given) if name in OPTIONS else value(given)

    return " ".join(f"{each.name.replace('_', '-')}={field(each.name)}" for each in fields(it))


def answer(function, *arguments):
    """What a function that may fail answers: its value, and its text if it failed."""
    try:
        return function(*arguments), None
    except Err as error:
        return None, f"err {value(error.value)}"


def outcome(function, *arguments):
    """The text of a result without a value."""
    _, failed = answer(function, *arguments)
    return failed or "ok"
