"""The rule, tested without a host: python3 -m unittest."""

import unittest

from rule import Facts, InvalidSettings, MissingData, Settings, decide, parse


class Deciding(unittest.TestCase):
    def check(self, facts, expected, per_worker=100):
        self.assertEqual(decide(Settings(per_worker), facts)[0], expected)

    def test_the_backlog_is_divided_and_rounded_up(self):
        self.check(Facts("fresh", ready=950, capacity=3), 7)
        self.check(Facts("fresh", ready=901, capacity=10), 0)
        self.check(Facts("fresh", ready=0, capacity=2), -2)
        self.check(Facts("fresh", ready=1, capacity=0), 1, per_worker=1)

    def test_a_stale_reading_grows_and_never_shrinks(self):
        self.check(Facts("stale", ready=950, capacity=3), 7)
        self.check(Facts("stale", ready=0, capacity=2), 0)

    def test_the_largest_numbers_are_answered(self):
        self.check(Facts("fresh", ready=2**64 - 1, capacity=0), 2**31 - 1, per_worker=1)
        self.check(Facts("fresh", ready=0, capacity=2**32 - 1), -(2**31))

    def test_a_missing_backlog_is_no_decision(self):
        for facts in Facts("missing", None, 3), Facts("fresh", None, 3):
            with self.assertRaises(MissingData):
                decide(Settings(), facts)


class ReadingSettings(unittest.TestCase):
    def test_none_are_the_defaults(self):
        self.assertEqual(parse("{}"), Settings(per_worker=100))

    def test_everything_wrong_is_told_at_once(self):
        with self.assertRaises(InvalidSettings) as raised:
            parse('{"per_worker": true, "per_wroker": 3}')
        self.assertEqual([path for path, _ in raised.exception.problems], ["per_wroker", "per_worker"])

    def test_what_is_no_table_is_refused(self):
        for text in "[]", "7", "{":
            with self.assertRaises(InvalidSettings):
                parse(text)


if __name__ == "__main__":
    unittest.main()
