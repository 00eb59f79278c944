# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the language of pages, docstrings, comments, messages, task names, and option texts.

usage: prose.py [--count | --text | --files] [PATH...]

Prints each problem as PATH:LINE: RULE: TEXT, and returns 1 if there are any. The rules are in prose.toml.
Name files or folders;
the default is the list "held" of prose.toml.

--count   print the number of problems in each file
--text    print the text that is checked
--files   print the files that are checked

To ignore a line, put "prose: ok" in it or in the line before it.
"""

from __future__ import annotations

import ast
import fnmatch
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import tomllib
import yaml

ROOT = Path(__file__).parents[1]
RULES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
EXCEPTION = "prose: ok"
# Constants of plugins that hold YAML.
YAML_TEXTS = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
# Values of these keys are no prose, or not read by anyone.
NOT_PROSE = re.compile(
    r"^(src|dest|path|url|pattern|regexp?|cmd|argv|shell|command|that|when|until|changed_when|failed_when|loop|var|entrypoint|"
    r"content|sample|run|key|cron|author|extends_documentation_fragment|display_release_version)$"
)


class Text(NamedTuple):
    """A piece of prose: its first line in the file, what it is, and the text itself."""

    line: int
    kind: str
    text: str


class Problem(NamedTuple):
    """A violation of a rule."""

    line: int
    rule: str
    found: str


def blank(match: re.Match[str]) -> str:
    """Replace a match by nothing, but keep its line breaks, so that line numbers stay right."""
    return "\n" * match[0].count("\n")


def without_code(text: str, suffix: str) -> str:
    """Return the prose of a page in Markdown or reStructuredText; code becomes the placeholder `X`."""
    if suffix == ".md":
        text = re.sub(r"^( *)```.*?^\1```$", blank, text, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"<!--.*?-->", blank, text, flags=re.DOTALL)
        text = re.sub(r"`[^`\n]+`", "X", text)
        text = re.sub(r"\]\([^)]*\)|<https?:[^>]+>", "]", text)
        return re.sub(r"^\|?[ :|-]+\|$", "", text, flags=re.MULTILINE)
    text = re.sub(
        r"^( *)\.\. (?:code-block|literalinclude|raw|figure|image)::.*\n(?:\1 .*\n|[ \t]*\n)*", blank, text, flags=re.M
    )
    text = re.sub(r"::\n((?:[ \t]*\n)+(?: {2,}.*\n|[ \t]*\n)+)", blank, text)
    text = re.sub(
        r"^ *\.\. _.*$|^ *:[\w-]+:(?!`).*$|^ *\.\. [\w-]+::.*$|^\.\. (?:Copyright|\s).*\n(?:   .*\n)*",
        blank,
        text,
        flags=re.M,
    )
    text = re.sub(r"``[^`]+``", lambda match: "X" + blank(match), text)
    return rst_inline(text)


def rst_inline(text: str) -> str:
    """Return reStructuredText or Ansible markup without its inline markup."""
    text = re.sub(r":[\w:]+:`([^`<]*?)\s*(?:<[^`>]*>)?`", r"\1", text)
    text = re.sub(r"`([^`<]*?)\s*(?:<[^`>]*>)?`_{0,2}", r"\1", text)
    return re.sub(r"\b[OVRCEMPI]\([^)]*\)", "X", text)


def page(text: str, suffix: str) -> Iterator[Text]:
    """Yield the paragraphs, list items, cells, and headings of a page."""
    line, start, lines = 0, 1, list[str]()
    for raw in [*without_code(text, suffix).splitlines(), ""]:
        line += 1
        item = re.match(r"\s*(?:[-*+#]|\d+\.|\* -|#\.)\s+|\s*\| ", raw)
        rule = re.fullmatch(r"\s*([=~^\"'*-])\1{2,}\s*", raw)
        if not raw.strip() or item or rule:
            yield from [Text(start, "page", " ".join(lines))] if any(lines) else []
            lines = []
        if not raw.strip() or rule:
            continue
        if raw.startswith("|"):
            yield from (Text(line, "page", cell.strip()) for cell in raw.strip("| ").split(" | ") if cell.strip())
            continue
        start = start if lines else line
        lines.append(re.sub(r"^\s*(?:\* )?(?:[-*+#]+|\d+\.|#\.)\s+|\s*\| ?|[*]{2}", " ", raw).strip())


COMMENTS_TO_SKIP = re.compile(r"#!|# (?:Copyright|GNU|SPDX|Simplified|type:|noqa|ruff)")


def python(text: str) -> Iterator[Text]:
    """Yield the docstrings, comments, YAML constants, and messages of a Python file."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not COMMENTS_TO_SKIP.match(token.string):
            yield Text(token.start[0], "comment", token.string.lstrip("# "))
    tree = ast.parse(text)
    seen: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            seen |= set(node.values)
            parts = [str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values]
            yield from phrase(node.lineno, "".join(parts))
            continue
        value = documented(node)
        if value is not None:
            seen.add(value)
            yield from python_document(value, isinstance(node, ast.Assign))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in seen:
            yield from phrase(node.lineno, node.value)


