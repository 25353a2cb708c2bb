"""Reads a collection with taxii2-client, the TC's own client, in the ways that it knows, and prints what it saw as JSON."""

import json
import sys
import time

from taxii2client.v21 import Collection, Server, as_pages


def ids(pages):
    return [(o["id"], o.get("modified") or o.get("version")) for p in pages for o in p.get("objects", [])]


def main(base, collection, user, password, per_request):
    auth = dict(user=user, password=password)
    server = Server(base + "/taxii2/", **auth)
    roots = [r.title for r in server.api_roots]
    titles = {c.id: c.title for r in server.api_roots for c in r.collections}
    col = Collection(base + "/api1/collections/" + collection + "/", **auth)

    began = time.time()
    objects = ids(as_pages(col.get_objects, per_request=per_request))
    took = time.time() - began
    manifest = ids(as_pages(col.get_manifest, per_request=per_request))
    filtered = ids(as_pages(col.get_objects, per_request=per_request, type="indicator", version="all"))
    one = col.get_object(objects[0][0])
    versions = col.object_versions(objects[0][0])

    box = Collection(base + "/api1/collections/44444444-4444-4444-8444-444444444444/", **auth)
    added = {"type": "tool", "spec_version": "2.1", "id": "tool--b9a5c1f0-2d3e-4f56-8a7b-0c1d2e3f4a5b", "name": "x",
             "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z"}
    status = box.add_objects({"objects": [added]})
    back = box.get_object(added["id"])["objects"][0]
    box.delete_object(added["id"])
    try:
        box.get_object(added["id"])
        gone = False
    except Exception as e:  # the client raises what requests raises
        gone = "404" in str(e)

    json.dump({
        "roots": roots, "title": titles.get(collection), "seconds": took,
        "objects": len(objects), "distinct": len(set(objects)), "same_order": objects == manifest,
        "indicators": len(filtered), "distinct_indicators": len(set(filtered)),
        "one": one["objects"][0]["id"] == objects[0][0], "versions": versions["versions"],
        "status": status.status, "succeeded": status.success_count, "round_trip": back == added, "gone": gone,
    }, sys.stdout)


main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
