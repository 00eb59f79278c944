# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Sphinx for `make docs`. tools/docs.sh adds the pages that antsibull-docs makes from the collection."""

from __future__ import annotations

import os
import re
import zlib
from pathlib import Path
from typing import Any

import yaml

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


def first_page(listed: str) -> str:
    """Make the first page from index.rst, the sections of extra-docs.yml, and the lists of antsibull-docs."""
    sections = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    guides = [toctree(each["title"], [f"docsite/{name}" for name in each["toctree"]]) for each in sections]
    listed = listed[listed.index(".. _plugin_index_for_") :]
    # The lists have a hidden table of contents each, which the side bar shows below a title.
    parts = re.split(r"^\.\. toctree::\n +:maxdepth: 1\n +:hidden:\n\n((?: +\w+\n)+)", listed, flags=re.MULTILINE)
    for number in range(1, len(parts), 2):
        title = re.findall(r"^(\w[\w ]+)\n[~-]+$", parts[number - 1], re.MULTILINE)[-1]
        parts[number] = toctree(title, parts[number].split(), "hidden")
    others = ["environment_variables", *(["changelog"] if RELEASED else [])]
    first = (HERE / "index.rst").read_text(encoding="utf-8")
    return "\n".join([first, *guides, *parts, toctree("More", others, "hidden")])


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


def setup(app: Any) -> None:
    """Connect the extension to Sphinx."""
    app.connect("source-read", shape)
