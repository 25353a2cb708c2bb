package event

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"

	"go.yaml.in/yaml/v3"

	"marque/internal/jsonscan"
)

// Role is what a mapped field means.
type Role uint8

// The roles. Those before manyRoles have one value in an event.
const (
	roleNone Role = iota
	roleTime
	roleSensor
	roleTechnique
	roleSector
	roleCountry
	roleVictim
	roleURLScheme
	roleURLHost
	roleURLPath
	roleURLQuery
	manyRoles
	RoleIP
	RoleSrcIP
	RoleDstIP
	roleDomain
	roleURL
	roleHash
	roleMD5
	roleSHA1
	roleSHA256
	roleSHA512
	roleEmail
	roleAny
	roleMany
)

var roleNames = map[string]Role{
	"time": roleTime, "sensor": roleSensor, "technique": roleTechnique, "sector": roleSector, "country": roleCountry,
	"victim": roleVictim, "url_scheme": roleURLScheme, "url_host": roleURLHost, "url_path": roleURLPath, "url_query": roleURLQuery, "ip": RoleIP, "src_ip": RoleSrcIP,
	"dst_ip": RoleDstIP, "domain": roleDomain, "url": roleURL, "hash": roleHash, "md5": roleMD5, "sha1": roleSHA1,
	"sha256": roleSHA256, "sha512": roleSHA512, "email": roleEmail, "any": roleAny, "many": roleMany,
}

//go:embed formats.yaml
var builtinFormats []byte

// Format is one entry of a mapping file: how one event format spells what Marque reads.
type Format struct {
	Name    string              `yaml:"name"`
	About   string              `yaml:"about"` // what it is, for people
	When    []string            `yaml:"when"`
	WhenAny []string            `yaml:"when_any"`
	Fields  map[string][]string `yaml:"fields"`

	// File and Lines say where each path of Fields stands, for Explain: Lines by role and path. ReadFormats fills Lines in.
	File  string         `yaml:"-"`
	Lines map[string]int `yaml:"-"`
}

// Formats is a compiled list of formats. It is immutable and may be shared between decoders.
type Formats struct {
	paths *jsonscan.Paths
	names []string // of the paths
	list  []format
}

type format struct {
	Format
	all     []bit
	any     []bit
	targets []target // by path
}

// target is what one format makes of one path.
type target struct {
	role  Role
	order uint8 // among the paths of a role with one value, the lowest order wins
}

type bit struct {
	word uint8
	mask uint64
}

// maxPaths bounds the presence bits of an event.
const maxPaths = 1024

type pathSet [maxPaths / 64]uint64

func (s *pathSet) has(b bit) bool { return s[b.word]&b.mask != 0 }

// ReadFormats reads a mapping file.
func ReadFormats(r io.Reader) ([]Format, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxMapping+1))
	if err != nil {
		return nil, fmt.Errorf("mapping file: %w", err)
	}
	if len(text) > maxMapping {
		return nil, fmt.Errorf("mapping file: over %d bytes", maxMapping)
	}
	var file struct {
		Formats []Format `yaml:"formats"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("mapping file: %w", err)
	}
	var tree struct {
		Formats []struct {
			Fields map[string]yaml.Node `yaml:"fields"`
		} `yaml:"formats"`
	}
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("mapping file: %w", err)
	}
	for i := range file.Formats {
		lines := map[string]int{}
		for role, list := range tree.Formats[i].Fields {
			for _, path := range list.Content {
				lines[role+" "+path.Value] = path.Line
			}
		}
		file.Formats[i].Lines = lines
	}
	return file.Formats, nil
}

// maxMapping bounds a mapping file.
const maxMapping = 1 << 20

// BuiltinFormats returns the formats that come with Marque, in the order in which they are tried.
func BuiltinFormats() []Format { return slices.Clone(builtin()) }

// builtin are the formats that come with Marque, read when they are first asked for; nobody writes to them.
var builtin = sync.OnceValue(func() []Format {
	list, err := ReadFormats(bytes.NewReader(builtinFormats))
	if err != nil {
		return nil // the embedded file is covered by a test
	}
	for i := range list {
		list[i].File = "event/formats.yaml"
	}
	return list
})

// NewFormats compiles own formats, tried first, followed by the built-in ones. It reports every fault at once.
func NewFormats(own ...Format) (*Formats, error) {
	list := append(slices.Clone(own), BuiltinFormats()...)
	index := map[string]int{}
	var paths []string
	intern := func(p string) int {
		i, ok := index[p]
		if !ok {
			i = len(paths)
			index[p] = i
			paths = append(paths, p)
		}
		return i
	}
	var faults []error
	out := &Formats{}
	for n, f := range list {
		c, err := compileFormat(f, intern)
		if err != nil {
			faults = append(faults, fmt.Errorf("format %d %q: %w", n+1, f.Name, err))
		}
		out.list = append(out.list, c)
	}
	if len(paths) > maxPaths {
		faults = append(faults, fmt.Errorf("formats: %d paths are more than %d", len(paths), maxPaths))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	for i := range out.list {
		f := &out.list[i]
		f.targets = append(f.targets, make([]target, len(paths)-len(f.targets))...)
	}
	compiled, err := jsonscan.Compile(paths)
	out.paths, out.names = compiled, paths
	return out, err
}

func compileFormat(f Format, intern func(string) int) (format, error) {
	var faults []error
	bits := func(paths []string) (out []bit) {
		for _, p := range paths {
			i := intern(p)
			out = append(out, bit{uint8(i / 64), 1 << (i % 64)})
		}
		return out
	}
	c := format{Format: f, all: bits(f.When), any: bits(f.WhenAny)}
	if f.Name == "" || len(f.When) == 0 {
		faults = append(faults, errors.New("name and when are needed"))
	}
	names := make([]string, 0, len(f.Fields))
	for name := range f.Fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		role, ok := roleNames[name]
		if !ok {
			faults = append(faults, fmt.Errorf("field %q: no such role", name))
		}
		for order, p := range f.Fields[name] {
			i := intern(p)
			for len(c.targets) <= i {
				c.targets = append(c.targets, target{})
			}
			if order > 254 {
				faults = append(faults, fmt.Errorf("field %q: more than 255 paths", name))
				break
			}
			if old := c.targets[i].role; old != roleNone && old != role && old != roleURLHost && role != roleURLHost {
				faults = append(faults, fmt.Errorf("field %q: %s stands under %q as well: a field has one role", name, p, nameOf(old)))
			}
			c.targets[i] = merge(c.targets[i], target{role, uint8(order)})
		}
	}
	if len(f.Fields["time"]) == 0 {
		faults = append(faults, errors.New("field \"time\" is needed"))
	}
	return c, errors.Join(faults...)
}

// merge settles a path with two roles (Zeek's and Suricata's host names are a URL's host and an observable too): the URL's
// host keeps the path, and yields the observable as well.
func merge(old, next target) target {
	if old.role == roleURLHost || next.role == roleNone {
		return old
	}
	return next
}

// detect returns the first format whose condition the present paths meet.
func (f *Formats) detect(present *pathSet) *format {
	for i := range f.list {
		if c := &f.list[i]; c.meets(present) {
			return c
		}
	}
	return nil
}

func (f *format) meets(present *pathSet) bool {
	for _, b := range f.all {
		if !present.has(b) {
			return false
		}
	}
	if len(f.any) == 0 {
		return true
	}
	return slices.ContainsFunc(f.any, present.has)
}
