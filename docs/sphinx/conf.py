# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Sphinx for `make docs`. tools/docs.sh adds the pages that antsibull-docs makes from the collection."""

from __future__ import annotations

import ast
import html
import os
import re
import zlib
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ["DOCS_BUILD"])
SOURCE = BUILD / "src"
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))

project = f"{GALAXY['namespace']}.{GALAXY['name']}"
author = "The rayops.alicloud authors"
project_copyright = f"2026, {author}"
release = version = str(GALAXY["version"])

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
nitpicky = True
default_role = "any"
highlight_language = "yaml+jinja"
# Before the first release the changelog is a page without a title.
RELEASED = "===" in (SOURCE / "changelog.rst").read_text(encoding="utf-8")
exclude_patterns = [] if RELEASED else ["changelog.rst"]

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
html_permalinks_icon = "#"
pygments_style = "friendly"
pygments_dark_style = "github-dark"
# Elements of antsibull-docs use the colors of the theme (site.css), except for these.
antsibull_ext_color_scheme = "none"
LIGHT = {"type": "#86198f", "required": "#b91c1c", "added": "#166534", "default": "#1d4ed8", "partial": "#854d0e"}
DARK = {"type": "#e9a8f5", "required": "#fca5a5", "added": "#86efac", "default": "#a5b4fc", "partial": "#fde047"}
html_theme_options = {
    "light_css_variables": {f"site-{name}": value for name, value in LIGHT.items()},
    "dark_css_variables": {f"site-{name}": value for name, value in DARK.items()},
    "footer_icons": [],
}

# The parts of Ansible's documentation that generated pages refer to. With this list, Sphinx needs no network.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
CONFIG = "reference_appendices/config.html"
ELSEWHERE = {
    "ansible_configuration_settings std:label": f"{CONFIG}#ansible-configuration-settings",
    "common_return_values std:label": "reference_appendices/common_return_values.html#common-return-values",
    "action_plugins std:label": "plugins/action.html#action-plugins",
    **{
        f"{name} std:envvar": f"{CONFIG}#envvar-{name}"
        for name in (f"ANSIBLE_CACHE_PLUGIN{end}" for end in ("", "_CONNECTION", "_PREFIX", "_TIMEOUT"))
    },
}


def inventory() -> str:
    """Write the file that intersphinx reads, and return its path."""
    head = "# Sphinx inventory version 2\n# Project: ansible\n# Version: latest\n# The rest is compressed with zlib.\n"
    lines = [f"{name} -1 {address} -\n" for name, address in ELSEWHERE.items()]
    target = BUILD / "ansible.inv"
    target.write_bytes(head.encode() + zlib.compress("".join(lines).encode()))
    return str(target)


intersphinx_mapping = {"ansible": (ANSIBLE, inventory())}


def toctree(caption: str, names: list[str], *options: str) -> str:
    """Return a table of contents."""
    lines = ["   :maxdepth: 1", *(f"   :{option}:" for option in options), f"   :caption: {caption}", ""]
    return "\n".join([".. toctree::", *lines, *(f"   {name}" for name in names), "\n"])


FILTERS = re.compile(r"^\.\. _filter_plugins_in_.*?(?=^\.\. _)", re.MULTILINE | re.DOTALL)


def filters_page() -> None:
    """Move the list of filters to a page of its own: only the roles need them."""
    found = FILTERS.search((SOURCE / "index.rst").read_text(encoding="utf-8"))
    title = "Filters of the roles"
    note = "The roles use these filters. In your own playbooks, use the roles instead."
    section = re.sub(
        r"^Filter Plugins\n~+$", f"{title}\n{'=' * len(title)}\n\n{note}", found[0] if found else "", flags=re.M
    )
    (SOURCE / "filters.rst").write_text(section, encoding="utf-8")


filters_page()


def first_page(listed: str) -> str:
    """Make the first page from index.rst, the sections of extra-docs.yml, and the lists of antsibull-docs."""
    sections = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    guides = [toctree(each["title"], [f"docsite/{name}" for name in each["toctree"]]) for each in sections]
    listed = FILTERS.sub("", listed[listed.index(".. _plugin_index_for_") :])
    # Each list has a hidden table of contents, which the sidebar shows under its title.
    parts = re.split(r"^\.\. toctree::\n +:maxdepth: 1\n +:hidden:\n\n((?: +\w+\n)+)", listed, flags=re.MULTILINE)
    for number in range(1, len(parts), 2):
        title = re.findall(r"^(\w[\w ]+)\n[~-]+$", parts[number - 1], re.MULTILINE)[-1]
        parts[number] = toctree(title, parts[number].split(), "hidden")
    others = ["environment_variables", "filters", *(["changelog"] if RELEASED else [])]
    first = (HERE / "index.rst").read_text(encoding="utf-8")
    return "\n".join([first, *guides, *parts, toctree("More", others, "hidden")])


