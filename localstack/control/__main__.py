"""Entry of `localstack/emulator`: runs with any Python 3.8 or newer and nothing but its standard library."""

import sys

from cli import main

sys.exit(main(sys.argv[1:]))
