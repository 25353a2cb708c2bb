package eval

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"marque/attribute"
	"marque/graph"
	"marque/workspace"
)

// KnownOperation is an operation of an answer file: which records of each data set tell of it, and what is right about it.
type KnownOperation struct {
	Key         string
	Names       []string
	First, Last KnownDate
	Rows        KnownRecords // must be joined
	Parts       KnownRecords // joined, or joined as a part
	Either      KnownRecords // joined or not
	NotSame     KnownRecords `yaml:"not_same"`
	Who         struct {
		Leading, Sponsor, Personas, Mode, Motive []string
		Of, Least, Most                          string
	}
	Contested     string
	DeniedBy      []struct{ Who, Date, How string } `yaml:"denied_by"`
	NotDeniedBy   []struct{ Who string }            `yaml:"not_denied_by"`
	Measures      []KnownMeasure
	AnswerUnknown bool `yaml:"answer_unknown"`
}

// KnownDate is a date to its precision.
type KnownDate struct{ Date, Precision string }

// KnownMeasure is what answered an operation, and where that is recorded.
type KnownMeasure struct{ Date, By, Kind, What, Basis string }

// KnownRecords are records by data set.
type KnownRecords struct {
	Eurepoc  []int
	Attack   []string
	Casebook []string
	CFR      []struct {
		Title, Date string
		Row         int
	} `yaml:"cfr"`
}

// list names the records as the operations' members do: "eurepoc 87".
func (r *KnownRecords) list() []string {
	var out []string
	for _, n := range r.Eurepoc {
		out = append(out, "eurepoc "+strconv.Itoa(n))
	}
	for _, c := range r.CFR {
		out = append(out, "cfr "+strconv.Itoa(c.Row))
	}
	for _, a := range r.Attack {
		out = append(out, "attack "+a)
	}
	for _, k := range r.Casebook {
		out = append(out, "casebook "+k)
	}
	return out
}

// KnownOperations reads an answer file.
func KnownOperations(path string) ([]KnownOperation, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	var file struct{ Operations []KnownOperation }
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("answers %s: %w", path, err)
	}
	return file.Operations, nil
}

// Development tells whether a key belongs to the half that weights and rules may be tuned on: its FNV-1a hash is even.
func Development(key string) bool {
	h := fnv.New32a()
	h.Write([]byte(key)) //nolint:errcheck // a hash takes everything
	return h.Sum32()%2 == 0
}

// JoinedFiles are the data sets of the joined workspace, beside the casebook.
func JoinedFiles(data string) []string {
	var out []string
	for _, pattern := range []string{
		"attack/*.json.gz", "misp-galaxy/*.json.gz", "microsoft/MicrosoftMapping.json", "eurepoc/EuRepoC_Global_Database_1.1.csv.gz", "cfr/*.csv.gz",
	} {
		files, err := filepath.Glob(filepath.Join(data, pattern))
		if err == nil {
			out = append(out, files...)
		}
	}
	return out
}

