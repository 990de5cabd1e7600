"""``python -m ergo``."""

import sys

from ergo.cli import main

sys.exit(main())
