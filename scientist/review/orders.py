"""How orders to a reviewing model read, wherever they stand: whom they address, what it is to do, and to what."""

from __future__ import annotations

import re

from scientist.review.tongues import FOREIGN_PLEA, FOREIGN_REVERSAL

# ------------------------------------------------------------------------------------------- the parts of an order

_RULES = (
    r"(?:instructions?|prompts?|directions?|directives?|guidelines?|rules|text|commands?|rubrics?|criteria|criterion|"
    r"polic(?:y|ies)|checklists?|system message|constraints)"
)
_REVERSAL = r"(?:ignore|disregard|forget|override|bypass|set aside|put aside|suspend|waive|abandon|discard|neglect)"
_WORK = r"(?:paper|manuscript|submission|work|article|study)"
_MACHINE = (
    r"(?:(?:any|all|the|an?|every|each|dear)\s+)*(?:(?:AI|LLM|GPT|artificial intelligence|"
    r"(?:large\s+)?language[- ]model|"
    r"machine|"
    r"automat(?:ed|ic)|automated AI)[- ]*(?:based\s+)?(?:peer[- ])?(?:reviewers?|referees?|graders?|evaluators?|"
    r"assessors?|agents?|assistants?|models?|systems?|judges?|tools?|readers?)|(?:reviewer|reviewing|"
    r"referee) (?:models?|"
    r"bots?|systems?)|chatbots?|chatgpt|LLMs?|(?:large\s+)?language models?|"
    r"(?:the |any |dear )(?:models?|assistants?|bots?)(?:\s+(?:that|which|who)?\s*(?:is\s+)?(?:reading|reviewing|"
    r"grading|"
    r"evaluating|processing|reads|reviews) this(?:\s+\w+)?)?)"
)
_FAULTS = (
    r"(?:weakness(?:es)?|criticisms?|limitations?|flaws?|shortcomings?|negatives?|faults?|defects?|objections?|"
    r"drawbacks|concerns|problems)"
)
_GOOD = (
    r"(?:positive|favou?rable|glowing|perfect|maximum|maximal|top|full|highest|best|excellent|outstanding|enthusiastic|"
    r"strong(?:est)?|flawless)"
)
_VERDICT = (
    rf"(?:strong(?:ly)? accept|{_GOOD}\s+(?:possible\s+)?(?:\w+\s+)?(?:reviews?|ratings?|scores?|marks?|grades?|"
    rf"recommendations?|evaluations?|assessments?|verdicts?)|(?:scores?|ratings?|marks?|grades?) of (?:10|9|ten|"
    rf"nine)\b|"
    rf"\b10\s?/\s?10\b|(?:10|ten) (?:out )?of (?:10|ten)\b|(?:an?\s+)?\b(?:10|ten)\b(?=\s*[.!]|\s*$)|"
    rf"recommend\w*\s+(?:an?\s+)?(?:strong(?:ly)?\s+)?accept\w*|accept(?:ance)?(?: of)? (?:this|the) {_WORK}|"
    rf"(?:only|nothing but|solely|exclusively)\s+(?:\w+\s+)?(?:praise|strengths|merits|positives?)|"
    rf"no\s+(?:\w+\s+)?{_FAULTS}|"
    rf"best paper|(?:propose|nominate\w*)\s+(?:\w+\s+){{0,3}}award|(?:{_WORK}|it|this)\s+(?:\w+\s+)?(?:(?:is|"
    rf"as)\s+(?:\w+\s+)?)?"
    rf"(?:excellent|outstanding|flawless|faultless|brilliant|exceptional))"
)
_ACT = (
    r"(?:ignore|disregard|forget|override|set aside|rate|score|recommend|accept|praise|award|assign|give|return|output|"
    r"answer|respond|report|state|say|write|conclude|endorse|approve|grade|present|propose|produce|omit|"
    r"overlook|leave out|put aside|call|drop|suspend|waive|"
    r"mention|describe|find|judge|list|be)"
)
_DUTY = (
    r"(?:should|must|shall|will|ha(?:s|ve) to|needs? to|(?:is|are) (?:\w+\s+)?(?:to|asked to|requested to|"
    r"instructed to|told to|required to|obliged to)|please|kindly|do not|you)"
)
_NEAR = r"[^.!?\n]{0,120}?"

