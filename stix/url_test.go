package stix_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/stix"
)

func TestLinkTo(t *testing.T) {
	for _, link := range []string{
		"https://example.org/a?b=c#d", "http://[2001:db8::1]:80/", "mailto:a@b.example", "HTTPS://EXAMPLE.ORG", "urn:x:y", "https://example.org/%C3%A9",
	} {
		if diff := cmp.Diff(stix.ExternalReference{SourceName: "s", URL: link}, stix.LinkTo("s", link)); diff != "" {
			t.Error(diff)
		}
	}
	for _, text := range []string{
		"", "note.txt", "blog.example.org/a", "https:", "https://example.org/a b", "https://example.org/é", "https://example.org/%zz", "https://example.org/%4", "https://example.org/a[b]", "://a",
	} {
		if diff := cmp.Diff(stix.ExternalReference{SourceName: "s", Description: text}, stix.LinkTo("s", text)); diff != "" {
			t.Error(diff)
		}
	}
}
