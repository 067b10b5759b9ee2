"""``make bench``, or ``python bench/run.py [name ...]``: see :mod:`bench.figures`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
