"""The one error this program reports to a person: what went wrong and what to do next."""


class Failure(Exception):
    """Printed to standard error after `emulator: `; ends the program with exit code 1."""
