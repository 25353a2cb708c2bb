"""Parses a bundle from standard input with stix2 and prints the objects that it does not take, as {id: reason}."""
import json
import sys

import stix2

bundle = json.load(sys.stdin)
bad = {}
for o in bundle["objects"]:
    try:
        stix2.parse(o, version="2.1", allow_custom=True)
    except Exception as e:  # stix2 raises many kinds
        bad[o["id"]] = f"{type(e).__name__}: {e}"
stix2.parse({**bundle, "objects": [o for o in bundle["objects"] if o["id"] not in bad]}, version="2.1", allow_custom=True)
json.dump({"objects": len(bundle["objects"]), "bad": bad}, sys.stdout)
