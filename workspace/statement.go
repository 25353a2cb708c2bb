package workspace

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/deter/statement"
	"marque/graph"
	"marque/internal/durable"
	"marque/internal/guard"
	"marque/ledger"
	"marque/ledger/witness"
	"marque/stix"
	"marque/store"
)

// Member is a signer as others need to know it: a state with its key, the log that enters what it signs, and its witness, if it is one.
type Member struct {
	State   string `json:"state"`
	KeyID   string `json:"keyid"`
	Public  string `json:"public"` // 32 bytes in base64
	Log     string `json:"log"`    // verifier key
	Witness string `json:"witness,omitempty"`
}

// signer is the importer of what states sign; these the ledger must hold.
const signer = "statement"

// signing is the key by which a workspace signs for a state.
type signing struct {
	State string `json:"state"`
	Seed  []byte `json:"seed"`
}

func (w *Workspace) signingFile() string { return w.path("statement", "key.json") }

// ErrNoSigningKey says that the workspace signs for nobody.
var ErrNoSigningKey = errors.New("this workspace signs for no state; marque statement key --state XX makes a key")

func (w *Workspace) signing() (*signing, error) {
	raw, err := os.ReadFile(w.signingFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoSigningKey
	}
	if err != nil {
		return nil, fmt.Errorf("key that signs: %w", err)
	}
	s := &signing{}
	if err := json.Unmarshal(raw, s); err != nil || len(s.Seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("key that signs: %s is damaged; restore it from a copy", w.signingFile()) // the cause might show the key
	}
	return s, nil
}

func (s *signing) key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(s.Seed) }

// SigningKey is the workspace as a member that signs for a state; the key is made where there is none. A key is of one state.
func (w *Workspace) SigningKey(ctx context.Context, state string) (*Member, error) {
	s, err := w.signing()
	if errors.Is(err, ErrNoSigningKey) && state != "" {
		s = &signing{State: strings.ToUpper(state), Seed: make([]byte, ed25519.SeedSize)}
		if _, err := rand.Read(s.Seed); err != nil {
			return nil, err
		}
		err = w.writeSecret(w.signingFile(), s)
	}
	if err != nil {
		return nil, err
	}
	if state != "" && !strings.EqualFold(state, s.State) {
		return nil, fmt.Errorf("this workspace signs for %s, and a key is of one state", s.State)
	}
	public, _ := s.key().Public().(ed25519.PublicKey)
	m := &Member{State: s.State, KeyID: statement.KeyID(public), Public: base64.StdEncoding.EncodeToString(public)}
	if err := w.books(ctx, func(l *ledger.Log) error { m.Log = l.Key(); return nil }); err != nil {
		return nil, err
	}
	if m.Witness, _, err = w.WitnessVerifierKey(); err != nil && !errors.Is(err, ErrNoWitness) {
		return nil, err
	}
	return m, nil
}

// DraftOptions say what a statement is on.
type DraftOptions struct {
	Operation string   // name or id
	Title     string   // empty: made from the operation's name
	Sentences []string // empty: made from the judgement
	Measures  []string // besides those that answer the operation, that it announces
	Level     stix.TLP // at which it is published; the text is made from what this level shows
	Reserve   []statement.Reservation
}

// Draft makes the text and the envelope of a statement on an operation in a folder, which is made. The text holds the operation, the
// judgement on it and its measures as the level of publication shows them; what the owner's judgement rests on stays here
// (statement/DIGEST.evidence.json), and the text has only its salted digest.
func (w *Workspace) Draft(ctx context.Context, folder string, o DraftOptions) ([]string, error) {
	s, err := w.Snapshot(ctx, View{Level: o.Level})
	if err != nil {
		return nil, err
	}
	op, err := s.Operation(o.Operation)
	if err != nil {
		return nil, err
	}
	as, err := s.judgeOperation(op.ID)
	if err != nil {
		return nil, err
	}
	if as == nil {
		return nil, fmt.Errorf("%s: nobody says who did it, so there is nothing to state", op.Name)
	}
	d, err := w.draft(ctx, s, op, as, o)
	if err != nil {
		return nil, err
	}
	evidence, err := w.evidenceOn(ctx, op.ID)
	if err != nil {
		return nil, err
	}
	if d.Evidence, err = evidence.Seal(); err != nil {
		return nil, err
	}
	text, envelope, err := d.Build()
	if err != nil {
		return nil, err
	}
	kept := w.path("statement", envelope.PayloadDigest()[:16]+".evidence.json")
	if err := w.writeSecret(kept, evidence); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(folder, "envelope.json")); err == nil {
		return nil, fmt.Errorf("%s holds a statement already; name another folder", folder)
	}
	return d.Sentences, writeDossier(folder, &statement.Dossier{Text: text, Envelope: envelope.Canonical()}, nil)
}

