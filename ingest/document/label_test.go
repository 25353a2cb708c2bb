package document_test

import (
	"strings"
	"testing"

	"marque/ingest/document"
	"marque/stix"
)

const labelledBody = "The group broke into the network of a port authority in February, investigators said on Tuesday. The attackers stole customs records."

// TestLabels: a document's own label is its level, in the forms that people write it.
func TestLabels(t *testing.T) {
	for line, want := range map[string]stix.TLP{
		"TLP:RED": stix.Red, "TLP: Amber+Strict": stix.AmberStrict, "tlp:green": stix.Green, "TLP-AMBER": stix.Amber,
		"Traffic Light Protocol (TLP): AMBER": stix.Amber, "Distribution: TLP AMBER": stix.Amber, "**TLP:RED**": stix.Red,
		"Classification | TLP:AMBER+STRICT | 4 March": stix.AmberStrict, "Page 3 of 9 | TLP:AMBER": stix.Amber, "12   TLP:GREEN": stix.Green,
		"TLP:AMBER - Weekly report": stix.Amber, "[TLP:RED] Weekly report": stix.Red, "Subject: [TLP:AMBER] Weekly report": stix.Amber,
		"Subject: Re: TLP:RED: weekly": stix.Red, "Weekly report (TLP:GREEN)": stix.Green, "TLP:CLEAR": stix.Clear, "TLP WHITE": stix.Clear,
		"TLP:RED Not for disclosure, restricted to participants only.": stix.Red, "This document is marked TLP:AMBER.": stix.Amber,
		"This advisory may be shared as TLP:GREEN": stix.Green, "TLP\nAMBER": stix.Amber, "Traffic Light Protocol:\nRed": stix.Red,
		"TLP:VIOLET": stix.Red, "TLP 2.0: AMBER": stix.Amber, "TLP level: green": stix.Green,
	} {
		for where, text := range map[string]string{
			"first": line + "\n\n" + labelledBody, "last": labelledBody + "\n\n" + line, "after a title": "Copper raids port\n" + line + "\nMarch 4, 2024\n\n" + labelledBody,
			"foot of a page": labelledBody + "\n" + strings.Repeat("More words.\n", 100) + line + "\f" + strings.Repeat("More words.\n", 100),
		} {
			if strings.HasPrefix(text, "[") {
				continue // could be JSON
			}
			d, err := document.Parse(t.Context(), []byte(text), "a.txt")
			if err != nil {
				t.Fatal(err)
			}
			if !d.Labelled || d.Level != want {
				t.Errorf("%q, %s: %v, %v, want %v", line, where, d.Level, d.Labelled, want)
			}
		}
	}
}

// TestMentionsAreNoLabels: prose about labels does not mark the text that it stands in.
func TestMentionsAreNoLabels(t *testing.T) {
	for _, line := range []string{
		"Reports marked TLP:RED were leaked by the group.", "TLP:RED documents leaked by hackers, agency says", "The Traffic Light Protocol is twenty years old.",
		"A vendor's TLP:AMBER report named the group first.", "Investigators passed on the list as TLP:AMBER in 2019, and it was published later.",
		"Copper raids port", "red", "The OTLP: red exporter",
	} {
		for _, text := range []string{line + "\n\n" + labelledBody, labelledBody + "\n\n" + line} {
			d, err := document.Parse(t.Context(), []byte(text), "a.txt")
			if err != nil {
				t.Fatal(err)
			}
			if d.Labelled {
				t.Errorf("%q marks the document %v", line, d.Level)
			}
		}
	}
}

// pageOf is the content stream of a page.
func pageOf(text string) string { return "BT /F1 12 Tf 72 720 Td (" + text + ") Tj ET" }

// TestLabelsOfPages: what Readability drops is looked at, too; and each page of a PDF.
func TestLabelsOfPages(t *testing.T) {
	article := "<p>" + strings.Repeat(labelledBody+" ", 5) + "</p>"
	for what, page := range map[string]string{
		"header": "<html><body><header>TLP:AMBER</header><article><h1>Raid</h1>" + article + article + "</article></body></html>",
		"footer": "<html><body><article><h1>Raid</h1>" + article + article + "</article><footer>Contact us<br>TLP:AMBER</footer></body></html>",
		"table":  "<html><body><table><tr><td>Date</td><td>4 March</td></tr><tr><td>TLP</td><td>AMBER</td></tr></table><article>" + article + article + "</article></body></html>",
		"title":  "<html><head><title>[TLP:AMBER] Raid</title></head><body><article>" + article + article + "</article></body></html>",
		"meta":   `<html><head><meta name="tlp" content="amber"></head><body><article>` + article + article + "</article></body></html>",
	} {
		d := parse(t, "a.html", page)
		if !d.Labelled || d.Level != stix.Amber {
			t.Errorf("%s: %v, %v", what, d.Level, d.Labelled)
		}
	}
	d := parse(t, "a.pdf", pdfOf(pageOf(labelledBody), pageOf("TLP:RED "+labelledBody), pageOf(labelledBody)))
	if !d.Labelled || d.Level != stix.Red {
		t.Errorf("page of a PDF: %v, %v", d.Level, d.Labelled)
	}
	d = parse(t, "a.md", "---\ntitle: Raid\ntlp: green\n---\n"+labelledBody)
	if !d.Labelled || d.Level != stix.Green {
		t.Errorf("front matter: %v, %v", d.Level, d.Labelled)
	}
}

// TestTitleAfterALabel: the line under the label is the title.
func TestTitleAfterALabel(t *testing.T) {
	if d := parse(t, "a.txt", "TLP:RED\n\nCopper raids port\n\n"+labelledBody); d.Title != "Copper raids port" {
		t.Errorf("title %q", d.Title)
	}
}
