"""A worker that speaks the protocol of `kg.extract.worker` and does what the titles of the papers tell it.

    obedient_worker.py FOLDER [refuse|crash|die]     the last: how it behaves at its start

A title "die" kills it, "die once NAME" only if FOLDER has no file NAME yet, "sleep S" takes S seconds.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from kg.extract.worker import Done, Failed, Ready, Refused, read_papers, write_frame
from kg.model import Extraction, Paper


def obey(paper: Paper, folder: Path) -> Done | Failed:
    order, *rest = paper.title.split()
    match order:
        case "die":
            mark = folder / rest[-1] if rest else None
            if mark is None or not mark.exists():
                if mark is not None:
                    mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case "sleep":
            time.sleep(float(rest[0]))
        case "fail":
            return Failed("told to fail")
    return Done(Extraction(paper.id, notes=(paper.title,)))


def main() -> None:
    folder, *how = sys.argv[1:]
    (Path(folder) / f"{os.getpid()}.pid").touch()
    if how == ["die"]:
        sys.exit("cannot even start")
    if how == ["crash"]:
        write_frame(sys.stdout.buffer, Refused("", "Traceback: a bug"))
    elif how == ["refuse"]:
        write_frame(sys.stdout.buffer, Refused("ModelError", "no such model"))
    else:
        write_frame(sys.stdout.buffer, Ready())
        while (papers := read_papers(sys.stdin.buffer)) is not None:
            for paper in papers:
                write_frame(sys.stdout.buffer, obey(paper, Path(folder)))


if __name__ == "__main__":
    main()
