package media

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bep/imagemeta"
	"go.yaml.in/yaml/v3"
)

//go:embed generators.yaml
var generatorsYAML []byte

// generators is what generators.yaml holds.
type generators struct {
	Sources map[string]struct {
		Says      string `yaml:"says"`
		Synthetic bool   `yaml:"synthetic"`
	} `yaml:"sources"`
	Software []struct {
		Name     string   `yaml:"name"`
		Patterns []string `yaml:"patterns"`
	} `yaml:"software"`
	Tags     map[string]string `yaml:"tags"`
	ToolTags []string          `yaml:"tool_tags"`
}

var builtinGenerators = sync.OnceValue(func() (g generators) {
	if err := yaml.Unmarshal(generatorsYAML, &g); err != nil {
		panic("media: generators.yaml: " + err.Error())
	}
	return g
})

// Tag is one thing that a file says of itself.
type Tag struct {
	Source string `json:"source"` // EXIF, IPTC, XMP, PNG text, ID3, RIFF, MP4
	Name   string `json:"name"`
	Value  string `json:"value"`
}

// Statement is what a file says of how its content was made. It is a statement: anybody can write one into a file, and take one out.
type Statement struct {
	Says string `json:"says"`
	// Synthetic says that the statement is of a generator.
	Synthetic bool `json:"synthetic"`
	// Where is the tag, or the manifest's action, that says so.
	Where string `json:"where"`
	Value string `json:"value"`
}

// Report is what a file says of itself.
type Report struct {
	Format      string      `json:"format"`
	Tags        []Tag       `json:"tags,omitempty"`
	Statements  []Statement `json:"statements,omitempty"`
	Credentials Credentials `json:"credentials,omitzero"`
	// Hash is the perceptual hash of a picture, empty where there is none; HashReason says why.
	Hash       string `json:"hash,omitempty"`
	HashReason string `json:"hash_reason,omitempty"`
	// Problems are what could not be read.
	Problems []string `json:"problems,omitempty"`
}

// Note is what every report ends with.
const Note = "What a file says of itself can be written and taken out by anybody. That it says nothing proves nothing."

// Limits on metadata.
const (
	maxTags     = 2000
	maxTagBytes = 10_000
)

// ErrFormat says that a file is of no kind that is read.
var ErrFormat = errors.New("neither JPEG, PNG, MP4, MP3 nor WAV")

// Read reads a JPEG, PNG, MP4, MP3 or WAV. now is passed to ReadCredentials. What cannot be read of a file of these kinds is told in
// Problems; the error is ErrFormat for others.
func Read(data []byte, now time.Time) (Report, error) {
	r := Report{Format: format(data)}
	switch r.Format {
	case "JPEG":
		r.image(data, imagemeta.JPEG)
		r.Credentials = ReadCredentials(data, now)
		r.hash(data)
	case "PNG":
		r.image(data, imagemeta.PNG)
		r.pngText(data)
		r.hash(data)
	case "MP4":
		r.mp4(data)
	case "MP3":
		r.id3(data)
	case "WAV":
		r.riff(data)
	default:
		return r, fmt.Errorf("media: %w", ErrFormat)
	}
	r.state()
	return r, nil
}

// format knows a file by its first bytes.
func format(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, markerSOI}):
		return "JPEG"
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "PNG"
	case len(data) >= 12 && string(data[4:8]) == "ftyp":
		return "MP4"
	case bytes.HasPrefix(data, []byte("ID3")), len(data) > 2 && data[0] == 0xff && data[1]&0xe6 == 0xe2:
		return "MP3"
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WAVE":
		return "WAV"
	}
	return ""
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

func (r *Report) tag(source, name, value string) {
	value = strings.ToValidUTF8(strings.Trim(value, " \x00\r\n"), "�")
	if value == "" || len(r.Tags) >= maxTags {
		return
	}
	r.Tags = append(r.Tags, Tag{source, name, value[:min(len(value), maxTagBytes)]})
}

// image reads EXIF, IPTC and XMP.
func (r *Report) image(data []byte, f imagemeta.ImageFormat) {
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(data), ImageFormat: f, Sources: imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		ShouldHandleTag: func(imagemeta.TagInfo) bool { return true },
		HandleTag: func(t imagemeta.TagInfo) error {
			r.tag(t.Source.String(), t.Tag, valueText(t.Value))
			return nil
		},
		LimitNumTags: maxTags, LimitTagSize: maxTagBytes, Timeout: 10 * time.Second,
	})
	if err != nil && !errors.Is(err, io.EOF) {
		r.problem("metadata: %v", err)
	}
}

func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, ", ")
	case []byte:
		return ""
	}
	return fmt.Sprint(v)
}

// hash adds the perceptual hash.
func (r *Report) hash(data []byte) {
	h, err := HashImage(bytes.NewReader(data))
	if err != nil {
		r.HashReason = err.Error()
		return
	}
	r.Hash = h.String()
}

// state gathers what tags and manifest say of how the content was made.
func (r *Report) state() {
	g := builtinGenerators()
	for _, t := range r.Tags {
		where := t.Source + " " + t.Name
		if name, ok := g.Tags[t.Name]; ok && t.Source == "PNG text" {
			r.Statements = append(r.Statements, Statement{"generated by " + name, true, where, clip(t.Value)})
		}
		if strings.EqualFold(t.Name, "DigitalSourceType") {
			r.source(where, t.Value)
			continue
		}
		if s, ok := g.named(t.Value); ok && g.namesTool(t.Name) {
			r.Statements = append(r.Statements, Statement{"generated by " + s, true, where, clip(t.Value)})
		}
	}
	for _, a := range r.Credentials.Actions {
		where := "C2PA " + a.Name
		r.source(where, a.Source)
		if s, ok := g.named(a.Agent); ok {
			r.Statements = append(r.Statements, Statement{"generated by " + s, true, where, a.Agent})
		}
	}
}

// source says what a digital source type means.
func (r *Report) source(where, value string) {
	name := value[strings.LastIndexByte(value, '/')+1:]
	if s, ok := builtinGenerators().Sources[name]; ok {
		r.Statements = append(r.Statements, Statement{s.Says, s.Synthetic, where, value})
	}
}

// namesTool says whether a tag names what made the file, as against what it shows: a photograph of a gemini is not generated by it.
func (g generators) namesTool(tag string) bool {
	return slices.Contains(g.ToolTags, strings.ToLower(strings.TrimPrefix(tag, "TXXX:")))
}

// named finds the name of a generator.
func (g generators) named(value string) (string, bool) {
	v := strings.ToLower(value)
	for _, s := range g.Software {
		for _, p := range s.Patterns {
			if strings.Contains(v, p) {
				return s.Name, true
			}
		}
	}
	return "", false
}

func clip(v string) string {
	if len(v) <= 200 {
		return v
	}
	return strings.ToValidUTF8(v[:200], "") + "…"
}