// draft puts the statement together from one level's view.
func (w *Workspace) draft(ctx context.Context, s *Snapshot, op *graph.Entity, as *claim.Assessment, o DraftOptions) (*statement.Draft, error) {
	lead := &as.Hypotheses[0]
	d := &statement.Draft{
		Title: o.Title, Sentences: o.Sentences, Published: w.now().UTC().Truncate(time.Second), Level: o.Level,
		Attribution: statement.Attribution{
			AsOf: w.now().UTC().Format(time.DateOnly), Confidence: as.Level, Responsible: s.responsible(lead), Reservations: o.Reserve,
		},
	}
	if d.Title == "" {
		d.Title = "Joint statement on " + op.Name
	}
	if len(d.Sentences) == 0 {
		d.Sentences = s.statementSentences(op, as)
	}
	ids := []stix.ID{op.ID}
	for _, m := range s.Graph.Measures() {
		named := slices.ContainsFunc(o.Measures, func(n string) bool {
			return string(m.ID) == n || strings.Contains(strings.ToLower(m.Name), strings.ToLower(n))
		})
		if named || slices.Contains(m.OperationRef, op.ID) {
			ids = append(ids, m.ID)
		}
	}
	object, err := stix.New(as)
	if err != nil {
		return nil, err
	}
	d.Objects = append(claim.Definitions(), object)
	return d, w.collectObjects(ctx, View{Level: o.Level}, ids, &d.Objects)
}

// collectObjects adds objects that a view shows, and the definitions of their markings.
func (w *Workspace) collectObjects(ctx context.Context, v View, ids []stix.ID, into *[]*stix.Object) error {
	r := w.Reader(v)
	for i := 0; i < len(ids); i++ {
		rec, err := r.Get(ctx, ids[i])
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("objects of the statement: %w", err)
		}
		*into = append(*into, rec.Object)
		for _, ref := range rec.MarkingRefs {
			if _, tlp := stix.MarkingLevel(ref); !tlp && !slices.Contains(ids, ref) {
				ids = append(ids, ref)
			}
		}
	}
	return nil
}

// responsible is whom the leading hypothesis names.
func (s *Snapshot) responsible(h *claim.Hypothesis) string {
	if h.Sponsor != "" {
		return s.Graph.CountryName(h.Sponsor)
	}
	if h.Actor != "" {
		return h.Actor
	}
	return "unknown"
}

// statementSentences are what the judgement lets one say, a sentence a line, each to sign or to reserve on.
func (s *Snapshot) statementSentences(op *graph.Entity, as *claim.Assessment) []string {
	lead := &as.Hypotheses[0]
	out := []string{fmt.Sprintf("We assess the operation known as %s.", op.Name)}
	if lead.Actor == "" && lead.Sponsor == "" || as.Abstained {
		return append(out, "Who is responsible is not established.")
	}
	out = append(out, fmt.Sprintf("%s (%s): %s.", strings.ToUpper(lead.Words[:1])+lead.Words[1:], percentOf(lead.Probability), lead.Statement))
	if lead.Sponsor != "" && lead.Responsibility != "" {
		out = append(out, fmt.Sprintf("%s stands behind it as %s.", s.Graph.CountryName(lead.Sponsor), strings.ReplaceAll(lead.Responsibility, "-", " ")))
	}
	out = append(out, fmt.Sprintf("Analytic confidence is %s: %s", as.Level, strings.TrimRight(as.Reason, ".")+"."))
	for _, d := range as.Denials {
		if d.Kind != claim.NoComment {
			out = append(out, d.By+" denies it.")
		}
	}
	for i, line := range out {
		out[i] = strings.Join(strings.Fields(line), " ")
	}
	return out
}

func percentOf(p float64) string { return fmt.Sprintf("%.0f %%", 100*p) }

// evidenceOn lists what the owner's judgement on an operation rests on.
func (w *Workspace) evidenceOn(ctx context.Context, op stix.ID) (*statement.Evidence, error) {
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return nil, err
	}
	as, err := s.judgeOperation(op)
	if err != nil {
		return nil, err
	}
	var objects []*stix.Object
	if as != nil {
		ids := s.restsOn(as)
		slices.Sort(ids)
		if err := w.collectObjects(ctx, Owner(), slices.DeleteFunc(slices.Compact(ids), func(id stix.ID) bool { return id == "" }), &objects); err != nil {
			return nil, err
		}
	}
	return statement.NewEvidence(objects, rand.Reader)
}

