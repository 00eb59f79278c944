# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each source of credentials that the page about authentication shows is used by its example, and no other one is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.docs.cloud import STS_CREDENTIALS, FakeCredentialServer
from tests.docs.examples import ExampleRunner, block_kind
from tests.docs.pages import CodeBlock, code_blocks, guide_path
from tests.emulator import Emulator

PAGE = guide_path("authentication")
NO_KEY = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_ECS_METADATA_DISABLED")
TOKEN = "the.token.of-the-pod"
ROLE = {"RoleArn": "acs:ram::123456789012:role/ray-operator"}


def sections() -> Iterator[tuple[str, list[CodeBlock]]]:
    """Yield the sections of the page that have examples."""
    text = PAGE.read_text(encoding="utf-8").splitlines()
    titles = [number for number, line in enumerate(text) if line and set(line) == {"-"}]
    for begin, end in zip(titles, [*titles[1:], len(text)], strict=True):
        found = [block for block in code_blocks(PAGE) if begin < block.line < end]
        if any(block_kind(block) != "data" for block in found):
            yield text[begin - 1], found


# Which key signs the requests, and what is asked of whom for it.
USED = {
    "A static key": ("emulator-access-key", []),
    "Temporary credentials (STS)": (STS_CREDENTIALS[0], []),
    "A profile": ("emulator-access-key", []),
    "An assumed role": (
        STS_CREDENTIALS[0],
        [("AssumeRole", {**ROLE, "RoleSessionName": "nightly", "AccessKeyId": "emulator-access-key"})],
    ),
    "OIDC": (
        STS_CREDENTIALS[0],
        [
            (
                "AssumeRoleWithOIDC",
                {
                    **ROLE,
                    "OIDCProviderArn": "acs:ram::123456789012:oidc-provider/ack-rrsa",
                    "OIDCToken": TOKEN,
                    "RoleSessionName": "rayops-alicloud",
                },
            )
        ],
    ),
    "The role of an ECS instance": (
        STS_CREDENTIALS[0],
        [
            ("100.100.100.200/latest/api/token", {}),
            ("100.100.100.200/latest/meta-data/ram/security-credentials/ray-operator", {}),
        ],
    ),
    "A credentials URI": (STS_CREDENTIALS[0], [("credentials.internal/ray", {})]),
}


def test_every_source_of_the_page_is_tried() -> None:
    assert [title for title, _blocks in sections()] == list(USED)


@pytest.mark.parametrize("title", USED)
@pytest.mark.slow
def test_the_examples_of_a_source_use_it(
    title: str, example_runner: ExampleRunner, credential_server: FakeCredentialServer, emulator: Emulator
) -> None:
    key, asked = USED[title]
    example_runner.env |= {**dict.fromkeys(NO_KEY), **credential_server.environment}
    example_runner.forget = True
    example_runner.extra |= {"team_key_id": emulator.access_key_id, "team_key_secret": emulator.access_key_secret}
    (example_runner.folder / "token").write_text(TOKEN)
    shown = dict(sections())
    for block in shown["A profile"] if title == "An assumed role" else ():
        if block.file_name:
            example_runner.write(block)
    runs = example_runner.run(PAGE, shown[title])
    assert {re.findall(r"Credential=([^,]+)", entry.headers["authorization"])[0] for entry in emulator.journal} == {key}
    assert {name for name, _given in credential_server.asked} == {name for name, _given in asked}
    for name, expected in asked:
        assert all(expected.items() <= given.items() for what, given in credential_server.asked if what == name)
    assert len(emulator.journal) >= len([run for run in runs if block_kind(run.block) != "data"])
