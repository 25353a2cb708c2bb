package bucket_test

import (
	"path/filepath"
	"testing"

	"marque/lake/bucket"
	"marque/lake/bucket/buckettest"
)

func TestFolder(t *testing.T) {
	buckettest.Run(t, func(t *testing.T) bucket.Bucket { return bucket.Folder(filepath.Join(t.TempDir(), "lake")) },
		func(b bucket.Bucket) bucket.Bucket { return bucket.Folder(b.Where("")) })
}

func TestMemory(t *testing.T) {
	buckettest.Run(t, func(*testing.T) bucket.Bucket { return buckettest.Memory() }, nil)
}
