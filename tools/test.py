"""`make test`: every ring of tests, on SQLite and a real PostgreSQL, a file to a core; says what was left out."""

import os
import shutil
import subprocess
import sys


def main() -> int:
    """Run pytest over everything; browser tests need Debian's Chromium."""
    chromium = shutil.which("chromium")
    required = os.environ.get("OCOP_REQUIRE_BROWSER") == "1"
    if chromium is None and required:
        sys.stderr.write("Chromium is required here and was not found.\n")
        return 1
    cores = str(max(2, os.cpu_count() or 1))
    arguments = [sys.executable, "-m", "pytest", "tests", "-n", cores, "--dist", "loadfile"]
    if chromium is None:
        arguments += ["-m", "not browser"]
    done = subprocess.run(arguments, check=False).returncode
    if chromium is None:
        sys.stderr.write("LEFT OUT: the tests marked `browser`, because Debian's `chromium` is not installed.\n")
    return done


if __name__ == "__main__":
    sys.exit(main())