// WitnessAt is a witness to ask: where it answers, and its verifier key.
type WitnessAt struct{ URL, Key string }

// SignOptions say how a signature is entered.
type SignOptions struct {
	Witnesses []WitnessAt
	// AllowPrivate lets witnesses answer on this machine or in a private network.
	AllowPrivate bool
	Reserve      []statement.Reservation // of Cosign: sentences that the state does not share
	On           string                  // day of a withdrawal
	Reason       string                  // of a withdrawal
}

// Entered tells what became of a signature.
type Entered struct {
	State    string   `json:"state"`
	Log      string   `json:"log"`
	Entry    int64    `json:"entry"`
	Cosigned int      `json:"cosigned"`         // by how many witnesses
	Failed   []string `json:"failed,omitempty"` // what witnesses answered that did not
}

// Sign signs a statement's envelope for the workspace's state, enters it in the ledger and has the head cosigned. What others signed
// before is kept as an earlier envelope, with its proofs.
func (w *Workspace) Sign(ctx context.Context, folder string, o SignOptions) (*Entered, error) {
	return w.onFolder(ctx, folder, o, func(d *statement.Dossier, s *signing) (*statement.Envelope, func(*statement.Proof), error) {
		before, err := statement.ParseEnvelope(d.Envelope)
		if err != nil {
			return nil, nil, err
		}
		after, err := before.Sign(s.key())
		if err != nil {
			return nil, nil, err
		}
		return after, func(p *statement.Proof) {
			if len(before.Signatures) > 0 {
				d.Earlier = append(d.Earlier, statement.Signed{Envelope: d.Envelope, Proofs: d.Proofs})
			}
			d.Envelope, d.Proofs = after.Canonical(), []*statement.Proof{p}
		}, nil
	})
}

// Cosign accedes to a statement that others signed, with reservations of its own: they are in what is signed, and cannot be taken from it.
func (w *Workspace) Cosign(ctx context.Context, folder string, o SignOptions) (*Entered, error) {
	return w.onFolder(ctx, folder, o, func(d *statement.Dossier, s *signing) (*statement.Envelope, func(*statement.Proof), error) {
		e, err := statement.ParseEnvelope(d.Envelope)
		if err != nil {
			return nil, nil, err
		}
		if len(e.Signatures) == 0 {
			return nil, nil, errors.New("nobody has signed it yet; marque statement sign does")
		}
		for i := range o.Reserve {
			o.Reserve[i].State = s.State
		}
		a, err := statement.Accede(d.Text, e, statement.Accession{On: w.now().UTC().Format(time.DateOnly), Reservations: o.Reserve})
		if err == nil {
			a, err = a.Sign(s.key())
		}
		if err != nil {
			return nil, nil, err
		}
		return a, func(p *statement.Proof) {
			d.Accessions = append(d.Accessions, statement.Signed{Envelope: a.Canonical(), Proofs: []*statement.Proof{p}})
		}, nil
	})
}

// WithdrawWord takes the state's word back from a day on; what was signed stays, and says so.
func (w *Workspace) WithdrawWord(ctx context.Context, folder string, o SignOptions) (*Entered, error) {
	if strings.TrimSpace(o.Reason) == "" {
		return nil, ErrReason
	}
	return w.onFolder(ctx, folder, o, func(d *statement.Dossier, s *signing) (*statement.Envelope, func(*statement.Proof), error) {
		e, err := statement.ParseEnvelope(d.Envelope)
		if err != nil {
			return nil, nil, err
		}
		x, err := statement.Withdraw(d.Text, e, statement.Withdrawal{On: o.On, Reason: o.Reason})
		if err == nil {
			x, err = x.Sign(s.key())
		}
		if err != nil {
			return nil, nil, err
		}
		return x, func(p *statement.Proof) {
			d.Withdrawals = append(d.Withdrawals, statement.Signed{Envelope: x.Canonical(), Proofs: []*statement.Proof{p}})
		}, nil
	})
}

