"""The trained model at run time: ONNX Runtime for the encoder, numpy for the heads, no torch.

    model = Model.load(directory)
    enc = model.encode(text, lexicon.match(text))
    for mention in model.mentions(enc): ...

One text is one run on one thread, and the int8 scales are that text's own: what is said of a text depends on nothing
else. (numpy's own threads only get in the way: set OPENBLAS_NUM_THREADS=1.) Of a text at most `MAX_PIECES` word pieces
are read, some 20,000 characters. Scores have four decimals.

There are two ways to decide what is an entity. `mentions` alone, with the model's bias towards none, is the plain one.
Better: gather mentions with `model.open_bias`, which lets more through, make entities of them, and drop those whose
`Attributes.keep` (a calibrated probability, over all that the text says) is under `model.keep_threshold`.
"""

from __future__ import annotations

from kg.extract.neural.answers import Attributes, EntitySpans, Link, MentionSpan, ResultLink
from kg.extract.neural.encode import MAX_PIECES, Encoding
from kg.extract.neural.model import Model

__all__ = ["MAX_PIECES", "Attributes", "Encoding", "EntitySpans", "Link", "MentionSpan", "Model", "ResultLink"]
