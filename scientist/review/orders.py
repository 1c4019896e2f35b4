"""How orders to a reviewing model read, wherever they stand."""

from __future__ import annotations

import re

_RULES = r"(?:instructions?|prompts?|directions?|guidelines?|rules|text|commands?)"
_REVERSAL = r"(?:ignore|disregard|forget|override|bypass)"

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
    r"decision)"
    r"|\b(?:do not|don['’]t|never)\s+(?:highlight|mention|list|report|point out|include|raise|"
    r"discuss)\s+(?:any\s+)?(?:\w+\s+)?"
    r"(?:negatives?|weakness(?:es)?|limitations|flaws|criticisms?|shortcomings)"
    r"|\b(?:recommend|must|should|please)\s+(?:to\s+)?(?:strongly\s+)?accept(?:ance(?: of)?|"
    r"ing)?\s+(?:of\s+)?(?:this|the)\s+"
    r"(?:paper|manuscript|submission)"
    r"|\b(?:rate|score)\s+this\s+(?:paper|work|manuscript|submission)\s+(?:as\s+|with\s+)?(?:an?\s+)?(?:10|9|8|high|accept|ten)",
    re.IGNORECASE,
)


def gives_orders(text: str) -> bool:
    """Whether a text tells a reviewing model what to do or what to think of the paper."""
    return ORDER.search(text) is not None or PLEA.search(text) is not None
