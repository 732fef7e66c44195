"""Lets `python -m loader` and the console script do the same."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from loader.cli.app import run  # noqa: PLC0415  nothing but this runs on import

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
