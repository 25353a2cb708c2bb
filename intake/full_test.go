package intake_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"testing"

	"marque/intake"
)

// TestDiskFull fills a small file system, named by MARQUE_SMALL_DISK, and then makes room.
func TestDiskFull(t *testing.T) {
	dir := os.Getenv("MARQUE_SMALL_DISK")
	if dir == "" {
		t.Skip("MARQUE_SMALL_DISK is not set: want an empty file system of some 50 MB")
	}
	dir, err := os.MkdirTemp(dir, "full")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	x := open(t, dir, intake.Config{MinFree: 1})
	ballast := dir + "/ballast"
	if err := os.WriteFile(ballast, make([]byte, 36<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, refused := int64(0), 0
	for i := 0; refused < 3 && i < 3000; i++ {
		var b bytes.Buffer
		for k := range 200 {
			b.WriteString(eventLine(fmt.Sprintf("x%d-%d-%x.evil1.example", i, k, i*k*7919), i*1000+k))
		}
		res, _ := x.send(b.Bytes(), "Idempotency-Key", fmt.Sprint(i))
		switch res.StatusCode {
		case http.StatusAccepted:
			taken += 200
		case http.StatusInsufficientStorage, http.StatusServiceUnavailable:
			refused++
		default:
			t.Fatalf("status %d", res.StatusCode)
		}
	}
	if refused == 0 {
		t.Fatal("the disk was never full")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	x.run()
	if c := x.events(taken); c["lost"] != 0 || c["events"] > taken+600 {
		t.Errorf("%d were acknowledged, counters %v", taken, c)
	}
	x.until("room again", func(map[string]int64) bool {
		res, _ := x.send([]byte(eventLine("evil2.example", 1)))
		return res.StatusCode == http.StatusAccepted
	})
}
