package treebank_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/ingest/prose/language/treebank"
)

func TestReadKeepsWordsAndWrittenTokens(t *testing.T) {
	in := "# newdoc id = d1\n# text = They don't.\n1\tThey\tthey\tPRON\tPRP\t_\t3\tnsubj\t_\t_\n2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n" +
		"2\tdo\tdo\tAUX\tVBP\t_\t3\taux\t_\t_\n3\tn't\tnot\tPART\tRB\t_\t0\troot\t_\t_\n3.1\tgo\t_\t_\t_\t_\t_\t_\t_\t_\n\n"
	got, err := treebank.Read(strings.NewReader(in))
	if err != nil || len(got) != 1 {
		t.Fatalf("%d sentences, %v", len(got), err)
	}
	if diff := cmp.Diff([]string{"They", "don't"}, got[0].Written); diff != "" {
		t.Error(diff)
	}
	if w := got[0].Words; len(w) != 3 || w[0].Head != 2 || w[2].Head != -1 || got[0].Document != "d1" {
		t.Errorf("read %+v", got[0])
	}
}

func TestReadNamesPlaceOfALineThatIsWrong(t *testing.T) {
	_, err := treebank.Read(strings.NewReader("# text = a\n1\ta\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("the error is %v", err)
	}
}

func TestNamesOfReports(t *testing.T) {
	in := "# doc = r1\n<DOCSTART>\tO\tO\tO\tO\tO\tO\n\nCozy\tO\tO\tO\tB-GROUP\tO\tB-GROUP\nBear\tO\tO\tO\tI-GROUP\tO\tI-GROUP\n,\tO\tO\tO\tO\tO\tO\n" +
		"Acme\tB-ORG\tO\tO\tO\tO\tB-ORG\n\nNext\tO\tO\tO\tO\tO\tO\n"
	got, err := treebank.ReadNames(strings.NewReader(in))
	if err != nil || len(got) != 1 {
		t.Fatalf("%d documents, %v", len(got), err)
	}
	if got[0].Text != "Cozy Bear , Acme\n\nNext" {
		t.Errorf("the text is %q", got[0].Text)
	}
	var names []string
	for _, s := range got[0].Spans {
		names = append(names, s.Kind+" "+got[0].Text[s.Start:s.End])
	}
	if diff := cmp.Diff([]string{"GROUP Cozy Bear", "ORG Acme"}, names); diff != "" {
		t.Error(diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("1\ta\ta\tX\tX\t_\t0\troot\t_\t_\n\n")
	f.Fuzz(func(t *testing.T, in string) {
		_, _ = treebank.Read(strings.NewReader(in))
		_, _ = treebank.ReadNames(strings.NewReader(in))
	})
}
