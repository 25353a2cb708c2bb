package misp

import (
	"crypto/md5" //nolint:gosec // hashes.csv is made of MD5: a name of a value, no protection
	"encoding/hex"
)

// The files of a feed beside its events.
const (
	ManifestFile = "manifest.json"
	HashesFile   = "hashes.csv"
)

// ValueHash is how hashes.csv names a value: MD5 in hexadecimal. Each part of a composite value stands for itself.
func ValueHash(value string) string {
	sum := md5.Sum([]byte(value)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
