package eval_test

import (
	"os"
	"testing"

	"marque/ingest/document"
	"marque/ingest/prose"
)

func TestZZ(t *testing.T) {
	r, _ := prose.NewReader(nil)
	for _, f := range []string{"01.md", "03.md", "05.md", "07.md", "09.md", "11.txt", "13.txt", "15.html"} {
		b, _ := os.ReadFile("/work/shared/data/reports/" + f)
		d, _ := document.Parse(t.Context(), b, f)
		res := r.Read(prose.Document{Name: f, Title: d.Title, Publisher: d.Publisher, Published: d.Published, Text: d.Text})
		t.Logf("%s title=%q pub=%q date=%v house=%+v retells=%+v", f, d.Title, d.Publisher, d.Published, res.House, res.Retells)
	}
}
