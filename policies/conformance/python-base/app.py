"""Asks for nothing but `base`, by the README of `policies/conformance`."""

from wit_world import exports
from wit_world.exports import policy
from wit_world.imports import log, settings, types


class Policy(exports.Policy):
    def describe(self):
        return policy.Description("conformance-base", "", "", None)

    def validate_settings(self, text):
        pass

    def evaluate_needs(self, profile):
        log.write(log.Level.INFO, profile)
        return types.Needs(0, settings.json())