def documented(node: ast.AST) -> ast.Constant | None:
    """Return the docstring of a node, or the YAML that it assigns to a constant such as DOCUMENTATION."""
    value: ast.AST | None = None
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
        value = node.body[0].value if isinstance(node.body[0], ast.Expr) else None
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        text = getattr(node.value, "value", "")
        fragment = isinstance(text, str) and "\noptions:" in text
        value = node.value if fragment or node.targets[0].id in YAML_TEXTS else None
    return value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def python_document(value: ast.Constant, is_yaml: bool) -> Iterator[Text]:
    """Yield the texts of a docstring, or of a constant that holds YAML."""
    text = str(value.value)
    if is_yaml:
        yield from (Text(value.lineno + at - 1, kind, said) for at, kind, said in yaml_texts(text))
    else:
        yield Text(value.lineno, "docstring", re.sub(r"``[^`]+``", lambda match: "X" + blank(match), text))


def phrase(line: int, text: str) -> Iterator[Text]:
    """Yield a text of a program if it is one that people read: two words or more, and no code."""
    words = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|%[sdr]|\b\w+=[\w./-]+", "X", text, flags=re.DOTALL)
    if (
        len(re.findall(r"[A-Za-z]{2,}", words)) > 1
        and " " in words.strip()
        and not re.search(r"[\\^$]|[{<=]\w|SELECT", words)
    ):
        yield Text(line, "message", words)


def yaml_texts(text: str) -> Iterator[Text]:
    """Yield the comments and the texts of a YAML file: names, descriptions, messages."""
    for number, line in enumerate(text.splitlines(), 1):
        comment = re.match(r"^\s*#+ (.*)$|.*? # ([^\"']*)$", line)
        if comment and not re.match(r"\s*# (?:Copyright|GNU|SPDX|yaml)", line):
            yield Text(number, "comment", comment[1] or comment[2])
    try:
        nodes = list(yaml.compose_all(text, yaml.SafeLoader))
    except yaml.YAMLError:
        return
    for node in nodes:
        yield from yaml_scalars(node, "")


def yaml_scalars(node: yaml.Node | None, key: str) -> Iterator[Text]:
    """Yield the texts below a node of YAML."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if not NOT_PROSE.match(str(name.value)):
                yield from yaml_scalars(value, str(name.value))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from yaml_scalars(value, key)
    elif isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str"):
        kind = "page" if key in {"description", "short_description"} else "message"
        for found in phrase(node.start_mark.line + 1, rst_inline(node.value)):
            yield found._replace(kind=kind)


def script(text: str) -> Iterator[Text]:
    """Yield the comments of a shell script, a Makefile, or a TOML file, and the help of make's targets."""
    for number, line in enumerate(text.splitlines(), 1):
        comment = re.match(r"\s*# ?(.*)$|.*?\s##? (.*)$", line)
        if comment and not re.match(r"#!|\s*# (?:Copyright|GNU|SPDX|shellcheck)", line):
            yield Text(number, "comment", comment[1] or comment[2] or "")


