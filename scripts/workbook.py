"""Writes an Excel workbook as regions send it: one sheet, every cell a text.

    python3 scripts/workbook.py FILE ROW…        a row is its cells, with commas between
"""

import sys, zipfile
from xml.sax.saxutils import escape

path, *rows = sys.argv[1:]
OFFICE = "http://schemas.openxmlformats.org"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = f'xmlns="{OFFICE}/spreadsheetml/2006/main"'
OF_PACKAGE = "application/vnd.openxmlformats-package"
OF_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
LINK = f"{OFFICE}/officeDocument/2006/relationships"


def cell(column, row, words):
    return f'<c r="{chr(ord("A") + column)}{row}" t="inlineStr"><is><t>{escape(words)}</t></is></c>'


def line(number, row):
    return f'<row r="{number}">' + "".join(cell(at, number, words) for at, words in enumerate(row.split(","))) + "</row>"


lines = "".join(line(number, row) for number, row in enumerate(rows, 1))
parts = {
    "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types"><Default Extension="rels" ContentType="{OF_PACKAGE}.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{OF_SHEETS}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{OF_SHEETS}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" Type="{LINK}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{LINK}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" Type="{LINK}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": f'<worksheet {MAIN}><cols><col min="1" max="9" width="22" customWidth="1"/></cols><sheetData>{lines}</sheetData></worksheet>',
}
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
    for name, xml in parts.items():
        package.writestr(zipfile.ZipInfo(name, (2021, 7, 9, 8, 0, 0)), HEAD + xml, zipfile.ZIP_DEFLATED)
