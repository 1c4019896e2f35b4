"""More words of direction: they state an outcome where a sentence rests on a claim or prints a contrast."""

from __future__ import annotations

import re

from scientist.writeup.lexicon import Sense, Word

_MOVES = {
    Sense.UP: r"gain(?:s|ed)|(?:went|go|goes|going|gone|pushe[sd]|pulle?d?s?|drove|drives?|driven|picked|shot"
    r"|crept|inched|edged|moved|ticked"
    r"|nudge[sd]|bump(?:s|ed)?) (?:it |them )?up(?:ward(?:s)?)?|up from|upwards?|elevat\w+|soar\w*|surg\w+"
    r"|swell\w*|swollen|mount(?:s|ed|ing)"
    r"|expand\w*|enlarg\w+|amplif\w+|inflat\w+|widen\w*|jump\w*|bump(?:s|ed)|escalat\w+|heighten\w*|augment(?:s"
    r"|ed)|intensif\w+"
    r"|stretch(?:es|ed)|balloon\w*|leap\w*|upswing|uptick|upturn|added to|adds to|pile[sd]? on|skyrocket\w*"
    r"|rocketed|magnif\w+|bloat\w*"
    r"|broaden\w*|upped|ups|hoist\w*|lift(?:s|ed|ing)?|ascend\w*|burgeon\w*|proliferat\w+|accumulat\w+|stepped up",
    Sense.DOWN: r"(?:went|go|goes|going|gone|pushe[sd]|pulle?d?s?|drove|drives?|driven|brought|brings|came|comes"
    r"|took|takes|takes it|forced|kept"
    r"|crept|inched|edged|moved|ticked|nudge[sd]) (?:it |them )?down(?:ward(?:s)?)?|down from|downwards?|cuts?"
    r"|cutting|lessen\w*|dwindl\w+|sinks?|sank|sunk|plung\w+|plummet\w*|slid|slides?"
    r"|dip(?:s|ped)|trim(?:s|med)|slash\w*|shav\w+|depress\w*|suppress\w*|deflat\w+|narrow(?:s|ed|ing)"
    r"|contract(?:s|ed|ing)|curtail\w*"
    r"|truncat\w+|compress(?:es|ed)|erod\w+|wan(?:e|es|ed|ing)|ebb\w*|subsid\w+|slump\w*|tumbl\w+|weaken(?:s|ed)"
    r"|taper\w*|abat(?:e|es|ed)"
    r"|sag(?:s|ged)|slip(?:s|ped)|reced\w+|downturn|downswing|sheds?|shedding|crash(?:es|ed)|dropp?ed off"
    r"|tailed off|cool(?:s|ed)|ease[sd]|subtract\w+ from|took from"
    r"|descend\w*|pare[sd]?|nosedived?|collapse[sd]?|deplet\w+|whittle[sd]?|lopped|prune[sd]? away|atroph\w+"
    r"|crumpl\w+|attenuat\w+|dampen\w*|minimi[sz]e[sd]|mitigat\w+|alleviat\w+",
    Sense.BETTER: r"advantage\w*|w[io]ns?|w[io]ns? over|ahead|stronger|hasten\w*|expedit\w+|ameliorat\w+"
    r"|favou?r(?:s|ed)|useful|beneficial|pa(?:ys|id) off|pay off"
    r"|more (?:accurate|quickly|rapidly|efficient\w*|swiftly)|strengthen\w*|upgrad\w+|excel(?:s|led)"
    r"|edge[sd]? out|outd(?:o|oes|id|one)|outshin\w+|outpac\w+"
    r"|outstrip\w*|eclips\w+|bested|trump(?:s|ed)|overt(?:ake|akes|ook)|leads? over|fruitful|profit(?:s|ed)"
    r"|aid(?:s|ed)|assist(?:s|ed)|facilitat\w+"
    r"|valuable|swifter|speedier|prompter|hurr(?:y|ies|ied)|positive effect|good for|improver|preferable"
    r"|worthwhile|rewarding|constructive|conducive|outclass\w*|top(?:s|ped)|advanc(?:es|ed)",
    Sense.WORSE: r"lo(?:ses|st|se) (?:to|against|out)|(?:left|fell|falls?|stays?|stayed|trails?) behind|damag\w+"
    r"|detriment\w*|disadvantag\w+|poorer|hamper\w*|retard\w*|undermin\w+"
    r"|handicap\w*|backfir\w+|penali[sz]\w+|weaker|deficit|spoil\w*|ruin(?:s|ed)|sabotag\w+|trail(?:s|ed)"
    r"|lag(?:s|ged|ging)|f(?:alls?|ell) short|suffer(?:s|ed)"
    r"|compromis(?:es|ed)|corrod\w+|crippl\w+|stunt(?:s|ed)|obstruct\w*|bad for|takes? a toll|took a toll"
    r"|regress(?:es|ed)|setback|blunt(?:s|ed)|mar(?:s|red)|dent(?:s|ed)"
    r"|adverse(?:ly)?|unfavou?rabl[ey]|counter-?productive|poison\w*|burden\w*|negative effect|deleterious"
    r"|injur(?:es|ed|ious)|sluggish\w*|drag(?:s|ged)|less (?:accurate|quickly|rapidly|efficient\w*)"
    r"|at the expense|disrupt(?:s|ed)|inhibit\w*|thwart\w*|imperil\w*|pernicious|unhelpful|disfavou?r\w*"
    r"|costlier|encumber\w*",
}
_PATTERNS = {s: re.compile(rf"(?<![\w-])(?:{p})(?![\w-])", re.I) for s, p in _MOVES.items()}
_NOT = re.compile(
    r"\b(?:cut off|contract(?:s)? of|lost to|leads? to|within the advantage|so far ahead|(?:the|an?|its) (?:drop"
    r"|cost|gain|cut|contract|deficit|advantage)s? (?:of|in|worth)"
    r"|extends? to)\b",
    re.I,
)


def moves(prose: str) -> list[Word]:
    """The words, with where they stand; none of them states a law by its tense."""
    text = _NOT.sub(lambda m: " " * len(m[0]), prose)
    found = [Word(m[0].lower(), s, m.start(), m.end(), False) for s, p in _PATTERNS.items() for m in p.finditer(text)]
    return sorted(found, key=lambda x: x.start)