def template(text: str) -> Iterator[Text]:
    """Yield the text of a Jinja template, without its tags."""
    text = re.sub(r"<(style|script).*?</\1>", blank, text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}|\{#|#\}", blank, re.sub(r"\{\{.*?\}\}", "X", text, flags=re.DOTALL), flags=re.DOTALL)
    for number, line in enumerate(re.sub(r"<[^>]+>", blank, text).splitlines(), 1):
        yield from phrase(number, line)


READERS: dict[str, Callable[[str], Iterator[Text]]] = {
    ".md": lambda text: page(text, ".md"),
    ".rst": lambda text: page(text, ".rst"),
    ".py": python,
    ".yml": yaml_texts,
    ".yaml": yaml_texts,
    ".sh": script,
    ".toml": script,
    ".txt": script,
    ".cfg": script,
    ".j2": template,
}


def texts(path: Path) -> list[Text]:
    """Return the prose of a file, in the order of its lines."""
    reader = READERS.get(path.suffix, script if path.name in {"Makefile", "run", "CODEOWNERS"} else None)
    return sorted(reader(path.read_text(encoding="utf-8"))) if reader else []


def sentences(text: str) -> list[str]:
    """Split a text into sentences."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*(?:\n|[-*] )", text))
    ends = re.compile(r"(?<=[.!?:])[\"')]*\s+(?=[\"'(]?[A-Z])")
    return [sentence for paragraph in paragraphs for sentence in ends.split(paragraph) if sentence]


def problems(text: Text) -> Iterator[Problem]:
    """Yield the rules that a text breaks."""
    for pattern, instead in RULES["words"].items():
        for match in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text.text, re.IGNORECASE):
            yield Problem(
                text.line + text.text.count("\n", 0, match.start()),
                f'"{match[0].strip()}": write {instead}',
                around(text, match),
            )
    for sentence in sentences(text.text):
        at = text.line + text.text.count("\n", 0, max(text.text.find(sentence[:12]), 0))
        for pattern, instead in RULES["starts"].items():
            match = re.match(rf"[\"'(]?(?:{pattern})\b", sentence, re.IGNORECASE)
            if match and not sentence.rstrip("\"')").endswith("?"):
                yield Problem(at, f'starts with "{match[0]}": {instead}', sentence[:70])
        words = len(re.findall(r"[\w'-]+", sentence))
        if text.kind in {"page", "docstring"} and words > RULES["longest_sentence"]:
            yield Problem(at, f"{words} words: split the sentence", sentence[:70])
        if sentence.count(";") > 1:
            yield Problem(at, "a chain of semicolons: split the sentence", sentence[:70])


def proselint(found: list[Text]) -> Iterator[Problem]:
    """Yield what proselint says about some texts; nothing if it is not installed, as outside `make lint`."""
    try:
        from proselint.checks import __register__ as checks
        from proselint.config import DEFAULT
        from proselint.registry import CheckRegistry
        from proselint.tools import LintFile
    except ImportError:
        return
    registry = CheckRegistry()
    if not list(registry.checks):
        registry.register_many(checks)
    wanted = {name: on and name not in RULES["proselint_off"] for name, on in DEFAULT["checks"].items()}
    file = LintFile("text", "\n".join(" ".join(text.text.split()) for text in found))
    for result in file.lint({"max_errors": 1000, "checks": wanted}):
        text = found[result.pos[0] - 1]
        yield Problem(text.line, f"proselint: {result.check_result.message}", text.text[:70])


def around(text: Text, match: re.Match[str]) -> str:
    """Return a match with the words around it."""
    return " ".join(text.text[max(match.start() - 30, 0) : match.end() + 30].split())


def files(paths: list[str]) -> list[Path]:
    """Return the tracked and new files below some paths, but for those that are ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *paths]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    found = [
        ROOT / name for name in listed if name and not any(fnmatch.fnmatch(name, skip) for skip in RULES["ignored"])
    ]
    return sorted(path for path in found if path.is_file())


def found_in(path: Path) -> list[Problem]:
    """Return the problems of a file, but for those on lines that say so."""
    lines = ["", *path.read_text(encoding="utf-8").splitlines()]
    said = texts(path)
    found = [*(problem for text in said for problem in problems(text)), *(proselint(said) if said else ())]
    return sorted({one for one in found if EXCEPTION not in lines[one.line] and EXCEPTION not in lines[one.line - 1]})


def main(words: list[str]) -> int:
    """Check the paths that the command names, and print the problems."""
    options = {word for word in words if word.startswith("--")}
    named = [str(Path(word).resolve().relative_to(ROOT)) for word in words if word not in options]
    if options - {"--count", "--text", "--files"}:
        print(__doc__)
        return 2
    found: Counter[str] = Counter()
    for path in files(named or RULES["held"]):
        name = str(path.relative_to(ROOT))
        if "--files" in options:
            print(name)
            continue
        if "--text" in options:
            print(*(f"{name}:{text.line}: {' '.join(text.text.split())}" for text in texts(path)), sep="\n")
            continue
        for problem in found_in(path):
            found[name] += 1
            if "--count" not in options:
                print(f"{name}:{problem.line}: {problem.rule}: {problem.found}")
    if "--count" in options:
        print(*(f"{number:5} {name}" for name, number in found.most_common()), sep="\n")
    if found:
        print(f"{sum(found.values())} problems in {len(found)} files", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
