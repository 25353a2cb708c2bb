"""Scores pairs of names with nomenklatura's logic-v2: JSON lines {schema, name1, name2} in, one score a line out, the seconds last."""

import json
import sys
import time

from followthemoney import model
from followthemoney.proxy import EntityProxy
from nomenklatura.matching import get_algorithm

algorithm = get_algorithm("logic-v2")
config = algorithm.default_config()
pairs = [json.loads(line) for line in sys.stdin]


def entity(schema, ident, name):
    return EntityProxy.from_dict(
        {"id": ident, "schema": schema, "properties": {"name": [name]}}
    )


scores = []
start = time.process_time()
for pair in pairs:
    left = entity(pair["schema"], "a", pair["name1"])
    right = entity(pair["schema"], "b", pair["name2"])
    scores.append(algorithm.compare(left, right, config).score)
print(json.dumps({"scores": scores, "seconds": time.process_time() - start}))
