# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that every module of the collection and its inventory plugin take."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options for endpoint, credentials, and requests."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - Region of the workspace, such as V(cn-hangzhou). The endpoint follows from it.
      - Environment variables E(ALIBABA_CLOUD_REGION_ID), E(ALIBABA_CLOUD_REGION), E(ALICLOUD_REGION_ID), and
        E(ALICLOUD_REGION), in this order.
      - Required unless O(endpoint) is set.
    type: str
  endpoint:
    description:
      - Host or URL of the service, instead of the one that follows from O(region) and O(network).
      - A host without a scheme means C(https). Plain C(http) is accepted only for this machine itself (V(127.0.0.1),
        V(localhost), V(::1)), where it is the default.
      - Environment variable E(ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT).
    type: str
  network:
    description: Endpoint to derive from O(region). V(public) is the public one. V(vpc) is the one inside a VPC.
    type: str
    choices: [public, vpc]
    default: public
  workspace_id:
    description:
      - ID of the EMR Serverless Spark workspace, such as V(w-d2d82aa09155).
      - Environment variable E(ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID).
      - Required, here or in the environment. M(rayops.alicloud.emr_workspace_info) does not require it, and reads it
        from this option only.
    type: str
  access_key_id:
    description:
      - ID of the access key that signs the requests.
      - Environment variables E(ALIBABA_CLOUD_ACCESS_KEY_ID), E(ALICLOUD_ACCESS_KEY_ID), and E(ALICLOUD_ACCESS_KEY).
      - Options for credentials take precedence over the environment as a whole. They are never mixed with it.
    type: str
  access_key_secret:
    description:
      - Secret of the access key.
      - Environment variables E(ALIBABA_CLOUD_ACCESS_KEY_SECRET), E(ALICLOUD_ACCESS_KEY_SECRET), and
        E(ALICLOUD_SECRET_KEY).
    type: str
  security_token:
    description:
      - Token of temporary credentials (STS), together with O(access_key_id) and O(access_key_secret).
      - Environment variables E(ALIBABA_CLOUD_SECURITY_TOKEN) and E(ALICLOUD_SECURITY_TOKEN).
    type: str
  profile:
    description:
      - Profile in the file of the aliyun CLI, C(~/.aliyun/config.json), or in C(~/.alibabacloud/credentials.ini).
      - A profile signs with its own key. If it lacks a field, the task fails and names the file and the field.
      - Environment variables E(ALIBABA_CLOUD_PROFILE) and E(ALICLOUD_PROFILE). If neither is set, the current profile
        is used if it is complete.
    type: str
  role_arn:
    description:
      - ARN of a RAM role to assume with the other credentials, or with O(oidc_token_file). If the environment of a pod
        has an OIDC role of its own, that role is assumed first, and then assumes this one.
      - Environment variables E(ALIBABA_CLOUD_ROLE_ARN) and E(ALICLOUD_ROLE_ARN), for OIDC only.
    type: str
  role_session_name:
    description:
      - Session name for the assumed role.
      - Environment variables E(ALIBABA_CLOUD_ROLE_SESSION_NAME) and E(ALICLOUD_ROLE_SESSION_NAME).
    type: str
  ecs_ram_role:
    description:
      - Name of the RAM role of the ECS instance that runs the task. The metadata service of the instance is queried
        only if this is set.
      - Environment variables E(ALIBABA_CLOUD_ECS_METADATA) and E(ALICLOUD_ECS_ROLE_NAME).
    type: str
  oidc_provider_arn:
    description:
      - ARN of the OIDC provider that issued the token in O(oidc_token_file).
      - Environment variables E(ALIBABA_CLOUD_OIDC_PROVIDER_ARN) and E(ALICLOUD_OIDC_PROVIDER_ARN).
    type: str
  oidc_token_file:
    description:
      - File with an OIDC token to assume O(role_arn) with, as in a Kubernetes pod.
      - Environment variables E(ALIBABA_CLOUD_OIDC_TOKEN_FILE) and E(ALICLOUD_OIDC_TOKEN_FILE).
    type: path
  credentials_uri:
    description:
      - Address that returns temporary credentials.
      - Environment variables E(ALIBABA_CLOUD_CREDENTIALS_URI) and E(ALICLOUD_CREDENTIALS_URI).
    type: str
  validate_certs:
    description: Verify the certificate of the service.
    type: bool
    default: true
  ca_path:
    description: File or directory with the certificates to trust, instead of the trust store of the system.
    type: path
  timeout:
    description: Longest time for one attempt of a request, in seconds. Fractions are allowed.
    type: float
    default: 30.0
  retries:
    description:
      - Number of attempts that a request may have after the first. A request, with all its attempts and pauses, ends
        within O(timeout) times (O(retries) + 1) seconds.
      - Attempts that the service throttles do not count. They are repeated within the same time.
    type: int
    default: 5
requirements:
  - python >= 3.10
  - httpx >= 0.27.0
  - pydantic >= 2.7.0
  - alibabacloud-credentials >= 1.0.9, for credentials other than a static key
notes:
  - The first configured source signs the requests. The order is options, a key in the environment, a profile that the
    environment names, OIDC, the current profile if it is complete, the named role of the ECS instance, and a
    credentials URI.
  - The environment variables E(HTTPS_PROXY), E(HTTP_PROXY), and E(NO_PROXY) set the proxies.
"""
