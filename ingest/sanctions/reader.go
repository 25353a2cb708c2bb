package sanctions

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"marque/claim"
	"marque/ingest"
	"marque/ingest/entity"
	"marque/stix"
	"marque/store"
)

// Reader makes STIX of a list that is one file: OFAC's sdn.csv (without the files beside it) and XML, the British, European and United
// Nations' XML, the European CSV, FollowTheMoney lines.
//
// Of each subject of a programme against cyber operations or interference (data/programmes.tsv) comes a threat actor with its names and a
// measure that says who listed it, when, on which legal basis. The others are counted: they are for screening, which reads the lists
// itself, and would drown what the graph is for.
type Reader struct {
	// All takes the subjects of all programmes.
	All bool
}

var _ ingest.Reader = Reader{}

// Name is "sanctions".
func (Reader) Name() string { return "sanctions" }

// form is one of the formats that are one file.
type form struct {
	list   string
	is     func(head []byte) bool
	decode func(io.Reader) Subjects
}

var (
	sdnRow = regexp.MustCompile(`^\d{1,9},"[^"\n]+",(?:-0- |"?(?:individual|vessel|aircraft)"? ?),`)
	forms  = []form{
		{OFAC, sdnRow.Match, func(r io.Reader) Subjects { return DecodeOFAC(OFACFiles{SDN: r}) }},
		{OFAC, element("<sdnList"), DecodeOFACXML},
		{UK, element("<Designations"), DecodeUKXML},
		{UN, element("<CONSOLIDATED_LIST"), DecodeUN},
		{EU, func(h []byte) bool {
			return bytes.Contains(h, []byte("<export")) && bytes.Contains(h, []byte("/fpi/fsd/export"))
		}, DecodeEUXML},
		{EU, func(h []byte) bool {
			line, _, _ := bytes.Cut(h, []byte("\n"))
			return bytes.Contains(line, []byte("Entity_LogicalId"))
		}, DecodeEU},
		{OpenSanctions, ftmLine, DecodeOpenSanctions},
	}
)

func element(start string) func([]byte) bool {
	return func(head []byte) bool { return bytes.Contains(head, []byte(start)) }
}

// ftmLine knows an entity by its three marks at the beginning of the file.
func ftmLine(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return bytes.HasPrefix(line, []byte("{")) && bytes.Contains(line, []byte(`"schema"`)) && bytes.Contains(line, []byte(`"properties"`)) &&
		(bytes.Contains(line, []byte(`"caption"`)) || bytes.Contains(line, []byte(`"datasets"`)))
}

func formOf(head []byte) (form, bool) {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	i := slices.IndexFunc(forms, func(f form) bool { return f.is(head) })
	if i < 0 {
		return form{}, false
	}
	return forms[i], true
}

// Detect knows the root elements, OFAC's first row, the European head row and FollowTheMoney's properties.
func (Reader) Detect(head []byte, _ string) ingest.Confidence {
	if _, ok := formOf(head); ok {
		return ingest.Certain
	}
	return ingest.No
}

// publishers are who publishes a list, and the state or body that lists.
var publishers = map[string]struct{ name, by string }{
	OFAC: {"Office of Foreign Assets Control", "US"}, UK: {"Foreign, Commonwealth & Development Office", "GB"},
	EU: {"European Union", "EU"}, UN: {"United Nations Security Council", "UN"}, OpenSanctions: {"OpenSanctions", ""},
}

