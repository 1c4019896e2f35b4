"""Words that claim strength, sameness, cause or scope, or that pick the best; what each needs is told elsewhere."""

from __future__ import annotations

import re

_F = re.VERBOSE | re.IGNORECASE

SURE = re.compile(
    r"""\b(?:statistically|reliabl[ey]|robust(?:ly)?|clear(?:ly|-cut)?(?!\ enough)|convincing(?:ly)?
    |unambiguous(?:ly)?
    |unmistakabl[ey]|unequivocal(?:ly)?|conclusive(?:ly)?|decisive(?:ly)?|demonstrabl[ey]|credibl[ey]
    |substantial(?:ly)?
    |marked(?:ly)?|pronounced|considerabl[ey]|noticeabl[ey]|appreciabl[ey]|evident(?:ly)?|obvious(?:ly)?|undeniabl[ey]
    |manifest(?:ly)?|distinct(?:ly)?|genuine(?:ly)?|systematic(?:ally)?|consistently|solid(?:ly)?|firm(?:ly)?
    |certain(?:ly)?
    |sound(?:ly)?|confident(?:ly)?|trustworth[yi]\w*|dependabl[ey]|assured(?:ly)?|indisputabl[ey]|indubitabl[ey]
    |incontrovertibl[ey]|irrefutabl[ey]|compelling(?:ly)?|strong(?:ly)?\ (?:evidence|support|effect|case)|tangibl[ey]
    |detectabl[ey]|discernibl[ey]|measurabl[ey]|meaningful(?:ly)?|sizeabl[ey]|sizabl[ey]|notabl[ey]|well-established
    |beyond\ (?:chance|noise|doubt|question|dispute|reasonable\ doubt|any\ doubt|what\ chance)|in\ earnest|for\ sure
    |(?:not|cannot\ be|n't)\ (?:merely\ |just\ |simply\ )?(?:due\ to|by|a\ matter\ of|explained\ by
    |down\ to)\ (?:chance|luck|noise)
    |no\ (?:accident|fluke|coincidence)|(?:un)?likely\ (?:to\ be\ )?(?:due\ to\ chance|chance|noise|real)
    |with\ (?:high\ |great\ |full\ )?(?:confidence|certainty)|real\ (?:effect|difference|change|gain|drop|rise)
    |(?:exclud|reject|rul)\w*\ (?:out\ )?(?:zero|the\ null|chance|a\ zero|no\ effect)|passes\ the\ test
    |criterion\ is\ met|meets?\ (?:the\ |its\ )?(?:criterion|level|threshold)|(?:is|was|are|were)\ real\b)\b""",
    _F,
)
"""Words that say what a significant test alone allows."""

