"""``python -m ocpplab_runner.cli``."""

from ocpplab_runner.cli.app import main

if __name__ == "__main__":
    main()