# Options that every module has. They follow the options of the module, in a table of their own.
FRAGMENT = ast.parse((ROOT / "plugins/doc_fragments/common.py").read_text(encoding="utf-8"))
SHARED = {
    name
    for node in ast.walk(FRAGMENT)
    if isinstance(node, ast.Constant) and "\noptions:" in str(node.value)
    for name in yaml.safe_load(str(node.value))["options"]
}
# These come first, because most tasks set them.
FIRST = [
    *("name", "cluster_id", "clusters", "defaults", "job_key", "submission_id", "entrypoint", "state"),
    *("display_release_version", "head_spec", "worker_spec", "restart", "purge_worker_groups"),
]
TABLE = re.compile(
    r"(?P<head>\.\. list-table::\n(?:  :.*\n)+  :class: longtable ansible-option-table\n\n"
    r"  \* - Parameter\n    - Comments\n)"
    r"(?P<rows>(?:\n  \* - .*\n(?:(?:    .*)?\n)*?)+?)(?=\n*\.\. Attributes)"
)


def options_in_order(match: re.Match[str]) -> str:
    """Return a table of options with the most used ones first, and a second table with the shared ones."""
    rows = re.split(r"(?=^  \* - )", match["rows"], flags=re.MULTILINE)
    groups: dict[str, list[str]] = {}
    for row in rows:
        name = re.search(r'id="parameter-([\w.]+)', row)
        if name:
            groups.setdefault(name[1], []).append(row)
    own = sorted((name for name in groups if name not in SHARED), key=lambda name: (rank(name), name))
    shared = [name for name in groups if name in SHARED]
    tables = [match["head"] + "\n" + "".join("".join(groups[name]) for name in own)] if own else []
    if shared:
        title = "Connection and credentials\n~~~~~~~~~~~~~~~~~~~~~~~~~~\n\nAll modules have these options.\n\n"
        tables.append((title if own else "") + match["head"] + "\n" + "".join("".join(groups[name]) for name in shared))
    return "\n".join(tables)


def rank(name: str) -> int:
    """Return the place of an option in its table."""
    return FIRST.index(name) if name in FIRST else len(FIRST)


def example_first(text: str) -> str:
    """Return the page of a module with its examples before its requirements and options."""
    found = re.search(
        r"^\.\. Examples\n.*?(?=^\.\. (?:Facts|Return values)\n)", text, re.MULTILINE | re.DOTALL | re.IGNORECASE
    )
    place = text.find(".. Aliases\n")
    if not found or place < 0 or place > found.start():
        return text
    return text[:place] + found[0] + "\n" + text[place : found.start()] + text[found.end() :]


def shape(_app: Any, docname: str, source: list[str]) -> None:
    """Adapt a page to the theme, which has its own table of contents and little space for titles."""
    if docname == "index":
        source[0] = first_page(source[0])
        return
    if not docname.startswith("docsite/"):
        source[0] = re.sub(r"^\.\. contents::.*\n(?: +:.*\n)*", "", source[0], flags=re.MULTILINE)
        long = rf"^{re.escape(project)}\.(\w+ \w+) -- (.+)\n\++$"
        source[0] = re.sub(
            long, lambda match: f"{match[1]}\n{'+' * len(match[1])}\n\n{match[2]}.", source[0], flags=re.M
        )
    if docname.endswith("_module"):
        source[0] = TABLE.sub(options_in_order, example_first(source[0]))


class Translator(HTML5Translator):  # type: ignore[misc]
    """Write the header of its column into each cell of a table, for phones; see site.css."""

    def visit_entry(self, node: nodes.entry) -> None:
        """Open a cell."""
        super().visit_entry(node)
        row, group = node.parent, node.parent.parent.parent
        head = next(iter(group.findall(nodes.thead)), None)
        if "ansible-option-table" in group.parent["classes"] or head is None or head is row.parent:
            return
        if len(head[0]) == len(row):
            label = html.escape(head[0][row.index(node)].astext())
            self.body[-1] = self.body[-1].replace("<td", f'<td data-label="{label}"', 1)


def setup(app: Any) -> None:
    """Connect the extension to Sphinx."""
    app.connect("source-read", shape)
    app.set_translator("html", Translator)
