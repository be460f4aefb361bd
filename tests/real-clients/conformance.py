"""Runs scim2-tester through scim2-cli: every check must end in SUCCESS."""

import collections
import os
import re
import subprocess
import sys
from pathlib import Path

STATUSES = ("SUCCESS", "COMPLIANT", "ACCEPTABLE", "DEVIATION", "ERROR", "CRITICAL", "SKIPPED")
RESULT_LINE = re.compile(rf"^({'|'.join(STATUSES)}) ")
# Fewer would mean that the tester did not find the resource types or schemas, and so tested next to nothing.
FEWEST_CHECKS = 100


def main() -> int:
    environment = {
        **os.environ,
        # On the command line, the token would be visible to everyone on the machine.
        "SCIM_CLI_HEADERS": f"Authorization: Bearer {os.environ['MUSTER_SCIM_TOKEN']}",
        "NO_COLOR": "1",
    }
    scim2 = Path(sys.executable).with_name("scim2")
    finished = subprocess.run(
        [scim2, "-u", os.environ["MUSTER_SCIM_URL"], "test", "--verbose"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    counts, trouble = read(re.sub(r"\x1b\[[0-9;]*m", "", finished.stdout))
    for line in trouble:
        print(line)
    print("scim2-tester:", ", ".join(f"{counts[status]} {status}" for status in STATUSES))
    if counts.total() < FEWEST_CHECKS:
        print(finished.stdout)
        print(f"only {counts.total()} checks ran, at least {FEWEST_CHECKS} were expected")
        return 1
    if counts["SUCCESS"] != counts.total():
        return 1
    if finished.returncode != 0:
        print(finished.stdout)
        print(f"scim2 ended with exit code {finished.returncode}")
        return 1
    return 0


def read(output: str) -> tuple[collections.Counter[str], list[str]]:
    """Counts results by status and keeps what was said about those that are no success."""
    counts: collections.Counter[str] = collections.Counter()
    trouble = []
    is_trouble = False
    for line in output.splitlines():
        if match := RESULT_LINE.match(line):
            counts[match[1]] += 1
            is_trouble = match[1] != "SUCCESS"
        if is_trouble:
            trouble.append(line[:2000])
    return counts, trouble


if __name__ == "__main__":
    sys.exit(main())
