"""Loads a MISP search answer from standard input with pymisp and prints what it sees."""
import json
import sys

from pymisp import MISPEvent

seen = []
for wrapped in json.load(sys.stdin)["response"]:
    event = MISPEvent()
    event.from_dict(**wrapped["Event"])
    event.to_json()
    attributes = list(event.attributes) + [a for o in event.objects for a in o.attributes]
    seen.append({
        "uuid": event.uuid,
        "info": event.info,
        "attributes": len(event.attributes),
        "objects": len(event.objects),
        "references": sum(len(o.references) for o in event.objects),
        "sightings": sum(len(a.sightings) for a in attributes),
        "tags": sorted(t.name for t in event.tags),
        "galaxies": len(event.galaxies),
        "reports": len(event.event_reports),
    })
json.dump(seen, sys.stdout)
