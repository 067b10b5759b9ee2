"""``make chaos SEED=n``, or ``python tests/chaos/run.py --seed n``: see :mod:`tests.chaos.story`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.chaos.story import main

if __name__ == "__main__":
    sys.exit(main())
