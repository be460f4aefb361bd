"""A webhook receiver built on the package `standardwebhooks`, across a rotation of the key.

It fails now and then, and must in the end have every event once, in order for each person, each signed by the key
that it has at the time. Muster is set up through its management API alone.
"""

import http.server
import json
import os
import queue
import sys
import threading
import time
import urllib.error
import urllib.request

from standardwebhooks import Webhook, WebhookVerificationError

API = os.environ["MUSTER_API_URL"]
TOKEN = os.environ["MUSTER_API_TOKEN"]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PATIENCE = 60.0


def call(method, url, token, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def api(method, path, body=None):
    return call(method, f"{API}/api/v1{path}", TOKEN, body)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what arrives; fails on every third message when it comes for the first time."""

    protocol_version = "HTTP/1.1"
    arrived = queue.Queue()
    refused = set()
    count = 0
    lock = threading.Lock()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        name = self.headers["webhook-id"]
        with Receiver.lock:
            Receiver.count += 1
            fails = Receiver.count % 3 == 0 and name not in Receiver.refused
            if fails:
                Receiver.refused.add(name)
        if not fails:
            Receiver.arrived.put((dict(self.headers), body))
        self.send_response(503 if fails else 204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def messages(count):
    """The next so many messages that were accepted."""
    until = time.monotonic() + PATIENCE
    return [Receiver.arrived.get(timeout=max(0.1, until - time.monotonic())) for _ in range(count)]


def is_signed_by(key, message):
    headers, body = message
    try:
        Webhook(key).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


def expect(condition, words):
    if not condition:
        sys.exit(f"webhooks: {words}")


def provision(connection, name):
    """Three events of one person."""
    base, token = connection["scim_base_url"], connection["credential"]["token"]
    person = call("POST", f"{base}/Users", token, {"schemas": [USER], "userName": name})
    for operation in (
        {"op": "replace", "path": "displayName", "value": name},
        {"op": "replace", "path": "active", "value": False},
    ):
        call("PATCH", f"{base}/Users/{person['id']}", token, {"schemas": [PATCH], "Operations": [operation]})
    return person["id"]


def expect_in_order(received, people):
    expected = ["directory.user.created", "directory.user.updated", "directory.user.deactivated"]
    events = [json.loads(body) for _, body in received]
    ids = [event["id"] for event in events]
    expect(len(ids) == len(set(ids)), "an event came twice")
    for person in people:
        types = [event["type"] for event in events if event["data"]["resource_id"] == person]
        expect(types == expected, f"the events of a person came as {types}")
    expect(len(events) == len(people) * len(expected), "an event came that did not happen")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/hook"

    connection = api("POST", "/connections", {"name": "webhooks", "provider": "generic", "overrides": {"guard_percent": 0}})
    webhook = api("POST", "/webhooks", {"url": url})
    first = webhook["key"]

    people = [provision(connection, f"person{number}@example.com") for number in range(4)]
    received = messages(12)
    expect(all(is_signed_by(first, message) for message in received), "a signature is wrong")
    expect_in_order(received, people)
    headers, body = received[0]
    expect(not is_signed_by(first, (headers, body + b" ")), "a changed message was taken for genuine")

    second = api("POST", f"/webhooks/{webhook['id']}/key-rotation", {})["key"]
    people = [provision(connection, f"during{number}@example.com") for number in range(2)]
    received = messages(6)
    for key in (first, second):
        expect(all(is_signed_by(key, message) for message in received), "during the rotation both keys sign")
    expect_in_order(received, people)

    api("POST", f"/webhooks/{webhook['id']}/key-rotation/complete", {})
    people = [provision(connection, f"after{number}@example.com") for number in range(2)]
    received = messages(6)
    expect(all(is_signed_by(second, message) for message in received), "the new key does not sign")
    expect(not any(is_signed_by(first, message) for message in received), "the old key still signs")
    expect_in_order(received, people)

    expect(Receiver.refused, "nothing was refused, so nothing was sent again")
    time.sleep(2)
    expect(Receiver.arrived.empty(), "a message came that nobody waits for")
    deliveries = api("GET", f"/webhooks/{webhook['id']}/deliveries?limit=100&state=delivered")["data"]
    expect(len(deliveries) == 24, f"{len(deliveries)} deliveries are told as delivered")
    print(f"24 events arrived in order, {len(Receiver.refused)} of them after they were refused, across a rotation")


main()
