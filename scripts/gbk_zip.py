"""Packs a folder as Windows in Chinese does: names in GBK, and nothing in the archive that says so.

    python3 scripts/gbk_zip.py ARCHIVE FOLDER
"""

import pathlib, sys, zipfile

archive, folder = map(pathlib.Path, sys.argv[1:])
UTF8 = 0x800


class Entry(zipfile.ZipInfo):
    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), self.flag_bits & ~UTF8


with zipfile.ZipFile(archive, "w") as packed:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            name = f"{folder.name}/{file.relative_to(folder).as_posix()}"
            packed.writestr(Entry(name, (2021, 7, 9, 17, 30, 0)), file.read_bytes(), zipfile.ZIP_STORED)
