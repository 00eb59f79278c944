# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in place of what the reader of an example brings along."""

from __future__ import annotations

import sys

# Stands for `curl` in commands, for those who have none.
CURL = f"""#!{sys.executable}
import argparse, sys, urllib.request
parser = argparse.ArgumentParser()
parser.add_argument("-X", dest="method", default="GET")
parser.add_argument("-d", dest="data")
parser.add_argument("--fail", action="store_true")
parser.add_argument("--silent", action="store_true")
parser.add_argument("url")
given = parser.parse_args()
url = given.url if "://" in given.url else f"http://{{given.url}}"
request = urllib.request.Request(url, method=given.method, data=given.data.encode() if given.data else None)
sys.stdout.write(urllib.request.urlopen(request, timeout=30).read().decode())
"""

# The function that a test of the documentation calls and leaves to its reader.
PLAYBOOK_RUNNER = """
import builtins, subprocess, sys
from pathlib import Path
import yaml

def run_my_playbook(endpoint, workspace):
    where = {"endpoint": endpoint, "workspace_id": workspace, "wait_interval": 0.02,
             "access_key_id": "emulator-access-key", "access_key_secret": "emulator-access-secret"}
    spec = {"name": "training", "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
            "head_spec": {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"},
            "worker_spec": [{"group_name": "w", "queue_name": "root_queue", "cpu": 4, "memory": "16Gi", "replica": 1}]}
    task = {"name": "Declare", "rayops.alicloud.emr_ray_cluster": {**where, **spec}}
    Path("mine.yml").write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    subprocess.run([str(Path(sys.executable).parent / "ansible-playbook"), "mine.yml"], check=True, timeout=120)

builtins.run_my_playbook = run_my_playbook
"""