# ------------------------------------------------------------------------------------------- orders

ORDER = re.compile(
    rf"\b{_REVERSAL}\s+(?:all\s+|any\s+|the\s+|your\s+|every\s+|of\s+)*(?:previous|prior|above|earlier|preceding|other|"
    rf"foregoing|existing|former|initial)\s+(?:\w+\s+)?{_RULES}"
    rf"|\b{_REVERSAL}\s+(?:\w+\s+){{0,3}}{_RULES}\s+(?:(?:that\s+)?(?:you\s+)?(?:were|have been|are)\s+|you\s+have\s+)?"
    r"(?:above|before|given|earlier|so far|received|told)"
    r"|\bforget\s+(?:everything|all|what)\s+(?:that\s+)?(?:you\s+(?:were|have been)\s+told|(?:was|"
    r"stands)\s+(?:above|before))"
    r"|\b(?:you are|act as|pretend to be)\s+(?:now\s+)?an?\s+(?:\w+\s+){0,3}(?:reviewer|language model|"
    r"assistant|LLM|AI)\b"
    r"|\bif\s+you\s+are\s+an?\s+(?:\w+\s+){0,2}(?:LLM|AI|language model|chatbot|machine|assistant)\b"
    r"|\bas\s+an?\s+(?:\w+\s+){0,2}(?:language model|LLM|AI)(?: reviewer)?,\s+you\s+(?:should|must|will|are)\b"
    r"|\b(?:note|attention|instructions?|message)\s+(?:to|for)\s+(?:all\s+|any\s+|the\s+)?(?:LLM|AI|"
    r"language model|automated)s?"
    r"\b(?:[- ]\w+)?"
    r"|\b(?:LLM|AI|GPT|language model|automated)[- ](?:reviewers?|agents?|models?|systems?|"
    r"assistants?)\s*[:,]\s*(?:please|"
    r"you|do|give|ignore)"
    rf"|(?:^|[.!?:;*(%-]|\bto)\s*{_MACHINE}\s*[:,–—-]\s*(?:please |kindly |you |your |do not |do |"
    rf"it )*(?:\w+\s+)?{_ACT}\b{_NEAR}"
    rf"(?:{_VERDICT}|{_RULES}|{_FAULTS}|this {_WORK})"
    rf"|\b{_MACHINE}(?:\s+(?:that\s+)?(?:reading|reviewing|grading|evaluating|reads|reviews|grades|"
    rf"evaluates|processing)\s+this(?:\s+\w+)?)?\s+{_DUTY}\s+(?:\w+\s+){{0,3}}?"
    rf"{_ACT}\b{_NEAR}\b(?:this {_WORK}|rate (?:it|this)\b|strong(?:ly)? accept|recommend\w*\s+(?:\w+\s+)?accept\w*|"
    rf"no\s+(?:\w+\s+)?{_FAULTS}|"
    rf"nothing but praise)"
    rf"|\b(?:if|should|when|whenever|in case)\s+(?:this|the)\s+(?:text|document|file|"
    rf"{_WORK})\b[^.!?]{{0,30}}\b(?:processed|"
    rf"read|reviewed|evaluated|graded|summari[sz]ed|assessed|judged|scored)\s+by\s+{_MACHINE}[^.!?]{{0,60}}?{_DUTY}\s+"
    rf"(?:\w+\s+)?{_ACT}\b"
    r"|\byou are (?:now |hereby )+(?:in|entering|operating in|switched to)\b[^.!?]{0,40}\bmode\b"
    rf"|(?:^|[.!?:;,]\s*|\bplease\s+|\bkindly\s+){_REVERSAL}\s+(?:\w+\s+){{1,3}}?{_RULES}\b{_NEAR}{_VERDICT}"
    r"|<\|?(?:im_start|system|endoftext)\|?>|\[/?INST\]|\bnew (?:system )?(?:prompt|instructions?)\s*:",
    re.IGNORECASE,
)
_PRAISE = (
    r"(?:positive|favou?rable|glowing|good|high(?:est)?|perfect|maximum|top|excellent|outstanding|enthusiastic|"
    r"strong accept|accept)"
)
PLEA = re.compile(
    r"\b(?:give|write|provide|produce|output|return|generate|submit|assign|award|respond with|"
    r"answer with)\s+(?:only\s+|"
    rf"me\s+|us\s+|this\s+(?:paper|manuscript|submission|work)\s+|it\s+)*(?:an?\s+|the\s+)?(?:very\s+|"
    rf"strongly\s+|highly\s+)?"
    rf"{_PRAISE}\s+(?:possible\s+)?(?:\w+\s+)?(?:reviews?|ratings?|scores?|marks?|recommendations?|evaluation|"
    rf"assessment|"
    r"decision)(?!\s+(?:to|for|among|when|on|in|over|between|across|if)\s+(?!this\b|it\b|the\s+(?:paper|manuscript|"
    r"submission|work|study)))"
    r"|\b(?:do not|don['’]t|never)\s+(?:highlight|mention|list|report|point out|include|raise|"
    r"discuss)\s+(?:any\s+)?(?:\w+\s+)?"
    r"(?:negatives?|weakness(?:es)?|limitations|flaws|criticisms?|shortcomings)"
    r"|\b(?:recommend|must|should|please)\s+(?:to\s+)?(?:strongly\s+)?accept(?:ance(?: of)?|"
    r"ing)?\s+(?:of\s+)?(?:this|the)\s+"
    r"(?:paper|manuscript|submission)"
    rf"|\b(?:give|award|assign|grant)\s+(?:this|the)\s+{_WORK}\s+(?:an?\s+)?(?:10|9|ten|nine|full marks|top marks|"
    rf"strong accept|"
    r"(?:perfect|top|maximum|highest)\s+\w+)\b"
    r"|\b(?:output|list|report|mention|write|return|discuss|name|state|produce)\s+(?:only|solely|exclusively|"
    r"nothing but)\s+"
    r"(?:the\s+|its\s+)?(?:\w+\s+)?(?:strengths|praise|positives?|merits)\b"
    rf"|\b(?:as|like) (?:an? |the )?(?:AI |LLM )?reviewer,? you (?:must|should|are to)\b{_NEAR}{_VERDICT}"
    r"|\b(?:rate|score)\s+this\s+(?:paper|work|manuscript|submission)\s+(?:as\s+|with\s+)?(?:an?\s+)?(?:10|9|8|high|"
    r"accept|ten)",
    re.IGNORECASE,
)

