package validate

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// File is what a validation of one input found, as the renderers take it.
type File struct {
	Name     string    `json:"file"`
	Summary  Summary   `json:"summary"`
	Findings []Finding `json:"findings"`
}

// Text writes the findings of one input for people while they are found: one line each with its hint below, and at the
// end a line with the counts. Of each code the first Limit findings are written and the rest counted; 0 writes all.
type Text struct {
	W     io.Writer
	Name  string
	Limit int

	seen map[string]int
	err  error
}

// Finding writes one finding; the first error of writing is kept for Close.
func (t *Text) Finding(f Finding) {
	if t.seen == nil {
		t.seen = map[string]int{}
	}
	t.seen[f.Code]++
	if t.err == nil && (t.Limit <= 0 || t.seen[f.Code] <= t.Limit) {
		t.err = writeTextFinding(t.W, t.Name, f)
	}
}

// Close writes how many findings of each code were left out, and the verdict.
func (t *Text) Close(summary Summary) error {
	for _, rule := range rules {
		if more := t.seen[rule.Code] - t.Limit; t.err == nil && t.Limit > 0 && more > 0 {
			_, t.err = fmt.Fprintf(t.W, "%s: %d more %s (%s)\n", t.Name, more, rule.Code, rule.Text)
		}
	}
	if t.err != nil {
		return t.err
	}
	verdict := "valid"
	if !summary.Valid() {
		verdict = "not valid"
	}
	_, err := fmt.Fprintf(t.W, "%s: %s STIX %s: %s, %s, %s\n", t.Name, verdict, summary.Version,
		plural(summary.Objects, "object"), plural(summary.Errors, "error"), plural(summary.Warnings, "warning"))
	return err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func writeTextFinding(w io.Writer, name string, f Finding) error {
	id := ""
	if f.ID != "" {
		id = " [" + printable(f.ID) + "]"
	}
	path := f.Path
	if path == "" {
		path = "/"
	}
	_, err := fmt.Fprintf(w, "%s:%d:%d: %s: %s: %s%s (%s, section %s)\n", name, f.Line, f.Column, f.Severity, printable(path), printable(f.Message), id, f.Code, f.Section)
	if err == nil && f.Hint != "" {
		_, err = fmt.Fprintf(w, "    %s\n", printable(f.Hint))
	}
	return err
}

// printable keeps the content of a hostile object from steering the terminal.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return '\uFFFD'
		}
		return c
	}, text)
}

// WriteJSON writes the files with their findings as one JSON document.
func WriteJSON(w io.Writer, files []File) error {
	for i := range files {
		if files[i].Findings == nil {
			files[i].Findings = []Finding{}
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"files": files})
}

// specificationURL is the published form of the specification that rules point to.
const specificationURL = "https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html"

// The part of SARIF 2.1.0 (OASIS) that is written.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string       `json:"id"`
		ShortDescription     sarifMessage `json:"shortDescription"`
		HelpURI              string       `json:"helpUri"`
		DefaultConfiguration sarifLevel   `json:"defaultConfiguration"`
		Properties           sarifSection `json:"properties"`
	}
	sarifSection struct {
		Section string `json:"section"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID     string            `json:"ruleId"`
		RuleIndex  int               `json:"ruleIndex"`
		Level      string            `json:"level"`
		Message    sarifMessage      `json:"message"`
		Locations  []sarifLocation   `json:"locations"`
		Properties map[string]string `json:"properties,omitempty"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical  `json:"physicalLocation"`
		LogicalLocations []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int   `json:"startLine,omitempty"`
		StartColumn int   `json:"startColumn,omitempty"`
		ByteOffset  int64 `json:"byteOffset"`
		ByteLength  int64 `json:"byteLength"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
)

// WriteSARIF writes findings as SARIF 2.1.0 for code-scanning services; version is that of the program.
func WriteSARIF(w io.Writer, version string, files []File) error {
	index := make(map[string]int, len(rules))
	driver := sarifDriver{Name: "marque stix validate", Version: version, InformationURI: specificationURL}
	for i, rule := range rules {
		index[rule.Code] = i
		driver.Rules = append(driver.Rules, sarifRule{
			ID: rule.Code, ShortDescription: sarifMessage{rule.Text}, HelpURI: specificationURL,
			DefaultConfiguration: sarifLevel{rule.Severity.String()}, Properties: sarifSection{rule.Section},
		})
	}
	results := []sarifResult{}
	for _, file := range files {
		for _, f := range file.Findings {
			results = append(results, sarifResultOf(file.Name, index[f.Code], f))
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{Tool: sarifTool{driver}, Results: results}},
	})
}

func sarifResultOf(name string, rule int, f Finding) sarifResult {
	text := f.Message
	if f.Hint != "" {
		text += ". " + f.Hint
	}
	path := f.Path
	if path == "" {
		path = "/"
	}
	result := sarifResult{
		RuleID: f.Code, RuleIndex: rule, Level: f.Severity.String(), Message: sarifMessage{text},
		Locations: []sarifLocation{{
			PhysicalLocation: sarifPhysical{sarifArtifact{artifactURI(name)}, sarifRegion{StartLine: f.Line, StartColumn: f.Column, ByteOffset: f.Offset}},
			LogicalLocations: []sarifLogical{{path, "value"}},
		}},
		Properties: map[string]string{"section": f.Section},
	}
	if f.ID != "" {
		result.Properties["id"] = f.ID
	}
	return result
}

// artifactURI makes a file name a relative URI reference.
func artifactURI(name string) string {
	var b strings.Builder
	for _, c := range []byte(strings.ReplaceAll(name, `\`, "/")) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
