"""Writes an introduction as regions send it: a Word document with nothing in it but what Word needs.

    python3 scripts/introduction.py FILE UNIT TITLE TEXT
"""

import sys, zipfile
from xml.sax.saxutils import escape

path, unit, title, text = sys.argv[1:]
OFFICE = "http://schemas.openxmlformats.org"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def paragraph(words, size, centred, bold):
    place = '<w:pPr><w:jc w:val="center"/></w:pPr>' if centred else '<w:pPr><w:ind w:firstLineChars="200" w:firstLine="480"/></w:pPr>'
    weight = "<w:b/>" if bold else ""
    look = f'<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/>{weight}<w:sz w:val="{size}"/></w:rPr>'
    return f'<w:p>{place}<w:r>{look}<w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:p>'


body = paragraph(f"《{title}》作品简介", 36, True, True) + paragraph(unit, 28, True, False) + paragraph(text, 24, False, False)
parts = {
    "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": f'<w:document xmlns:w="{OFFICE}/wordprocessingml/2006/main"><w:body>{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1800" w:bottom="1440" w:left="1800" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>',
}
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
    for name, xml in parts.items():
        package.writestr(zipfile.ZipInfo(name, (2021, 7, 1, 8, 0, 0)), HEAD + xml, zipfile.ZIP_DEFLATED)
