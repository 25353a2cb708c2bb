"""Asks DuckDB what Marque is asked: file -> match -> roll-up, and file -> Parquet by day and hour."""
import json
import resource
import sys
import time

try:
    import duckdb
except ImportError:
    print(json.dumps({"missing": True}))
    sys.exit(0)

events, indicators, lake, answer, threads = sys.argv[1:6]
db = duckdb.connect()
db.execute(f"set threads={int(threads)}; set TimeZone='UTC'; set enable_progress_bar=false")


def clock():
    """Wall clock and processor time, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


def since(start):
    now = clock()
    return [now[0] - start[0], now[1] - start[1]]


columns = """{time: 'TIMESTAMP', sensor: 'VARCHAR', technique: 'VARCHAR', sector: 'VARCHAR', country: 'VARCHAR', victim: 'VARCHAR',
              dst_ip: 'VARCHAR', domain: 'VARCHAR', url: 'VARCHAR', sha256: 'VARCHAR'}"""
source = f"read_json('{events}', format='newline_delimited', columns={columns})"

began = clock()
db.execute(f"create table indicator as select value, actor, sponsor from read_csv('{indicators}', header=true, all_varchar=true, nullstr='\\x00')")
load = since(began)

# The time of an event is unique in this workload, which makes it the event's name.
began = clock()
rows = db.execute(f"""
    with value as (
        select time, technique, sector, country,
               unnest([dst_ip, domain, substr(domain, strpos(domain, '.') + 1), url, sha256]) as value
        from {source})
    select epoch(date_trunc('hour', time))::bigint, actor, sponsor, technique, sector, country, count(distinct time)
    from value join indicator using (value) group by all""").fetchall()
match = since(began)

keep = [0.0, 0.0]
if lake:
    began = clock()
    db.execute(f"""copy (select *, time::date as day, hour(time) as hour from {source})
                   to '{lake}' (format parquet, compression zstd, partition_by (day, hour))""")
    keep = since(began)

with open(answer, "w") as f:
    for row in sorted([r[0], *[c or "" for c in r[1:6]], r[6]] for r in rows):
        f.write(json.dumps(row, separators=(",", ":")) + "\n")
print(json.dumps({"version": duckdb.__version__, "load": load, "match": match, "keep": keep}))