// Joined opens a workspace with the casebook and all data sets in it. MARQUE_JOINED names one that holds them already.
func Joined(t testing.TB, data string) *workspace.Workspace {
	t.Helper()
	dir := os.Getenv("MARQUE_JOINED")
	kept := dir != ""
	if !kept {
		dir = t.TempDir()
	}
	w, err := workspace.Open(t.Context(), workspace.Options{Dir: dir, Config: workspace.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if kept {
		return w
	}
	if _, err := w.IngestCasebook(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Ingest(t.Context(), workspace.IngestOptions{}, JoinedFiles(data)...); err != nil {
		t.Fatal(err)
	}
	return w
}

// OperationFigures are the figures on an answer file.
type OperationFigures struct {
	Operations int

	PairsRight, PairsMissed, WrongJoins, Pending int

	Leading, Sponsor, Band, Personas, Who int
	JoinedAndJudged                       int

	Contested, ContestedSaid, OthersSaid int

	DatesRight, DatesWrong, DatesUnknown int

	AnswersRight, AnswersMissed, AnswersWrong int
	NoneSaid                                  int
	Trapped                                   int

	Notes []string // what was missed or wrong, by operation
}

// pairF1 is the harmonic mean of precision and recall.
func pairF1(right, missed, wrong int) float64 {
	if right == 0 {
		return 0
	}
	return 2 * float64(right) / float64(2*right+missed+wrong)
}

// JoinF1 is the pairwise F1 of joins.
func (f *OperationFigures) JoinF1() float64 { return pairF1(f.PairsRight, f.PairsMissed, f.WrongJoins) }

func (f *OperationFigures) note(key, format string, args ...any) {
	f.Notes = append(f.Notes, key+": "+fmt.Sprintf(format, args...))
}

// String is the figures as lines of a table.
func (f *OperationFigures) String() string {
	share := func(n int) string {
		return fmt.Sprintf("%.3f (%d of %d)", float64(n)/float64(max(1, f.Operations)), n, f.Operations)
	}
	lines := []string{
		fmt.Sprintf("records joined, pairwise F1 %.3f (%d right, %d missed of which %d wait for review); wrong joins %d", f.JoinF1(), f.PairsRight, f.PairsMissed, f.Pending, f.WrongJoins),
		"who: leading " + share(f.Leading),
		"who: sponsor " + share(f.Sponsor),
		"who: band of probability " + share(f.Band),
		"who: personas " + share(f.Personas),
		"who: all four " + share(f.Who),
		"joined and judged right " + share(f.JoinedAndJudged),
		fmt.Sprintf("contested ones said to be contested %d of %d, others said so %d of %d", f.ContestedSaid, f.Contested, f.OthersSaid, f.Operations-f.Contested),
		fmt.Sprintf("dates right to their precision %d, wrong %d, unknown %d", f.DatesRight, f.DatesWrong, f.DatesUnknown),
		fmt.Sprintf("measures and denials that the sources record, F1 %.3f (%d right, %d missed), wrong %d", pairF1(f.AnswersRight, f.AnswersMissed, f.AnswersWrong), f.AnswersRight, f.AnswersMissed, f.AnswersWrong),
		fmt.Sprintf("none said where it may not be %d", f.NoneSaid),
		"operations that fall into a trap " + share(f.Trapped),
	}
	return strings.Join(lines, "\n")
}

// world is the operations of a workspace by their records.
type operationWorld struct {
	of      map[string]*workspace.Operation
	pending map[[2]string]bool
}

// MeasureOperations grades the operations of a workspace against answers. Keys of all answers are known to all: a join with another
// answer's record is wrong.
func MeasureOperations(ops []workspace.Operation, pending map[[2]string]bool, known, all []KnownOperation) OperationFigures {
	w := operationWorld{of: map[string]*workspace.Operation{}, pending: pending}
	for i := range ops {
		for _, m := range ops[i].Members {
			w.of[m.Source+" "+m.Record] = &ops[i]
		}
	}
	f := OperationFigures{Operations: len(known)}
	for i := range known {
		w.grade(&f, &known[i], all)
	}
	return f
}

func (w *operationWorld) grade(f *OperationFigures, k *KnownOperation, all []KnownOperation) {
	own := append(k.Rows.list(), k.Parts.list()...)
	joined, wrong := w.joins(f, k, own, all)
	op := w.of[own[0]]
	if op == nil {
		f.note(k.Key, "record %s is not in the workspace", own[0])
		return
	}
	right := w.who(f, k, op)
	if right && joined {
		f.JoinedAndJudged++
	}
	trapped := wrong
	if k.Contested != "" {
		f.Contested++
		if op.Contested {
			f.ContestedSaid++
		} else {
			f.note(k.Key, "is contested, and that is not said")
		}
	} else if op.Contested {
		f.OthersSaid++
		f.note(k.Key, "is said to be contested")
	}
	for _, d := range []struct {
		name string
		want KnownDate
		got  workspace.OperationDate
	}{{"first", k.First, op.First}, {"last", k.Last, op.Last}} {
		switch {
		case d.got.Precision == "unknown" || d.got.Date == "":
			f.DatesUnknown++
		case agrees(d.want, d.got):
			f.DatesRight++
		default:
			f.DatesWrong++
			trapped = true
			f.note(k.Key, "%s is %s (%s), want %s", d.name, d.got.Date, d.got.Precision, d.want.Date)
		}
	}
	if w.answers(f, k, op) {
		trapped = true
	}
	if k.AnswerUnknown && !slices.Contains([]string{workspace.Answered, workspace.AskedAndSilent, workspace.AnswerUnknown}, op.Answer) {
		f.NoneSaid++
		trapped = true
	}
	if trapped || !right && overclaims(k, op) {
		f.Trapped++
	}
}

// joins counts the pairs of the operation's records and tells whether all are joined, and whether a wrong one is.
func (w *operationWorld) joins(f *OperationFigures, k *KnownOperation, own []string, all []KnownOperation) (joined, wrong bool) {
	joined = true
	rows := len(k.Rows.list())
	for i, a := range own {
		for _, b := range own[:min(i, rows)] { // two parts need not tell of the same
			switch {
			case w.of[a] != nil && w.of[a] == w.of[b]:
				f.PairsRight++
			default:
				f.PairsMissed++
				joined = false
				waits := ""
				if w.pending[[2]string{min(a, b), max(a, b)}] {
					f.Pending++
					waits = ", waits for review"
				}
				f.note(k.Key, "%s and %s are not joined%s", b, a, waits)
			}
		}
	}
	others := k.NotSame.list()
	either := k.Either.list()
	for i := range all {
		if all[i].Key != k.Key {
			for _, r := range append(all[i].Rows.list(), all[i].Parts.list()...) {
				if !slices.Contains(own, r) && !slices.Contains(either, r) && !slices.Contains(others, r) {
					others = append(others, r)
				}
			}
		}
	}
	for _, a := range own {
		for _, b := range others {
			if w.of[a] != nil && w.of[a] == w.of[b] {
				f.WrongJoins++
				wrong = true
				f.note(k.Key, "%s is joined with %s, which is another", a, b)
			}
		}
	}
	return joined && !wrong, wrong
}

// agrees tells whether a date is right to the coarser of the two precisions.
func agrees(want KnownDate, got workspace.OperationDate) bool {
	n := map[string]int{"year": 4, "month": 7, "day": 10}
	at := min(n[want.Precision], n[got.Precision])
	return len(want.Date) >= at && len(got.Date) >= at && want.Date[:at] == got.Date[:at]
}

// names tells whether any of the names is one of those wanted.
func anyName(names, want []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return slices.ContainsFunc(want, func(x string) bool { return graph.NormalName(n) == graph.NormalName(x) })
	})
}

// calls are the names of a hypothesis' actor.
func calls(h *workspace.OperationHypothesis) []string {
	if h.Actor == "" {
		return nil
	}
	return append([]string{h.Actor}, h.ActorNames...)
}

// states splits the sponsors that may lead into states and whether none may.
func (k *KnownOperation) states() (states []string, open bool) {
	for _, s := range k.Who.Sponsor {
		if s == "none" || s == "unknown" {
			open = true
		} else {
			states = append(states, s)
		}
	}
	return states, open
}

// who grades the judgement: all four must be right.
func (w *operationWorld) who(f *OperationFigures, k *KnownOperation, op *workspace.Operation) bool {
	leading, sponsor, band, personas := leadingRight(k, op), sponsorRight(k, op), bandRight(k, op), personasRight(k, op)
	for _, x := range []struct {
		ok    bool
		count *int
		what  string
	}{{leading, &f.Leading, "leading"}, {sponsor, &f.Sponsor, "sponsor"}, {band, &f.Band, "band"}, {personas, &f.Personas, "personas"}} {
		if x.ok {
			*x.count++
			continue
		}
		var top strings.Builder
		for i, h := range op.Hypotheses {
			if i < 3 {
				fmt.Fprintf(&top, " %s/%s %.2f", h.Actor, h.State, h.Probability)
			}
		}
		f.note(k.Key, "%s is not right: %s named %v;%s; states %v; want %v %v %s to %s of %s", x.what, op.Leading, op.Named, top.String(), op.States, k.Who.Leading, k.Who.Sponsor, k.Who.Least, k.Who.Most, k.Who.Of)
	}
	if leading && sponsor && band && personas {
		f.Who++
		return true
	}
	return false
}

func leadingRight(k *KnownOperation, op *workspace.Operation) bool {
	if !op.Named || op.Hypotheses[0].Actor == "" {
		return slices.Contains(k.Who.Leading, "unknown")
	}
	return anyName(calls(&op.Hypotheses[0]), slices.Concat(k.Who.Leading, k.Who.Personas))
}

func sponsorRight(k *KnownOperation, op *workspace.Operation) bool {
	states, open := k.states()
	if !op.Named || op.Hypotheses[0].State == "" {
		return open
	}
	return slices.Contains(states, op.Hypotheses[0].State)
}

var words = []string{"almost no chance", "very unlikely", "unlikely", "roughly even chance", "likely", "very likely", "almost certain"}

func rank(p float64) int { return slices.Index(words, attribute.Words(p)) }

func bandRight(k *KnownOperation, op *workspace.Operation) bool {
	states, open := k.states()
	top, among := 0.0, 0.0
	for _, s := range op.States {
		top = max(top, s.Probability)
		if slices.Contains(states, s.State) {
			among = max(among, s.Probability)
		}
	}
	least, most := slices.Index(words, k.Who.Least), slices.Index(words, k.Who.Most)
	if k.Who.Of == "state" {
		if open || len(states) == 0 {
			return rank(top) <= most
		}
		return rank(among) >= least && rank(among) <= most
	}
	actor := 0.0
	for i := range op.Hypotheses {
		h := &op.Hypotheses[i]
		if anyName(calls(h), slices.Concat(k.Who.Leading, k.Who.Personas)) || h.Actor == "" && slices.Contains(k.Who.Leading, "unknown") {
			actor += h.Probability
		}
	}
	limit := slices.Index(words, "unlikely")
	if len(states) > 0 {
		limit = slices.Index(words, "roughly even chance")
		if !open {
			limit = len(words)
		}
	}
	return rank(actor) >= least && rank(actor) <= most && rank(top) <= limit
}

// personasRight tells whether no front of the accused stands as a rival of its own.
func personasRight(k *KnownOperation, op *workspace.Operation) bool {
	return !slices.ContainsFunc(op.Hypotheses, func(h workspace.OperationHypothesis) bool {
		return anyName(calls(&h), k.Who.Personas) && !anyName(calls(&h), k.Who.Leading)
	})
}

// overclaims tells whether more is said than may be: a wrong actor or state is named, or one is too probable.
func overclaims(k *KnownOperation, op *workspace.Operation) bool {
	states, _ := k.states()
	if !personasRight(k, op) || op.Named && op.Hypotheses[0].Actor != "" && !leadingRight(k, op) {
		return true
	}
	most := slices.Index(words, k.Who.Most)
	return slices.ContainsFunc(op.States, func(s workspace.OperationState) bool {
		if slices.Contains(states, s.State) && k.Who.Of == "state" {
			return rank(s.Probability) > most
		}
		return !slices.Contains(states, s.State) && rank(s.Probability) > slices.Index(words, "roughly even chance")
	})
}

// answers grades measures and denials, and tells whether one is wrong.
func (w *operationWorld) answers(f *OperationFigures, k *KnownOperation, op *workspace.Operation) bool {
	wrong := false
	for _, m := range k.Measures {
		if !strings.Contains(m.Basis, "casebook") && !strings.Contains(m.Basis, "EuRepoC") {
			continue
		}
		if slices.ContainsFunc(op.Measures, func(got workspace.OperationMeasure) bool { return sameMeasure(m, got) }) {
			f.AnswersRight++
		} else {
			f.AnswersMissed++
			f.note(k.Key, "measure %s by %s of %s is missing", m.Kind, m.By, m.Date)
		}
	}
	casebook := len(k.Rows.Casebook) > 0
	for _, d := range k.DeniedBy {
		got := slices.ContainsFunc(op.DeniedBy, func(x workspace.OperationDenial) bool { return x.Who == d.Who })
		if got {
			f.AnswersRight++
		} else if casebook {
			f.AnswersMissed++
			f.note(k.Key, "denial by %s is missing", d.Who)
		}
	}
	for _, d := range k.NotDeniedBy {
		if slices.ContainsFunc(op.DeniedBy, func(x workspace.OperationDenial) bool { return x.Who == d.Who }) {
			f.AnswersWrong++
			wrong = true
			f.note(k.Key, "%s is said to deny it", d.Who)
		}
	}
	if !k.AnswerUnknown {
		for _, got := range op.Measures {
			if !slices.ContainsFunc(k.Measures, func(m KnownMeasure) bool { return sameMeasure(m, got) }) && got.Date != "" && len(got.By) > 0 {
				f.AnswersWrong++
				wrong = true
				f.note(k.Key, "measure %s by %v of %s is not known", got.Kind, got.By, got.Date)
			}
		}
	}
	return wrong
}

func sameMeasure(m KnownMeasure, got workspace.OperationMeasure) bool {
	n := min(len(m.Date), len(got.Date))
	return n >= 4 && m.Date[:n] == got.Date[:n] && slices.Contains(got.By, m.By)
}