// onFolder signs a document of a statement's folder, enters it, and writes the folder with it.
func (w *Workspace) onFolder(ctx context.Context, folder string, o SignOptions,
	sign func(*statement.Dossier, *signing) (*statement.Envelope, func(*statement.Proof), error),
) (*Entered, error) {
	key, err := w.signing()
	if err != nil {
		return nil, err
	}
	d, directory, err := statement.ReadFolder(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	e, put, err := sign(d, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	out := &Entered{State: key.State}
	level, err := statement.LevelOf(d.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	proof, err := w.enterEnvelope(ctx, e, level, o, out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	put(proof)
	return out, writeDossier(folder, d, directory)
}

// enterEnvelope enters an envelope in the ledger, has the head cosigned by the witnesses that answer, and proves it.
func (w *Workspace) enterEnvelope(ctx context.Context, e *statement.Envelope, level stix.TLP, o SignOptions, out *Entered) (*statement.Proof, error) {
	carrier, err := statement.Carrier(e)
	if err != nil {
		return nil, err
	}
	if err := w.enter(ctx, []*stix.Object{carrier}, func(ctx context.Context) error {
		_, err := w.put(ctx, signer, map[stix.TLP][]*stix.Object{level: {carrier}})
		return err
	}); err != nil {
		return nil, err
	}
	log, err := w.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	head := log.Head()
	policy, err := witness.NewPolicy(witness.Config{Log: []string{log.Key()}})
	if err != nil {
		return nil, err
	}
	opened, err := policy.Open(head, w.now())
	if err != nil {
		return nil, err
	}
	books := os.DirFS(w.path("ledger"))
	clients, err := o.clients()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cosigned, err := witness.Collect(ctx, head, clients, witness.ProverOf(witness.Tiles(books, opened.Tree)))
	if err != nil {
		out.Failed = strings.Split(err.Error(), "\n")
	}
	out.Log, out.Cosigned = opened.Origin, len(clients)-len(out.Failed)
	p, err := statement.Prove(books, cosigned, e)
	if err != nil {
		return nil, err
	}
	out.Entry = p.Index
	return p, nil
}

// patience is how long witnesses may take together.
const patience = time.Minute

func (o *SignOptions) clients() ([]*witness.Client, error) {
	var out []*witness.Client
	for _, at := range o.Witnesses {
		u, err := url.Parse(at.URL)
		if err != nil {
			return nil, fmt.Errorf("address of a witness: %w", err)
		}
		h, err := guard.Client(u, guard.Config{AllowPrivate: o.AllowPrivate})
		if err != nil {
			return nil, err
		}
		c, err := witness.NewClient(at.URL, at.Key, h)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// writeDossier writes a statement's files; those that are there are replaced.
func writeDossier(folder string, d *statement.Dossier, directory *statement.Envelope) error {
	for name, data := range d.Files(directory) {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := errors.Join(durable.MkdirAll(durable.OS, filepath.Dir(path), 0o755), durable.WriteFile(durable.OS, path, data, 0o644)); err != nil {
			return fmt.Errorf("write statement: %w", err)
		}
	}
	return nil
}

// Publish writes what belongs to a statement into another folder, with the directory, and nothing else that lies in the first. A statement that does
// not hold is refused.
func Publish(from, to string, directory *statement.Envelope, policy *statement.Policy, now time.Time) (*statement.Result, error) {
	d, _, err := statement.ReadFolder(os.DirFS(from))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	r := statement.Verify(d, policy, nil, now)
	if !r.Holds() {
		return r, nil
	}
	if entries, err := os.ReadDir(to); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s: is not empty; what lies there would be published too", to)
	}
	return r, writeDossier(to, d, directory)
}

// AddTo adds a member to a directory: its key, its log, its witness. What is there already stays. Another member's log of the same name is
// an error: keys of one name are keys of one log.
func (m *Member) AddTo(d *statement.Directory) error {
	name, _, _ := strings.Cut(m.Log, "+")
	for _, l := range d.Logs {
		if other, _, _ := strings.Cut(l, "+"); other == name && l != m.Log && !slices.ContainsFunc(d.Keys, func(k statement.DirectoryKey) bool { return k.ID == m.KeyID }) {
			return fmt.Errorf("the log of %s is called %q, as another member's is; give each instance a name of its own (marque init --name)", m.State, name)
		}
	}
	if !slices.ContainsFunc(d.Keys, func(k statement.DirectoryKey) bool { return k.ID == m.KeyID }) {
		d.Keys = append(d.Keys, statement.DirectoryKey{ID: m.KeyID, State: m.State, Public: m.Public})
	}
	if !slices.Contains(d.Logs, m.Log) {
		d.Logs = append(d.Logs, m.Log)
	}
	if m.Witness != "" && !slices.Contains(d.Witnesses, m.Witness) {
		d.Witnesses = append(d.Witnesses, m.Witness)
	}
	return nil
}
