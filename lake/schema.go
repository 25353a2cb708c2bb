package lake

import "unsafe"

// Row is one row of the lake, and thereby its schema (docs/events.md). An empty string, empty bytes and a hash of 0 mean that
// the event has no such value. An event with more values than a row has places for goes on in rows of the same time
// and sensor with Part 1, 2, …; count events with part = 0.
type Row struct {
	Time      int64  `parquet:"time,timestamp(microsecond)"`
	Part      int32  `parquet:"part"`
	Format    string `parquet:"format"`
	Sensor    string `parquet:"sensor"`
	Technique string `parquet:"technique"`
	Sector    string `parquet:"sector"`
	Country   string `parquet:"country"`
	Victim    string `parquet:"victim"`
	SrcIP     string `parquet:"src_ip"`
	DstIP     string `parquet:"dst_ip"`
	Domain    string `parquet:"domain"`
	URL       string `parquet:"url"`
	Email     string `parquet:"email"`
	Digest    []byte `parquet:"digest"`

	SrcIPHash  int64 `parquet:"src_ip_h,plain,uncompressed"`
	DstIPHash  int64 `parquet:"dst_ip_h,plain,uncompressed"`
	ZoneHash   int64 `parquet:"zone_h,plain,uncompressed"` // of the domain's last two labels
	URLHash    int64 `parquet:"url_h,plain,uncompressed"`
	EmailHash  int64 `parquet:"email_h,plain,uncompressed"`
	DigestHash int64 `parquet:"digest_h,plain,uncompressed"`
}

// hashColumns are the columns that a hunt reads first: hashes (match.Hash) of the value in the column of the same name, in
// zone_h of the last two labels of domain, so that one look finds a domain and all under it.
var hashColumns = []string{"src_ip_h", "dst_ip_h", "zone_h", "url_h", "email_h", "digest_h"}

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
