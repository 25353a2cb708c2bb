"""Asks DuckDB which events of a lake meet one of the indicators: the same four columns, and the domain's parent."""
import json
import resource
import sys
import time

try:
    import duckdb
except ImportError:
    print(json.dumps({"missing": True}))
    sys.exit(0)

ddl, indicators, threads = sys.argv[1:4]
db = duckdb.connect()
db.execute(f"set threads={int(threads)}; set TimeZone='UTC'; set enable_progress_bar=false")
db.execute(ddl)
db.execute(f"create table indicator as select value from read_csv('{indicators}', header=true, all_varchar=true, nullstr='\\x00')")
db.execute("create table digest as select unhex(value) as value from indicator where length(value) = 64")


def clock():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


began = clock()
(matched,) = db.execute("""
    select count(*) from events
    where part = 0 and (dst_ip in (from indicator) or domain in (from indicator) or url in (from indicator)
       or substr(domain, strpos(domain, '.') + 1) in (from indicator) or digest in (from digest))""").fetchone()
ended = clock()
print(json.dumps({"version": duckdb.__version__, "matched": matched, "hunt": [ended[0] - began[0], ended[1] - began[1]]}))