SAME = re.compile(
    r"""\b(?:no\ (?:\w+\ )?(?:different|better\ or\ worse|effects?|differences?|influence|impact|bearing|role
    |benefit|harm|gain
    |loss|improvement|advantage|consequence|change|shift|response|movement|cost|price|trace\ of\ an\ effect)
    |(?:ma(?:de|kes?)|had|has|have|with|shows?|showed|saw|found|of|there\ (?:is|was))\ no\ (?:\w+\ )?(?:\w+)
    (?=\ (?:to|for|in|on|between|whatsoever|at\ all)\b)
    |(?:is|are|was|were|be|been|remain(?:s|ed)?|stay(?:s|ed)?|came\ out|comes\ out|end(?:s|ed)\ up|left|leaves
    |practically
    |essentially|effectively|virtually|exactly|basically|statistically)\ (?:\w+ly\ |about\ |almost\ |all[ ]
    |just\ |quite\ |much\ )*
    (?:the\ same|equal|identical|alike|even|level|constant|flat|stable|unaltered|unchanged|unaffected|untouched
    |intact|similar
    |comparable|interchangeable|insensitive|indifferent|neutral|null|zero|nil|as\ it\ was|where\ it\ was|tied
    |a\ tie|a\ draw)
    |(?:do|does|did|has|have|had)(?:\ not|n't)\ (?:\w+\ )?(?:affect|matter|influence|chang|differ|alter|mov
    |shift|depend
    |respond|react|budge|vary|do\ anything|make\ (?:a|any)\ difference|play\ a\ (?:role|part)
    |have\ an?\ (?:effect|impact))\w*
    |(?:neither|never)\ (?:affect|chang|alter|mov|matter)\w+
    |independent\ of|unrelated\ to|insensitive\ to|immune\ to|regardless\ of|irrespective\ of|makes\ nothing\ of
    |nothing\ (?:to\ do\ with|changed|happened|was\ gained|is\ gained|comes\ of\ it)|(?:effect
    |difference)s?\ (?:is|was|are|were)\ absent
    |absence\ of\ (?:an?\ |any\ )?(?:effect|difference|influence|impact)|lacks?\ (?:an?\ |any\ )?(?:effect
    |influence|impact)
    |(?:left|leav(?:es|e)|kept|keeps?|f(?:ou|i)nds?|saw)\ (?:it|them|things|everything|all|matters|the\ \w+
    |\w+)\ (?:\w+ly\ )?(?:unchanged|unaffected|unaltered|untouched|intact|alone
    |as\ (?:it|they)\ (?:was|were|are|is)|where\ (?:it|they)\ (?:was|were)|the\ same|alike|equal)
    |(?:g[ai]ves?|yields?|yielded|produce[sd]|reach(?:es|ed)|return(?:s|ed)|came\ to|comes\ to|show(?:s|ed)
    |ha[sd]|ended\ (?:at|with|in))\ (?:the|an?)?\ ?(?:\w+ly\ |very\ )?(?:same|equal|identical|similar
    |comparable|like)
    |(?:just\ )?as\ (?:\w+)\ (?:with|without|at)|as\ (?:well|good|fast|accurate|high|low|many|much)\ as\b
    |indistinguishable|equivalent|equivalence\ is\ shown|equals?|equal(?:led|ed)|match(?:es|ed)\ (?!the\ hypothesis)
    |tied|on\ (?:a\ )?par|irrelevant|immaterial|inconsequential|inert|ineffective|ineffectual|inoperative|futile
    |useless
    |negligible|makes\ little\ difference|coincide[sd]?|null\ effect|zero\ effect|parity|break(?:s)?[- ]even
    |invarian(?:t|ce)
    |cancels?\ out|stays?\ put|stood\ still|stands?\ still|plateau(?:s|ed)?\ at\ the\ same)\b""",
    _F,
)
"""Words that say that there is no difference, which an equivalence test alone allows."""
NOT_SAME = re.compile(
    r"""\b(?:(?:at|on|with|by|of|to|in|from|under|over|uses?|shares?|for)\ the\ same|the\ same\ (?:seeds?|change
    |comparison|sign|plan|test
    |conditions?|splits?|budget|data|metric|number|design|place|way|proportion|runs?)|as\ well\ as\ (?:the|its
    |in|an?)\b
    |neither\ (?:an?\ |the\ )?(?:\w+\ )?(?:effect|difference)\ [^;.]*?\bnor\b|no\ evidence\ (?:of|for|that|against)
    |no\ (?:statistically\ )?significant\ \w+|no\ test\ of|equivalen(?:t|ce)\ (?:tests?|testing|bounds?|margins?
    |regions?|question|p)
    |bounds\ of\ equivalence|(?:null\ )?hypothesis\ (?:of|that\ there\ is)\ no
    |(?:not|n't|cannot|nor|never|neither|far\ from|whether)\ [^,;.]*?(?:no\ (?:effect|difference)|equivalent
    |indistinguishable
    |negligible|absence\ of|the\ same|irrelevant|equal)|nor\ that\ [^,;.]*negligible|nor\ its\ absence
    |what\ (?:does|did)\ not\ \w+
    |no\ (?:change|difference)s?\ (?:to|in)\ the\ (?:code|plan|protocol|set-?up|settings)|did\ not\ reach
    |(?:pair|seed|run)s?\ (?:whose|in\ which)\ [^,;.]*|(?:does|did)\ not\ depend\ on\ whether
    |unchanged\ (?:code|step|one)
    |(?:at|with)\ an?\ (?:unchanged|constant)|the\ unchanged)\b""",
    _F,
)

