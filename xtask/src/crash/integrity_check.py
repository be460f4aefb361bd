"""Runs SQLite's integrity check over every database in a folder, whatever the files are called."""

import pathlib
import sqlite3
import sys

MAGIC = b"SQLite format 3\0"


def is_database(path: pathlib.Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


databases = [path for path in pathlib.Path(sys.argv[1]).rglob("*") if is_database(path)]
if not databases:
    sys.exit("there is no database in the folder")
for path in databases:
    connection = sqlite3.connect(path)
    for check in ("integrity_check", "foreign_key_check"):
        findings = connection.execute(f"PRAGMA {check}").fetchall()
        if findings not in ([], [("ok",)]):
            sys.exit(f"{path.name}: {check}: {findings[:5]}")
    connection.close()
print("ok")
