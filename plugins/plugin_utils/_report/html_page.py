# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render a page from a template. All content from outside is escaped."""

from __future__ import annotations

import base64
import hashlib
import typing as t

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from .._native import Row
from .numbers import format_number


class PageError(ValueError):
    """A template that cannot be rendered; the text says why."""


def render_page(template: str, report: Row, charts: t.Iterable[Row]) -> str:
    """Return the page; values of ``report`` are escaped, drawings are not. Raises PageError."""
    environment = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = format_number
    environment.filters["csp_hash"] = _csp_hash
    drawn = [{"title": chart["title"], "svg": Markup(chart["svg"])} for chart in charts]  # noqa: S704
    try:
        return environment.from_string(str(template)).render(report=report, charts=drawn)
    except TemplateError as error:
        raise PageError(f"the template of the page cannot be used: {error}") from None


def _csp_hash(script: str) -> str:
    """Return the hash with which a content security policy allows this script and no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
