"""Runs the statement on standard input, as `marque lake ddl` prints it, in the engine that the argument names, and asks the lake
a question: events by sensor, and the digests in hexadecimal. Prints the answer as JSON."""
import json
import sys
import tempfile

engine, statement = sys.argv[1], sys.stdin.read()
parts = [s for s in statement.split(";\n") if s.strip()]
question = "SELECT sensor, count(*) AS n FROM events WHERE part = 0 GROUP BY sensor ORDER BY sensor"

if engine == "duckdb":
    import duckdb

    con = duckdb.connect()
    for s in parts:
        con.execute(s)
    rows = con.execute(question).fetchall()
elif engine == "clickhouse":
    from chdb import session

    s = session.Session(tempfile.mkdtemp())
    for p in parts:
        s.query(p)
    rows = [(r["sensor"], int(r["n"])) for r in map(json.loads, str(s.query(question, "JSONEachRow")).splitlines())]
elif engine == "spark":
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", tempfile.mkdtemp())
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    for p in parts:
        spark.sql(p)
    rows = [(r["sensor"], r["n"]) for r in spark.sql(question).collect()]
else:
    sys.exit("unknown engine " + engine)

json.dump({sensor: n for sensor, n in rows}, sys.stdout)