_CONCEALED = re.compile(
    rf"\b{_REVERSAL}\s+(?:\w+\s+){{0,4}}?{_RULES}\b"
    rf"|\b{_ACT}\b{_NEAR}\b{_VERDICT}|\b{_VERDICT}\s+only\b"
    rf"|\b(?:recommend|please|must|should|and|then)\s+(?:\w+\s+)?accept\w*"
    rf"|\b(?:omit|overlook|hide|suppress|leave out|pass over|refrain from|avoid|do not|don['’]t|never|must not|"
    rf"should not)\b"
    rf"[^.!?]{{0,40}}?\b{_FAULTS}\b"
    rf"|\b(?:review|evaluation|assessment|rating|score|verdict)\s+(?:must|should|shall|has to|"
    rf"is to)\s+be\s+(?:\w+\s+)?{_GOOD}\b"
    rf"|\b(?:present|describe|portray|treat|rate|judge)\s+(?:this|the)\s+{_WORK}\s+as\b"
    rf"|\b{_MACHINE}\s+{_DUTY}\s+(?:\w+\s+){{0,2}}?{_ACT}\b",
    re.IGNORECASE,
)


def gives_orders(text: str) -> bool:
    """Whether a text tells a reviewing model what to do or what to think of the paper."""
    return any(p.search(text) is not None for p in (ORDER, PLEA, FOREIGN_REVERSAL, FOREIGN_PLEA))


def gives_orders_unseen(text: str) -> bool:
    """The same of words that are kept from the reader: there, to ask for a verdict at all is enough."""
    return gives_orders(text) or _CONCEALED.search(text) is not None
