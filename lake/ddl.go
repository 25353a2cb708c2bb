package lake

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Engines lists what DDL knows.
func Engines() []string { return []string{"duckdb", "clickhouse", "spark", "trino"} }

// sqlColumns are the columns in the engines' types: name, DuckDB's and ClickHouse's need none, Trino's and Spark's do.
var sqlColumns = []struct{ name, spark, trino string }{
	{"time", "TIMESTAMP", "TIMESTAMP(6)"},
	{"part", "INT", "INTEGER"},
	{"format", "STRING", "VARCHAR"},
	{"sensor", "STRING", "VARCHAR"},
	{"technique", "STRING", "VARCHAR"},
	{"sector", "STRING", "VARCHAR"},
	{"country", "STRING", "VARCHAR"},
	{"victim", "STRING", "VARCHAR"},
	{"src_ip", "STRING", "VARCHAR"},
	{"dst_ip", "STRING", "VARCHAR"},
	{"domain", "STRING", "VARCHAR"},
	{"url", "STRING", "VARCHAR"},
	{"email", "STRING", "VARCHAR"},
	{"digest", "BINARY", "VARBINARY"},
	{"src_ip_h", "BIGINT", "BIGINT"},
	{"dst_ip_h", "BIGINT", "BIGINT"},
	{"zone_h", "BIGINT", "BIGINT"},
	{"url_h", "BIGINT", "BIGINT"},
	{"email_h", "BIGINT", "BIGINT"},
	{"digest_h", "BIGINT", "BIGINT"},
}

// DDL returns the statement with which an engine (one of Engines) reads the lake in place, as a view or table named events. The
// digest becomes lower-case hex in the column digest_hex where the engine has views.
func (l *Lake) DDL(engine string) (string, error) {
	where, err := l.Where(), error(nil)
	location := where
	if !strings.Contains(where, "://") {
		if where, err = filepath.Abs(where); err != nil {
			return "", fmt.Errorf("lake: %w", err)
		}
		where = filepath.ToSlash(where)
		location = "file://" + where
	}
	quoted := "'" + strings.ReplaceAll(where+"/day=*/hour=*/*.parquet", "'", "''") + "'"
	switch engine {
	case "duckdb":
		return "CREATE OR REPLACE VIEW events AS\nSELECT *, lower(hex(digest)) AS digest_hex\nFROM read_parquet(" + quoted +
			", hive_partitioning = true,\n  hive_types = {'day': DATE, 'hour': INTEGER});\n", nil
	case "clickhouse":
		return "CREATE OR REPLACE VIEW events AS\nSELECT *, lower(hex(digest)) AS digest_hex\nFROM file(" + quoted + ", Parquet);\n", nil
	case "spark":
		return "CREATE TABLE events (\n" + columns(func(i int) string { return sqlColumns[i].spark }) +
			",\n  day DATE,\n  hour STRING\n) USING parquet\nPARTITIONED BY (day, hour)\nLOCATION '" + strings.ReplaceAll(where, "'", "\\'") +
			"';\nMSCK REPAIR TABLE events;\n", nil
	case "trino":
		return "CREATE TABLE events (\n" + columns(func(i int) string { return sqlColumns[i].trino }) +
			",\n  day DATE,\n  hour VARCHAR\n) WITH (\n  format = 'PARQUET',\n  partitioned_by = ARRAY['day', 'hour'],\n  external_location = '" +
			strings.ReplaceAll(location, "'", "''") + "'\n);\nCALL system.sync_partition_metadata(CURRENT_SCHEMA, 'events', 'ADD');\n", nil
	}
	return "", fmt.Errorf("lake: engine %q is none of %s", engine, strings.Join(slices.Sorted(slices.Values(Engines())), ", "))
}

func columns(kind func(int) string) string {
	lines := make([]string, len(sqlColumns))
	for i, c := range sqlColumns {
		lines[i] = "  " + c.name + " " + kind(i)
	}
	return strings.Join(lines, ",\n")
}
