"""How the account answers over the network: connections stay open, and a repeated call is done once."""

from __future__ import annotations

import http.client
from urllib.parse import urlencode, urlsplit

import pytest

from sandbox.cloud import Cloud

IAM = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=tests/20260101/us-east-1/iam/aws4_request, "
    "SignedHeaders=host, Signature=0",
    "Content-Type": "application/x-www-form-urlencoded",
}


def call(connection: http.client.HTTPConnection, invocation: str, **parameters: str) -> tuple[int, str]:
    body = urlencode({"Version": "2010-05-08", **parameters})
    connection.request("POST", "/", body, {**IAM, "amz-sdk-invocation-id": invocation})
    response = connection.getresponse()
    return response.status, response.read().decode()


@pytest.fixture
def connection(account: Cloud) -> http.client.HTTPConnection:
    account.reset()
    return http.client.HTTPConnection(urlsplit(account.endpoint).netloc)


def test_connections_stay_open(connection: http.client.HTTPConnection) -> None:
    call(connection, "first", Action="ListGroups")
    opened = connection.sock
    call(connection, "second", Action="ListGroups")
    assert connection.sock is opened is not None


def test_a_call_that_an_sdk_repeats_gets_its_first_answer(connection: http.client.HTTPConnection) -> None:
    made = call(connection, "one", Action="CreateGroup", GroupName="crew")
    assert made[0] == 200
    assert call(connection, "one", Action="CreateGroup", GroupName="crew") == made
    status, refused = call(connection, "two", Action="CreateGroup", GroupName="crew")
    assert status == 409
    assert "EntityAlreadyExists" in refused


def test_a_call_that_was_refused_is_done_when_it_is_repeated(connection: http.client.HTTPConnection) -> None:
    attached = {"Action": "AddUserToGroup", "GroupName": "crew", "UserName": "alice"}
    assert call(connection, "early", **attached)[0] == 404
    call(connection, "group", Action="CreateGroup", GroupName="crew")
    call(connection, "user", Action="CreateUser", UserName="alice")
    assert call(connection, "early", **attached)[0] == 200
