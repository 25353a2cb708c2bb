"""Checks a bundle from standard input with stix2-validator and prints {id: [errors]} of what it does not accept."""
import json
import sys

from stix2validator import ValidationOptions, validate_instance

options = ValidationOptions(version="2.1", silent=True)
bundle = json.load(sys.stdin)
bad, warnings = {}, {}
for o in bundle["objects"]:
    results = validate_instance(o, options)
    if not results.is_valid:
        bad[o["id"]] = [str(e) for e in results.errors]
    for w in results.warnings or []:
        kind = str(w).split("{")[-1].split("}")[0]
        warnings[kind] = warnings.get(kind, 0) + 1
json.dump({"objects": len(bundle["objects"]), "bad": bad, "warnings": warnings}, sys.stdout)