BEST = re.compile(
    r"""\b(?:best|fastest|quickest|strongest\ (?:result|run|seed|gain|effect)|winn(?:er|ers|ing)|top(?:most
    |-performing|-ranked)?
    |most\ (?:accurate|successful|favou?rable|effective|impressive)|luckiest|champion|peak(?:ed|s)?|record
    |foremost|leading\ (?:run|seed|condition)
    |up\ to(?=\ \ue000)|as\ (?:much|many|high|low|few|little|far)\ as(?=\ \ue000)|at\ (?:its\ )?(?:best|most
    |the\ most)|no\ (?:fewer|less)\ than(?=\ \ue000)
    |(?:highest|lowest|largest|greatest|smallest|fewest|shortest|biggest|finest|earliest|maximum|minimum|maximal
    |minimal|optimum|optimal)
    (?!\ (?:effect\ of\ interest|effect\ worth|effect\ size|possible|p\b|level|resident|standard\ deviation
    |value\ (?:that\ )?[^,;.]{0,30}(?:permits?|allows?|possible)))
    |cherry-picked|hand-picked|selected\ (?:run|seed)|pick\ of)\b""",
    _F,
)
"""Words that pick one of several by its outcome."""
OF_ALL = re.compile(
    r"""\b(?:of\ (?:the\ |all\ |all\ the\ )?\ue000|of\ all\b|out\ of\ \ue000|among\ (?:the\ |all\ )?(?:\ue000
    |all\b)|over\ all\b|over\ the\ \ue000|(?:change|step)\ of\ all\b|across\ (?:all|the)\ \ue000
    |every\ (?:step|level|condition)|of\ the\ range|inside\ the\ range|of\ neighbouring)""",
    _F,
)
"""How a sentence says out of how many."""

FIRM = re.compile(
    r"""\b(?:confirm(?:s|ed|ing|ation|atory)?|pre-?registered|preregist\w+|as\ (?:planned|registered
    |hypothesi[sz]ed|predicted|expected
    |anticipated|foreseen|foretold|forecast|conjectured)|we\ (?:had\ )?(?:hypothesi[sz]ed|predicted|expected
    |anticipated|foresaw)|we\ show(?:ed)?
    |shows?\ that|demonstrat\w+|establish(?:es|ed)?|verif(?:y|ies|ied)|validat(?:e|es|ed)|corroborat\w+
    |substantiat\w+|vindicat\w+
    |primary\ (?:result|finding|outcome|hypothesis|test|endpoint)|main\ (?:result|finding|hypothesis)|(?:our
    |the)\ (?:main\ |central\ |key\ )?(?:hypothesis|prediction)
    |planned\ (?:test|comparison|analysis)|registered|in\ advance|a\ priori|beforehand|settle[sd]?|prov(?:es|ed
    |en)|conclud(?:e|es|ed)
    |ascertain(?:s|ed)?|attest(?:s|ed)?|hypothesis[- ]driven|(?:the\ )?plan's\ criterion|set\ out\ to\ show
    |bears?\ out|bore\ out|borne\ out)\b""",
    _F,
)
"""Words of a planned test, which an exploratory comparison was not."""
EXPLORING = re.compile(
    r"\bexplorat\w+|\bconfirms that the (?:manipulation|intervention|change)\b|\bnot (?:corrected|planned)"
    r"|\buncorrected"
    r"|\bis no confirm|\bunplanned\b",
    re.I,
)
_H = (
    r"(?:(?:our|the|its|this|that|a|an|what|which)\ )?(?:\w+\ ){0,2}?"
    r"(?:hypothes[ie]s|predict\w+|expect\w+|conjectur\w+|anticipat\w+|forecast\w*|idea|theory)"
)
UPHELD = re.compile(
    rf"""\b(?:(?:support|confirm|corroborat|vindicat|validat|uph[eo]ld|verif|substantiat|establish|bear\ out
    |bears\ out|bore\ out|back|reinforc
    |bolster|strengthen|affirm|endors|favou?r)\w*(?:\ \w+)?\ {_H}
    |(?:in\ (?:line|keeping|accord|agreement)|consistent|consonant|agree(?:s|d)?|accord(?:s|ed)?|fits?
    |squar(?:es|ed)|concordant)\ (?:with\ )?{_H}
    |hypothes[ie]s\ (?:\w+\ ){{0,2}}?(?:holds?|held|stands?|stood|surviv\w+|passe[sd]|succeed(?:s|ed)|(?:is|was
    |has\ been|turned\ out|proved)\ (?:\w+ly\ )?(?:borne\ out
    |right|correct|true|upheld|vindicated|accepted|validated|verified|sound|established|affirmed|corroborated
    |met|supported|confirmed))
    |(?:predict|expect)\w*\ (?:(?:is|was|came|comes)\ (?:\w+ly\ )?(?:borne\ out|met|true|fulfilled|right|correct
    |confirmed)|holds?|held)
    |the\ way\ that\ was\ predicted|(?:had|has|with)\ the\ (?:predicted|hypothesi[sz]ed|expected)\ sign
    |found\ as\ hypothesi[sz]ed(?!\ on\ no))\b""",
    _F,
)
UNSETTLED = re.compile(
    r"""\b(?:inconclusive|undecided|unsettled|unresolved|(?:remains?|is|was|left|stays?)\ (?:\w+\ )?open
    |indecisive|ambiguous|equivocal
    |(?:cannot|could\ not|can't)\ be\ (?:decided|told|settled|determined|resolved)|no\ (?:verdict|conclusion
    |decision)|unclear|uncertain
    |(?:does|do|did)\ not\ settle|not\ settled|(?:remain\w*|is|are)\ to\ be\ (?:seen|shown|decided)|jury
    |cannot\ (?:tell|say|decide|know)|(?:nothing|little)\ can\ be\ \w+|too\ (?:early|close|few|little
    |vague)\ to
    |not\ (?:yet\ )?(?:known|clear|decided|answered)|anyone's\ guess|in\ the\ (?:air|balance)|no\ answer
    |unanswered|undetermined|in\ doubt|a\ toss-up|moot)\b""",
    _F,
)
OVERTURNED = re.compile(
    rf"""\b(?:(?:contradict|refut|falsif|disprov|overturn|undermin|rebut|belie|defeat|invalidat|debunk
    |clash)\w*(?:\ with)?(?:\ \w+)?\ {_H}
    |against\ (?:the|our)\ (?:\w+\ )?(?:hypothes[ie]s|prediction|hypothesi[sz]ed|expectation)|(?:opposite
    |contrary|counter)\ to\ (?:the|our|what)\ (?:\w+\ )?(?:one\ )?(?:hypothes\w+|predict\w+|expect\w+
    |one\ predicted)
    |hypothes[ie]s\ (?:\w+\ ){{0,2}}?(?:fails?|failed|falls?|fell|(?:is|was|has\ been|turned\ out
    |proved)\ (?:\w+ly\ )?(?:refuted|wrong|false|rejected|contradicted|disproved|falsified|overturned|untrue
    |mistaken|incorrect)))\b""",
    _F,
)

