# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked for at launch, and what a schedule or a node of a workflow may answer."""

from __future__ import annotations

from .fields import Field, choice, flag, mapping, number, ref, text

VERBOSITIES = (0, 1, 2, 3, 4, 5)
PROMPTS = {
    f"ask_{name}_on_launch": flag()
    for name in (
        *(
            "credential",
            "diff_mode",
            "execution_environment",
            "forks",
            "instance_groups",
            "inventory",
            "job_slice_count",
        ),
        *("job_type", "labels", "limit", "scm_branch", "skip_tags", "tags", "timeout", "variables", "verbosity"),
    )
}
# What a schedule or a node of a workflow may set for the template that it starts, where that one asks for it.
ANSWERS = {
    "extra_data": mapping(),
    "inventory": ref("inventories"),
    "scm_branch": text(),
    "job_type": choice("run", "check"),
    "job_tags": text(),
    "skip_tags": text(),
    "limit": text(),
    "diff_mode": Field("boolean", default=None, null=True),
    "verbosity": Field("choice", default=None, null=True, choices=VERBOSITIES),
    "execution_environment": ref("execution_environments"),
    "forks": number(None),
    "job_slice_count": number(None),
    "timeout": number(None, None),
}
