"""What a training run can be told."""

from __future__ import annotations

from dataclasses import dataclass

ARCHITECTURES = ("transformer", "convolution")
RULES = ("package", "fit")


@dataclass(frozen=True, slots=True)
class Options:
    """Everything but the files.

    `layers`: of a transformer, 0: as many as the encoder has. `teachers`, `pretrain_epochs`, `student_epochs` and
    `mixed` (texts for each annotated paper) matter where there are texts. `minutes` limits the learning, whose rates
    then fall to zero in time. `rules`: those of the package, or "fit": rules fitted on the annotated papers but for
    those held out, needed where the package's own have seen these papers. `lean`: the tagger alone
    proposes entities, no rules, which is faster and finds less. `threads`: 0 for one a core.
    """

    architecture: str = "transformer"
    layers: int = 0
    epochs: int = 5
    teachers: int = 2
    pretrain_epochs: int = 1
    student_epochs: int = 8
    mixed: int = 3
    batch: int = 8
    held_out: float = 0.075
    seed: int = 1
    minutes: float | None = None
    rules: str = "package"
    lean: bool = False
    threads: int = 0
