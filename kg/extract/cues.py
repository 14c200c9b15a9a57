"""The phrases around which names are coined and declared, as patterns on a view; `kg.extract.coined` reads them."""

from __future__ import annotations

import re

from kg.extract.names import CHAR, WORD
from kg.extract.word_lists import words

INTRO = re.compile(
    r"\b(?:we|i|this (?:paper|work|study|article|report|thesis|letter)|the (?:paper|authors?)|here|authors|paper)[\s,]+"
    r"(?:(?:\w+ly|also|then|further|first|here|now|thus|next|hence|will|have|therefore|instead|in turn|and)[\s,]+){0,3}"
    r"(?:propos|introduc|present|develop|design|describ|releas|devis|build|built|creat|construct|"
    r"contribut|unveil|publish|"
    r"provid|formulat|offer|collect|curat|establish|open-sourc|nam|call|term|dub|coin|demonstrat|"
    r"implement|explor|suggest|advocat|"
    r"announc|put forward|propound|deriv|pioneer|advanc|detail|outlin|shar|craft|generaliz|"
    r"engineer|assembl)(?:e[sd]?|s|ed|d|t|es|ting|ing|y)?\b",
    re.IGNORECASE,
)
PASSIVE = re.compile(
    r"\s(?:is|are|was|were|has been|have been) (?:\w+ly |also |then |further |thus |"
    r"hence )?(?:proposed|introduced|presented|developed|designed|devised|released)\b"
)
CALLED = re.compile(
    r"\b(?:called|named|dubbed|termed|coined|namely|denoted(?: (?:as|by))?|referred to as|"
    r"known as|abbreviated (?:as|to)|entitled|labeled|"
    r"which we (?:call|name|term|dub|refer to as|denote(?: as| by)?)|(?:we|and) (?:call|name|term|"
    r"dub|coin|denote|refer to) (?:(?:it|this|them|these|our|the resulting|the|"
    r"such)(?: [\w-]+){0,3}?(?: as| by)?))[\s,:]+(?:the |as |an? )?",
    re.IGNORECASE,
)
OURS = re.compile(
    r"\b(?:[Oo]ur|(?:[Tt]he )?(?:[Pp]roposed|[Nn]ew|[Nn]ovel)|[Oo]ur (?:proposed|new|"
    r"novel))\s+(?P<noun>(?:[a-z][\w-]* ){0,3}?)(?:,\s?|:\s?)?(?=['\"]?[^\W_])"
)
DETERMINER = re.compile(r"(?:an?|the|our|two|three|its|one)\s+", re.IGNORECASE)
APPOSITION = re.compile(
    r"\s?(?:\([^()]{1,80}\))?,? (?P<rel>which is |that is |as )?(?P<det>an?|the first|the|our|two|"
    r"three)\s(?P<np>[^.;:!?()]{3,90})",
    re.IGNORECASE,
)
COPULA = re.compile(
    r"\s?(?:\([^()]{1,80}\))? (?:is|are|was|were)(?: \w+ly)? (?P<det>an?|the first|the|our|"
    r"one of the|two|three|both|all)?\s?(?P<np>[^.;:!?()]{3,90})"
)
APPOSED = re.compile(
    rf"\b(?:evaluat|us|stud|test|compar|train|appl|consider|analy[sz]|examin|investigat|prob|"
    rf"extend|benchmark|propos|introduc|present|releas|on|with|of)(?:e[sd]?|ing|y|ies|s|ed)? "
    rf"(?P<name>{WORD}(?: {WORD}){{0,3}}), (?:which is )?(?:an?|the|our) (?P<np>[^.;:!?()]{{3,60}})"
)
NOUN_NAME = re.compile(
    rf"\b(?:[Aa]n?|[Tt]he|[Oo]ur|[Ii]ts|[Aa]nother|"
    rf"[Oo]ne) (?P<noun>(?:[a-z][\w-]* ){{0,4}}[a-z][\w-]*), (?P<name>{WORD})(?=[,.;)]| \()"
)
AS_NOUNS = re.compile(r" as (?:new |novel |our |the |two |three )?(?P<np>[a-z][\w -]{2,40})")
AND = re.compile(r"(?:,\s(?:and |or )?|\sand\s|\sor\s|\s&\s)")
TITLE = re.compile(rf"(?P<name>{CHAR}[^:\n]{{0,60}}?)\s?(?::|--|–|—|\s-\s)\s?(?=\S)")
NAME = re.compile(WORD)
QUOTED = re.compile(r"['\"]{1,2}(?P<name>[^'\"\n]{2,60})['\"]{1,2}")
SMALL = frozenset(
    words(
        """
        of for and with in to the on by via from as at & or a an
        """
    )
)
NOT_A_NAME = frozenset(
    words(
        """
        a an the our new novel this that these those it its we they both all two three four five several many some
        such each first simple general more most one other which what how when where why while in on at by with for
        from to of and or as is are was were be been experiments results here there extensive existing recent
        various different multiple then thus also further not no if can may will code data section figure table
        state-of-the-art sota ai ml nlp cv gpu gpus cpu cpus tpu api us uk
        """
    )
)
CONNECTORS = frozenset(
    words(
        """
        to that which for with and by based as is in on of from where through via using can built trained consisting
        an a or are whose at designed aims uses has achieves enables provides combines leverages without over under
        along together capable towards into so
        """
    )
)
RIVAL_AFTER = re.compile(
    r"['\"]?(?:\s?\([^()]{1,40}\))? (?:\w+ly |also |still |even |further |can |does not |do not |"
    r"fails to |failed to |cannot |is |are |was |were |then )*"
    r"(?:outperform|beat|surpass|exceed|outclass|improves? (?:up)?on|extend|builds? on|based on|"
    r"built on|trained on|evaluated on|tested on|pre-?trained on|fine-?tuned on)(?:s|es|ed|ing|"
    r"en)?\b"
)
RIVAL_BEFORE = re.compile(
    r"(?:outperform(?:s|ed|ing)?|beat(?:s|ing|en)?|surpass(?:es|ed|ing)?|exceed(?:s|ed|ing)?|"
    r"based on|built on|builds on|extends?|extending|"
    r"compared (?:to|with)|better than|faster than|superior to|beaten by|outperformed by)(?: by)?(?: the)? ['\"]?$"
)
VARIANT = re.compile(
    rf"(?:[\w-]+ )?(?:variant|version|extension|successor|kind|form|adaptation|instance) of (?:the )?(?P<of>{WORD})"
)
