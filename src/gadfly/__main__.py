"""`python -m gadfly` is the command `gadfly`."""

from gadfly.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