// Read reads the list.
func (r Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	head := make([]byte, ingest.HeadSize)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	f, ok := formOf(head[:n])
	if !ok {
		return fmt.Errorf("list: none of OFAC's, the British, European, United Nations' or FollowTheMoney: %w", ErrColumns)
	}
	w := entity.NewWriter(out)
	by := w.Organisation(publishers[f.list].name)
	for s, err := range f.decode(io.MultiReader(bytes.NewReader(head[:n]), in)) {
		if stop := ctx.Err(); stop != nil {
			return stop
		}
		var p *EntryError
		switch {
		case errors.As(err, &p):
			if err := out.Reject(store.Reject{Place: fmt.Sprintf("line %d", p.Line), Reason: p.Error()}); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			programmes := concerned(s)
			if len(programmes) == 0 && !r.All || s.Kind == Wallets {
				out.Warn("subject of another programme, for screening only")
				continue
			}
			write(w, by, s, programmes)
			if err := w.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// programme is a row of data/programmes.tsv.
type programme struct{ list, code, what, basis string }

//go:embed data/programmes.tsv
var programmeRows string

var programmes = sync.OnceValue(func() []programme {
	var out []programme
	for line := range strings.Lines(programmeRows) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 4 && !strings.HasPrefix(line, "#") {
			out = append(out, programme{f[0], f[1], f[2], f[3]})
		}
	}
	return out
})

// concerned gives the programmes against cyber operations and interference under which a subject is listed.
func concerned(s *Subject) []programme { return basisOf(s.List, s.Programmes) }

// basisOf are the programmes among codes that are against cyber operations and interference.
func basisOf(list string, codes []string) []programme {
	var out []programme
	for _, p := range programmes() {
		known := slices.ContainsFunc(out, func(q programme) bool { return q.basis == p.basis })
		if p.list == list && !known && slices.Contains(codes, p.code) {
			out = append(out, p)
		}
	}
	return out
}

// write makes the actor and the measure of a subject.
func write(w *entity.Writer, by stix.ID, s *Subject, under []programme) {
	at := timestamp(s.Listed)
	id := stix.DerivedID("threat-actor", "sanctions", s.List, s.ID)
	a := stix.ThreatActor{Common: stix.NewCommon(id, at, by), Name: plainName(s), Description: s.Remarks}
	a.References = []stix.ExternalReference{{SourceName: s.List, ExternalID: s.ID}}
	for _, n := range s.Names {
		full := n.Full
		if n.Given != "" && n.Family != "" {
			full = n.Given + " " + n.Family
		}
		// What the list itself calls weak finds others too; it stays with the list.
		if full != a.Name && !n.Weak && !slices.Contains(a.Aliases, full) {
			a.Aliases = append(a.Aliases, full)
		}
	}
	w.Add(id, a)
	mid := stix.DerivedID("marque-measure", "sanctions", s.List, s.ID)
	m := claim.Measure{
		Common: stix.NewCommon(mid, at, by), Name: "Sanctions: " + a.Name, Kind: "sanctions", Date: at, AgainstRefs: []stix.ID{id}, Status: "done",
	}
	if body := publishers[s.List].by; body != "" {
		m.By = []string{body}
	}
	var basis []string
	for _, p := range under {
		basis = append(basis, p.basis)
		m.Description = clean(m.Description + " " + p.what)
	}
	m.LegalBasis = strings.Join(basis, "; ")
	for _, p := range s.Programmes {
		m.Codes = append(m.Codes, s.List+":"+p)
	}
	if len(m.By) == 1 && len(m.By[0]) == 2 && m.By[0] != "EU" && m.By[0] != "UN" {
		m.ByRefs = []stix.ID{w.State(m.By[0])}
	}
	if err := m.Extensions.Extend(claim.MeasureExtension, map[string]string{"extension_type": "new-sdo"}); err == nil {
		w.Add(mid, m)
	}
}

// plainName is the primary name with the given names first.
func plainName(s *Subject) string {
	name := s.Name()
	for _, n := range s.Names {
		if n.Full == name && n.Given != "" && n.Family != "" {
			return n.Given + " " + n.Family
		}
	}
	return name
}

// timestamp is a date as STIX has it: a day where the list gives one, else undated, since a month would become its first day.
func timestamp(d Date) stix.Timestamp {
	if d.Day == 0 {
		return entity.Undated
	}
	return stix.At(time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC))
}