SCOPE = re.compile(
    r"""\b(?:always|invariabl[ey]|universal(?:ly)?|in\ (?:general|all\ cases|every\ case|any\ (?:case|setting)
    |practice\ generally|every\ setting)|generally|without\ exception
    |(?:holds?|applies|works|carries\ over)\ (?:\w+\ )?(?:everywhere|broadly|widely|elsewhere|generally
    |universally|for\ all|for\ any)|across\ the\ board|everywhere|anywhere
    |(?:for|on|in|of|to|across|with)\ (?:all|any|every|each|most|many|other|larger|arbitrary|diverse|various
    |numerous|countless)(?:\ (?:other|known|such|kinds?\ of|types?\ of|the|sorts?\ of|modern|neural|deep
    |large|real))*
    \ (?:data\ ?sets?|tasks?|models?|networks?|architectures?|optimi[sz]ers?|domains?|problems?|scales?
    |languages?|transformers?|learners?|applications?|benchmarks?|situations?|circumstances?|regimes?)
    |(?:all|every|any)\ (?:neural\ |deep\ )?(?:networks?|models?|architectures?|tasks?|transformers?|learners?
    |optimi[sz]ers?|practitioners?)
    |neural\ networks\ (?:at\ large|in\ general)|deep\ learning\ (?:at\ large|in\ general|as\ a\ whole)
    |regardless\ of|irrespective\ of|no\ matter\ (?:what|which|how)|independently\ of\ the
    |guarantee[sd]?|ensures?|necessarily|inevitabl[ey]|a\ (?:universal\ |general\ )?(?:law|rule|principle)
    |as\ a\ rule|by\ nature|inherently|at\ (?:any|every)\ scale|real[- ]world
    |should\ (?:always\ |therefore\ )?be\ (?:used|adopted|preferred|the\ default)|never\ fails|unfailing(?:ly)?
    |perpetual(?:ly)?|eternally|whenever|wherever|under\ any
    |generali[sz]es\ to\ (?:other|all|any|new|larger)|extends\ to\ (?:other|all|any)|(?:is
    |are)\ (?:a\ )?(?:panacea|cure))\b""",
    _F,
)
"""Words of a law that one study on one scale cannot give."""
CAUSE = re.compile(
    r"""\b(?:caus(?:e|es|ed|ing|al|ally|ation)|because\ of|owing\ to|due\ to|thanks\ to|on\ account\ of
    |responsible\ for|attribut(?:able|ed)\ to|explains?\ (?:why|the|this)
    |is\ (?:the|why)\ (?:reason|mechanism|cause|driver)|driv(?:es|en)\ by|(?:is|are|was|were)\ what\ (?:makes
    |made|drives|drove|causes)|stem(?:s|med)\ from|trigger(?:s|ed)?|induc(?:es|ed)|provok(?:es|ed)
    |gives?\ rise\ to
    |gave\ rise\ to|brings?\ about|brought\ about|leads?\ to|led\ to|results?\ (?:directly\ )?from
    |originates?\ in|the\ (?:sole|only|root|underlying|direct)\ (?:cause|reason|driver|mechanism)
    |by\ virtue\ of|is\ to\ blame
    |engender(?:s|ed)?|root\ cause|mechanis(?:m|tically)\ (?:is|behind|through)|elicit(?:s|ed)?|produced\ by
    |underl(?:ies|ay))\b""",
    _F,
)
"""Words of a cause or a mechanism, which the comparison of two settings does not show."""
DENIED = re.compile(
    r"(?:\bnot|n't|\bno|\bnever|\bneither|\bnor|\bcannot|\bwithout|\bhardly|\bfar from|\bnone of"
    r"|\bnothing)(?: [\w-]+){0,5}\W*$",
    re.I,
)
GUESSED = re.compile(
    r"\b(?:may|might|could|would|should|if|whether|conjectur\w+|hypothes[ie]s\w*|perhaps|possibl[ey]|suggest\w*"
    r"|speculat\w+|account|question|asks?|argu\w+|rival|suppos\w+|explanation|cannot|open|would have"
    r"|compatible|suspect\w*)\b",
    re.I,
)

