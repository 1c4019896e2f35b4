"""Orders to a reviewing model in other languages than English."""

from __future__ import annotations

import re

_GAP = r"[^.!?。！？]"
_REVERSALS = {
    "Chinese": r"(?:忽略|无视|忽視|無視|忘记|忘記|不要理会)[^。！？]{0,16}(?:指令|指示|说明|說明|提示|规则|規則|要求|"
    r"标准)",
    "Japanese": r"(?:指示|命令|プロンプト|ルール|指針|基準)[^。！？]{0,8}(?:無視|忘れ)",
    "Russian": rf"(?:игнорируй|проигнорируй|забудь|не обращай)\w*{_GAP}{{0,50}}(?:инструкци|указани|правил|критери|"
    rf"подсказ)",
    "German": rf"(?:ignorier|vergiss|vergessen|missacht|übergeh|überschreib)\w*{_GAP}{{0,60}}(?:anweisung|"
    rf"instruktion|vorgabe|richtlini|"
    r"regeln|kriteri)",
    "French": rf"(?:ignore|oublie|néglige)[zr]?\s+(?:toute?s?|les|tes|vos|ces|tous|la|"
    rf"le)\b{_GAP}{{0,50}}(?:instruction|consigne|directive|règle|critère)",
    "Spanish": rf"(?:ignora|olvida|ignore|olvide|descarta)\w*{_GAP}{{0,50}}(?:instruccion|indicacion|directri|regla|"
    rf"criterio)",
    "Portuguese": rf"(?:ignor|esqueç|desconsider)\w*{_GAP}{{0,50}}(?:instruç|orientaç|diretri|regra|critério)",
    "Italian": rf"(?:ignora|ignori|dimentica)\w*{_GAP}{{0,50}}(?:istruzion|direttiv|indicazion|regol|criteri)",
}
_VERDICTS = {
    "Chinese": r"(?:给|給)[^。！？]{0,10}(?:论文|論文|文章|稿件|工作)[^。！？]{0,12}(?:最高|满分|滿分|高分|好评|好評|"
    r"正面)|"
    r"(?:推荐|推薦|建议|建議|请|請|必须)[^。！？]{0,6}(?:接收|接受|录用|錄用)",
    "Japanese": r"(?:論文|原稿|研究)[^。！？]{0,16}(?:最高|満点|高く|肯定的|採択|好意的)[^。！？]{0,16}(?:ください|"
    r"下さい|せよ|しろ|こと|推薦|評価)",
    "Russian": rf"(?:оцени|поставь|рекомендуй|прими|дай)\w*{_GAP}{{0,60}}(?:положительн|высш|высок|максимальн|принят|"
    rf"к публикации)",
    "German": rf"(?:bewert|beurteil|begutacht|empfiehl|empfehl|akzeptier|vergib|vergeb|nimm)\w*{_GAP}{{0,60}}"
    rf"(?:positiv\b|bestnote|höchst|annahme|uneingeschr|(?:arbeit|artikel|manuskript)(?=\s+an\b))"
    rf"|(?:bestnote|höchstnote|höchste punktzahl){_GAP}{{0,20}}(?:vergib|vergeb|geben)"
    rf"|keine (?:schwächen|kritik|mängel){_GAP}{{0,20}}(?:nenn|erwähn|anführ)",
    "French": rf"(?:accepte[zr]?|recommande[zr]?|évalue[zr]?|note[zr]|attribue[zr]?|donne[zr]?)\b{_GAP}{{0,50}}"
    r"(?:article|papier|manuscrit|note maximale|meilleure note|positivement|favorable|acceptation)",
    "Spanish": rf"(?:acept[ae]|recomiend[ae]|evalú[ae]|califi(?:ca|que)|otorg[au]e?|da|dé)\b{_GAP}{{0,50}}"
    r"(?:artículo|manuscrito|trabajo|puntuación|positivamente|favorable|máxima|aceptar|aceptación)",
    "Portuguese": rf"(?:aceite|recomende|avalie|classifique|atribua|dê)\b{_GAP}{{0,50}}"
    r"(?:artigo|manuscrito|trabalho|nota máxima|positivamente|favorável|aceitação)",
    "Italian": rf"(?:accetta|accettate|raccomanda|raccomandate|valuta|valutate|assegna|assegnate)\b{_GAP}{{0,50}}"
    r"(?:articolo|manoscritto|lavoro|punteggio|positivamente|favorevole|accettazione)",
}


def _any(patterns: dict[str, str]) -> re.Pattern[str]:
    """Chinese and Japanese words have no spaces about them."""
    unspaced = {"Chinese", "Japanese"}
    parts = (p if tongue in unspaced else rf"(?<![^\W\d_])(?:{p})" for tongue, p in patterns.items())
    return re.compile("|".join(parts), re.IGNORECASE)


FOREIGN_REVERSAL = _any(_REVERSALS)
"""To ignore what one was told."""
FOREIGN_PLEA = _any(_VERDICTS)
"""To judge the paper well."""
