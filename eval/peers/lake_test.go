package peers_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/event"
	"marque/lake"
	"marque/match"
)

// modules are what each engine needs of the Python that MARQUE_PEERS names.
var modules = map[string]string{"duckdb": "duckdb", "clickhouse": "chdb", "spark": "pyspark"}

// TestEnginesReadTheLakeInPlace runs the statement that `marque lake ddl` prints in each engine and compares its answer with the
// truth.
func TestEnginesReadTheLakeInPlace(t *testing.T) {
	l, err := lake.Open(filepath.Join(t.TempDir(), "lake"))
	if err != nil {
		t.Fatal(err)
	}
	formats, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	var lines strings.Builder
	for i := range 500 {
		sensor := fmt.Sprintf("sensor-%d", i%3)
		want[sensor]++
		fmt.Fprintf(&lines, "{\"time\":\"2024-06-0%dT%02d:00:00Z\",\"sensor\":%q,\"domain\":\"host-%d.example\",\"sha256\":\"%064x\"}\n", 1+i%2, i%24, sensor, i, i)
	}
	sources := []match.Source{{Path: "events", Reader: strings.NewReader(lines.String())}}
	if _, _, err := match.Run(t.Context(), sources, formats, match.NewSet(l.Seed(), nil), match.Config{Keep: l}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil {
		t.Fatal(err)
	}
	for engine, module := range modules {
		t.Run(engine, func(t *testing.T) {
			interpreter := os.Getenv("MARQUE_PEERS")
			if interpreter == "" || exec.CommandContext(t.Context(), interpreter, "-c", "import "+module).Run() != nil {
				t.Skipf("MARQUE_PEERS names no Python with %s", module)
			}
			statement, err := l.DDL(engine)
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]int
			if err := json.Unmarshal(python(t, strings.NewReader(statement), "lake_read.py", engine), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s counts otherwise (-want +got):\n%s", engine, diff)
			}
		})
	}
}
