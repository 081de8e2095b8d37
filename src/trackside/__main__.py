"""``python -m trackside``: the command line."""

import sys

from trackside.cli import main

if __name__ == "__main__":
    sys.exit(main())
