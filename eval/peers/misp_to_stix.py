"""Turns a MISP event from standard input into a STIX bundle with misp-stix; the argument is 2.0 or 2.1."""
import json
import sys

from misp_stix_converter import MISPtoSTIX20Parser, MISPtoSTIX21Parser

parser = MISPtoSTIX20Parser() if sys.argv[1] == "2.0" else MISPtoSTIX21Parser()
parser.parse_misp_event(json.load(sys.stdin)["Event"])
print(parser.bundle.serialize())
