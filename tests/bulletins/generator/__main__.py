"""``python -m tests.bulletins.generator FOLDER [--seeds 1,2] [--only photo_wood,...] [--unseen]``: writes cases to read.

One case of every condition for each seed, in the shape that ``station bench ocr --set data=FOLDER`` reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.bulletins.generator.cases import CONDITIONS, UNSEEN, make_case


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bulletins.generator", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", default="501,502", help="a case of every condition for each of these")
    parser.add_argument("--only", default="", help="conditions, separated by commas")
    parser.add_argument("--unseen", action="store_true", help="the conditions that are kept for the last measurement, too")
    given = parser.parse_args()
    wanted = [one for one in given.only.split(",") if one] or [*CONDITIONS, *(UNSEEN if given.unseen else ())]
    for seed in (int(one) for one in given.seeds.split(",")):
        for condition in wanted:
            print(make_case(condition, seed).write(given.folder).name, file=sys.stderr)


if __name__ == "__main__":
    main()