INNER_NOT = re.compile(r"\b(?:not|never|hardly|no|cannot)\b|n't\b", re.I)
ONE_RUN = re.compile(
    r"""\b(?:(?:one|a\ single|a\ lone|this|that|the\ (?:only|one|remaining|other|last|first|single|sole|failed
    |censored|odd|slowest)|another|a\ (?:particular|certain)|an\ individual|one\ of\ the
    |any\ one)\ (?:\w+\ ){0,2}?(?:run|seed|network|model|replicate|repeat|replica|execution
    |trial)\b(?!\ (?:of\ the\ (?:plan|same)|famil|class|size|type|architect|at\ which))
    |seed\ number|(?:the|an)\ outlier|the\ exception\b)""",
    _F,
)
"""Words that single out one run."""
SAID_OF_RUN = re.compile(
    r"""\b(?:fit(?:s|ted)?|learn(?:s|ed|t)?|generali[sz](?:es|ed)|memori[sz](?:es|ed)|converg(?:es|ed)
    |diverg(?:es|ed)|collaps(?:es|ed)|reach(?:es|ed)|miss(?:es|ed)|attain(?:s|ed)|achiev(?:es|ed)
    |stall(?:s|ed)|overfit\w*|fail(?:s|ed)\ to|obtain(?:s|ed)|score[sd]?|got|gets|ended|ends|finished|began
    |started|jump(?:s|ed)|forgot|relaps\w+|never|stayed|stays|hit|hits|solved|mastered|found|acquired|settled
    |plateaued|drifted|oscillated|spiked|recovered|broke|exploded|succeeded|came|did|was|had|lost|took|takes
    |goes|went)\b""",
    _F,
)
OF_THE_MARK = re.compile(r"\b(?:mark|budget|threshold|target|cut off|lost to|censor\w*)\b", re.I)
OF_MORE = re.compile(
    r"\b(?:fit(?:s|ted)?|training (?:set|loss|error|data|accuracy)|accuracy|loss|error|norm|rule|learn\w*"
    r"|memori\w*|overfit\w*|diverg\w*|collaps\w*|gradient\w*|converg\w*)\b",
    re.I,
)
