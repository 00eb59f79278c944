# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX asks of credential types, of their templates, and of the credentials that are made with them."""

from __future__ import annotations

import re
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

from .fields import Json, Refused

NAME = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
FILE = re.compile(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?")
FIELD_KEYS = {
    "type": str,
    "format": str,
    "choices": list,
    "id": str,
    "label": str,
    "help_text": str,
    "multiline": bool,
    "secret": bool,
    "ask_at_runtime": bool,
    "default": object,
}
OF_TEXT_ALONE = ("choices", "multiline", "format", "secret")
BLOCKED = {
    *("VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID"),
    *("AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CALLBACK_CONNECTION"),
    *("CACHE", "JOB_CALLBACK_DEBUG", "INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION", "SUPERVISOR_CONFIG_PATH"),
}


def check_inputs(inputs: Json) -> None:
    """Refuse the fields of a credential type that AWX refuses; like AWX, call a field without a type a string."""
    _only({"fields", "required"}, inputs, "inputs")
    seen: set[str] = set()
    for field in inputs.get("fields", []):
        _only(set(FIELD_KEYS), field, "inputs")
        _check_keys(field)
        if not NAME.fullmatch(field["id"]):
            _refuse("inputs", f"{field['id']!r} does not match the pattern")
        if field["id"] == "tower":
            _refuse("inputs", '"tower" is a reserved field name')
        if field["id"] in seen:
            _refuse("inputs", f"field IDs must be unique ({field['id']})")
        seen.add(field["id"])
        if field.get("ask_at_runtime"):
            _refuse("inputs", "'ask_at_runtime' is not supported for custom credentials.")
        _check_type(field)
    for name in inputs.get("required", []):
        if not isinstance(name, str):
            _refuse("inputs", f"{name!r} is not of type 'string'")


def _check_keys(field: Json) -> None:
    for key in ("id", "label"):
        if key not in field:
            _refuse("inputs", f"'{key}' is a required property")
    for key, value in field.items():
        if not isinstance(value, FIELD_KEYS[key]):
            _refuse("inputs", f"{value!r} is not of type {FIELD_KEYS[key].__name__!r}")


def _check_type(field: Json) -> None:
    kind = field.setdefault("type", "string")
    if kind not in {"string", "boolean"}:
        _refuse("inputs", f"{kind!r} is not one of ['string', 'boolean']")
    if "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}[kind]):
        _refuse("inputs", f"{field['default']} is not a {kind}")
    for key in OF_TEXT_ALONE:
        if key in field and kind != "string":
            _refuse("inputs", f"{key} not allowed for {kind} type ({field['id']})")
    choices = field.get("choices", [])
    if len(set(map(str, choices))) != len(choices):
        _refuse("inputs", f"{choices!r} has non-unique elements")
    if field.get("format", "url") not in {"ssh_private_key", "url"}:
        _refuse("inputs", f"{field['format']!r} is not one of ['ssh_private_key', 'url']")


class _Tower:
    """What templates know as `tower`."""

    def __init__(self, filename: Any) -> None:
        self.filename = filename

    def __str__(self) -> str:
        raise UndefinedError("Cannot directly reference reserved `tower` namespace container.")


class _Filenames:
    def __str__(self) -> str:
        raise UndefinedError("Must define unnamed file injector in order to reference `tower.filename`.")


def check_injectors(injectors: Json, inputs: Json) -> None:
    """Refuse injectors that AWX refuses: names of variables, and templates with fields that there are not."""
    _only({"file", "env", "extra_vars"}, injectors, "injectors")
    files = list(injectors.get("file", {}))
    for name in files:
        if not FILE.fullmatch(name):
            _refuse("injectors", f"{name!r} does not match any of the regexes")
    filename: Any = _Filenames()
    if "template" in files:
        if len(files) > 1:
            _refuse("injectors", "Must use multi-file syntax when injecting multiple files")
        filename = "EXAMPLE_FILENAME"
    for name in files if "template" not in files else ():
        setattr(filename, name.split(".")[1], "EXAMPLE_FILENAME")
    namespace = {field["id"]: "EXAMPLE" for field in inputs.get("fields", [])}
    for kind, templates in injectors.items():
        for key, template in templates.items():
            _check_key(kind, key)
            for text in _texts(template) if kind == "extra_vars" else [template]:
                _check_template(kind, key, text, {**namespace, "tower": _Tower(filename)})


def _texts(template: Any) -> list[Any]:
    """Return the templates of an extra variable, which may be a mapping or a list of them."""
    if isinstance(template, dict | list):
        parts = template.values() if isinstance(template, dict) else template
        return [text for part in parts for text in _texts(part)]
    return [template]


def _check_key(kind: str, key: str) -> None:
    if kind != "file" and not NAME.fullmatch(key):
        _refuse("injectors", f"{key!r} does not match any of the regexes")
    if kind == "env" and key.startswith("ANSIBLE_"):
        _refuse(
            "injectors",
            f"Environment variable {key} may affect Ansible configuration so its use is not allowed in credentials.",
        )
    if kind == "env" and key in BLOCKED:
        _refuse("injectors", f"Environment variable {key} is not allowed to be used in credentials.")


def _check_template(kind: str, key: str, template: Any, namespace: Json) -> None:
    if not isinstance(template, str):
        _refuse("injectors", f"{template!r} is not of type 'string'")
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(namespace)
    except UndefinedError as error:
        _refuse("injectors", f"{key} uses an undefined field ({error})")
    except SecurityError as error:
        _refuse("injectors", f"Encountered unsafe code execution: {error}")
    except TemplateSyntaxError as error:
        _refuse("injectors", f"Syntax error rendering template for {key} inside of {kind} ({error})")


def check_credential(inputs: Json, kind: Json) -> None:
    """Refuse inputs that the credential type does not know. A launch refuses what is missing; null is no value."""
    known = {field["id"]: field for field in kind["inputs"].get("fields", [])}
    for key, value in inputs.items():
        if key not in known:
            _refuse("inputs", f"Additional properties are not allowed ({key!r} was unexpected)")
        if value is None:
            continue
        if value == "$encrypted$":
            raise Refused(400, {"inputs": {key: ["$encrypted$ is a reserved keyword, and there is nothing to keep."]}})
        wanted = {"string": str, "boolean": bool}[known[key].get("type", "string")]
        if not isinstance(value, wanted):
            raise Refused(400, {"inputs": {key: [f"{value!r} is not of type {wanted.__name__!r}"]}})
        if value not in (known[key].get("choices") or [value]):
            raise Refused(400, {"inputs": {key: [f"{value!r} is not one of the choices"]}})


def secrets_of(kind: Json) -> set[str]:
    """Return the inputs of a credential type that are never shown."""
    return {field["id"] for field in kind["inputs"].get("fields", []) if field.get("secret")}


def _only(allowed: set[str], given: Any, where: str) -> None:
    if not isinstance(given, dict):
        _refuse(where, f"{given!r} is not of type 'object'")
    more = sorted(set(given) - allowed)
    if more:
        _refuse(where, f"Additional properties are not allowed ({more[0]!r} was unexpected)")


def _refuse(where: str, message: str) -> None:
    raise Refused(400, {where: [message]})
