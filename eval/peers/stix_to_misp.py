"""Reads a STIX bundle from standard input with misp-stix as somebody else's, and prints how many attributes of which type and how
many objects it makes of it."""
import collections
import json
import sys

import stix2
from misp_stix_converter import ExternalSTIX2toMISPParser

parser = ExternalSTIX2toMISPParser()
parser.load_stix_bundle(stix2.parse(json.load(sys.stdin), allow_custom=True))
parser.parse_stix_bundle()
events = getattr(parser, "misp_events", None) or [parser.misp_event]
if not isinstance(events, list):
    events = [events]
types = collections.Counter(a.type for e in events for a in e.attributes)
types.update("object " + o.name for e in events for o in e.objects)
json.dump(types, sys.stdout)
